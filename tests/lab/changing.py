"""Changes of the running stack while everybody goes on asking."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from lab.stack import STACK
from tests.lab.record import note
from tests.lab.stack_kit import KEYS, Lab
from tests.lab.stream import Answers, traffic

log = logging.getLogger(__name__)

Seen = TypeVar("Seen")

PATIENCE_SECONDS = 90

LEAST_A_SECOND = 5
"""Of each client and each gateway. Twelve are asked for, which two processors do not give beside an
update; fewer than these would show little."""


def up(lab: Lab, folder: Path, at: Sequence[str], *, to: Any) -> None:
    """An update with one setting changed, which must succeed."""
    update(lab, "--config-file", str(lab.changed_settings(folder, at, to)))


def update(lab: Lab, *words: str) -> None:
    """An update, which must succeed."""
    said = lab.pulumi("up", "--yes", "--skip-preview", "--stack", STACK, *words)
    assert said.code == 0, said.text


@contextmanager
def described(lab: Lab, file: Path) -> Iterator[None]:
    """The stack as a file of settings has it, and afterwards as it was."""
    changed = ("--config-file", str(file))
    # It ends with the verification, so the samples, both gateways and what crosses still answer.
    update(lab, *changed)
    again = lab.pulumi("preview", "--expect-no-changes", "--stack", STACK, *changed)
    assert again.code == 0, again.text
    yield
    update(lab)


@contextmanager
def nobody_fails(
    lab: Lab, clients: Sequence[str] = KEYS, through: Sequence[str] = KEYS
) -> Iterator[Mapping[str, Answers]]:
    """Requests from clusters and through gateways; not one may fail meanwhile."""
    with traffic(lab, clients, through=through) as streams:
        yield streams
        rates = {name: answers.a_second for name, answers in streams.items()}
        note(streams)
    for name, answers in streams.items():
        log.info("%s: %d answers, %.1f a second", name, answers.count, rates[name])
        for fault in answers.failed:
            log.info("%s failed %s", name, fault)
    assert {name: answers.failed for name, answers in streams.items() if answers.failed} == {}
    assert min(rates.values()) > LEAST_A_SECOND


def until(streams: Mapping[str, Answers], versions: set[str]) -> None:
    for answers in streams.values():
        answers.until(versions)


def becomes(see: Callable[[], Seen], wanted: Callable[[Seen], bool]) -> Seen:
    """What is seen, waited for until it is what is wanted: istiod tells its proxies in a moment."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            seen = see()
            if wanted(seen):
                return seen
        except OSError:
            if time.monotonic() > deadline:
                raise
        else:
            assert time.monotonic() < deadline, seen
        time.sleep(1)


def urns(lab: Lab) -> list[str]:
    """Of all resources in the stack's state."""
    state = json.loads(lab.pulumi("stack", "export", "--stack", STACK).out)
    return [resource["urn"] for resource in state["deployment"]["resources"]]
