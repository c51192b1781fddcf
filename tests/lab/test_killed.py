"""An update that is killed at any moment: the next one ends well, and nothing is there twice."""

from __future__ import annotations

import getpass
import re
import socket
import sys
import time
from collections.abc import Iterator

import pytest

from lab.paths import LabPaths
from lab.stack import STACK
from tests.lab import stack_kit
from tests.lab.inventory import inventory, twice
from tests.lab.killing import kill, kill_early
from tests.lab.stack_kit import Lab, Said, run

STEPS = 290
"""Of an update from nothing, as of a destruction of everything."""
RECOVERS_SECONDS = 20.0
"""In the first seconds of what follows a kill it recovers."""


@pytest.fixture(scope="module")
def running(checkout: LabPaths) -> Iterator[Lab]:
    started = stack_kit.lab(checkout, "up")
    assert started.code == 0, started.text
    yield Lab(checkout, started, "")
    stack_kit.lab(checkout, "down")


@pytest.fixture
def empty(running: Lab) -> Iterator[Lab]:
    """A lab without anything in its cloud, whatever became of the test before."""
    yield running
    if inventory(running):
        for command in ("down", "up"):
            assert running(command).code == 0


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What was killed and what became of it; `--capture=no` shows it."""
    lines: list[str] = []
    yield lines
    print("\n".join(lines))  # noqa: T201 what a failure is understood by


def ends_well(lab: Lab, operation: str, told: list[str]) -> Said:
    begun = time.monotonic()
    said = lab(operation)
    told += [f"{operation}: {time.monotonic() - begun:.0f} s", *said.err.splitlines()]
    assert said.code == 0, said.text
    return said


def check_up(lab: Lab, told: list[str]) -> None:
    assert "oke-mesh: verified\n" in ends_well(lab, "deploy", told).out
    assert twice(lab) == []
    said = lab("preview", "--expect-no-changes")
    assert said.code == 0, said.text


def check_gone(lab: Lab, told: list[str]) -> None:
    ends_well(lab, "destroy", told)
    assert inventory(lab) == {}


def check_second_person(lab: Lab) -> None:
    """By whichever way somebody starts a second update, they are told who is at work."""
    who = f"{getpass.getuser()}@{socket.gethostname()}"
    recover = (sys.executable, "-m", "ops", "recover", "--stack", STACK, "--yes")
    for said, told in (
        (lab("deploy"), r"error: stack lab: `up`, process \d+, since [\d:]+, is under way; wait"),
        (
            lab.pulumi("up", "--yes", "--skip-preview", "--stack", STACK),
            rf"created by {who} \(pid ",
        ),
        (run(lab.paths, *recover), rf"an update is under way, by {who}, process \d+, since "),
    ):
        assert said.code, said.text
        assert re.search(told, said.text), said.text


@pytest.mark.lab_all
def test_after_a_kill_up_and_destroy_end_well(empty: Lab, told: list[str]) -> None:
    def meanwhile() -> None:
        check_second_person(empty)

    told.append(str(kill(empty.paths, "deploy", seed=0, steps=STEPS, meanwhile=meanwhile)))
    check_up(empty, told)
    check_gone(empty, told)


@pytest.mark.lab_all
@pytest.mark.parametrize("seed", range(1, 21))
def test_after_each_of_twenty_kills_of_up_and_ten_of_destroy_both_end_well(
    empty: Lab, told: list[str], seed: int
) -> None:
    told.append(str(kill(empty.paths, "deploy", seed=seed, steps=STEPS)))
    check_up(empty, told)
    if seed % 2 == 0:
        told.append(str(kill(empty.paths, "destroy", seed=100 + seed, steps=STEPS)))
        check_up(empty, told)
    check_gone(empty, told)


@pytest.mark.lab_all
@pytest.mark.parametrize("seed", range(201, 205))
def test_what_recovers_is_killed_as_well(empty: Lab, told: list[str], seed: int) -> None:
    told.append(str(kill(empty.paths, "deploy", seed=seed, steps=STEPS)))
    told.append(str(kill_early(empty.paths, "deploy", seed=seed, seconds=RECOVERS_SECONDS)))
    check_up(empty, told)
    told.append(str(kill(empty.paths, "destroy", seed=100 + seed, steps=STEPS)))
    told.append(str(kill_early(empty.paths, "destroy", seed=100 + seed, seconds=RECOVERS_SECONDS)))
    check_gone(empty, told)
