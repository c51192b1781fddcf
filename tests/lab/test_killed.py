"""An update that is killed at any moment: the next one ends well, and nothing is there twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.paths import LabPaths
from tests.lab import stack_kit
from tests.lab.inventory import inventory, twice
from tests.lab.killing import kill
from tests.lab.stack_kit import Lab, Said

UP = (1, 230)
"""Steps that have begun: from the first network to the verification."""
DESTROY = (1, 180)


@pytest.fixture(scope="module")
def empty(checkout: LabPaths) -> Iterator[Lab]:
    """A lab without anything in its cloud."""
    started = stack_kit.lab(checkout, "up")
    assert started.code == 0, started.text
    yield Lab(checkout, started, "")
    stack_kit.lab(checkout, "down")


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What was killed and what became of it; `--capture=no` shows it."""
    lines: list[str] = []
    yield lines
    print("\n".join(lines))  # noqa: T201 what a failure is understood by


def ends_well(lab: Lab, operation: str, told: list[str]) -> Said:
    said = lab(operation)
    told += [operation, *said.err.splitlines()]
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


@pytest.mark.lab_all
def test_after_a_kill_up_and_destroy_end_well(empty: Lab, told: list[str]) -> None:
    told.append(str(kill(empty.paths, "deploy", seed=0, within=UP)))
    check_up(empty, told)
    check_gone(empty, told)


@pytest.mark.lab_all
@pytest.mark.parametrize("seed", range(1, 21))
def test_after_each_of_twenty_kills_of_up_it_ends_well(
    empty: Lab, told: list[str], seed: int
) -> None:
    told.append(str(kill(empty.paths, "deploy", seed=seed, within=UP)))
    check_up(empty, told)
    check_gone(empty, told)


@pytest.mark.lab_all
@pytest.mark.parametrize("seed", range(101, 111))
def test_after_each_of_ten_kills_of_destroy_it_ends_well(
    empty: Lab, told: list[str], seed: int
) -> None:
    check_up(empty, told)
    told.append(str(kill(empty.paths, "destroy", seed=seed, within=DESTROY)))
    check_gone(empty, told)
