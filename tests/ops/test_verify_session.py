"""How long is waited for what is on its way."""

from __future__ import annotations

import time

import pytest

from ops.verify.session import Deadline, together


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which passes by sleeping only."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", sleep)
    return now


def settled_at(clock: list[float], deadline: Deadline, moment: float) -> bool:
    """Whether something that is good from a moment on is seen to be good."""
    return deadline.settle(lambda: clock[0] >= moment, lambda is_good: is_good)


def test_what_is_good_is_not_waited_for(clock: list[float]) -> None:
    assert settled_at(clock, Deadline(120), 0)
    assert clock == [0]


def test_what_is_on_its_way_is_waited_for(clock: list[float]) -> None:
    assert settled_at(clock, Deadline(120), 100)
    assert clock == [100]


def test_what_does_not_come_is_told_at_the_end(clock: list[float]) -> None:
    assert not settled_at(clock, Deadline(120), 200)
    assert clock == [120]


def test_what_begins_after_the_end_is_waited_for_a_while(clock: list[float]) -> None:
    """Asking takes minutes in a large mesh, which leaves nothing of the time to later stages."""
    deadline = Deadline(120)
    clock[0] = 300
    assert settled_at(clock, deadline, 315)
    assert not settled_at(clock, deadline, 400)
    assert clock == [336]


def test_without_a_time_nothing_is_asked_twice(clock: list[float]) -> None:
    assert not settled_at(clock, Deadline(0), 1)
    assert clock == [0]


def test_works_are_done_together_and_give_their_results_in_order() -> None:
    assert together(lambda: "a", lambda: "b") == ["a", "b"]
