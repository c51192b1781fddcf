"""What is counted of the requests of a drill."""

from __future__ import annotations

from ops.drill.tally import Answer, Row, Tally, row


def tally(*answers: tuple[float, float, str]) -> Tally:
    found = [Answer(at=at, seconds=seconds, fault=fault) for at, seconds, fault in answers]
    return Tally(place="from primary", answers=found)


def of(found: Row) -> tuple[int, int, float | None, float | None, bool]:
    return found.requests, found.failed, found.slowest, found.recovery, found.is_answered


def test_what_was_before_does_not_count() -> None:
    found = row(tally((1, 9.0, "HTTP 503"), (2, 0.1, ""), (3, 0.2, "")), since=2)
    assert of(found) == (2, 0, 0.2, None, True)


def test_recovery_is_the_first_good_answer_after_the_last_that_failed() -> None:
    answers = ((11, 0.1, ""), (12, 5.0, "reset"), (13, 0.1, ""), (14, 0.3, "HTTP 503"))
    found = row(tally(*answers, (16.5, 0.1, ""), (17, 0.1, "")), since=10)
    assert of(found) == (6, 2, 5.0, 6.5, True)
    assert found.last_fault == "HTTP 503"


def test_what_is_not_answered_any_more_has_not_recovered() -> None:
    found = row(tally((11, 0.1, ""), (12, 0.1, "HTTP 503")), since=10)
    assert of(found) == (2, 1, 0.1, None, False)


def test_a_place_that_was_not_asked_has_no_answer() -> None:
    assert of(row(tally(), since=10)) == (0, 0, None, None, False)
