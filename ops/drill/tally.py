"""What the requests of one place came to, in the order of their answers; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """How one request ended."""

    at: float
    """When it was known here, on a clock that only goes forward."""
    seconds: float
    """How long it took."""
    fault: str = ""
    """Why it failed; empty if it did not."""


@dataclass(kw_only=True, slots=True)
class Tally:
    """The requests from one client or through one gateway; filled by several threads."""

    place: str
    answers: list[Answer] = field(default_factory=list)
    breaks: list[str] = field(default_factory=list)
    """Why nothing could be asked for a moment, which is nobody's failed request."""

    def latest(self, count: int, since: float) -> Sequence[Answer]:
        """Return the last answers so far, at most so many, and none from before a moment."""
        return [answer for answer in self.answers[-count:] if answer.at >= since]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What a place saw from a moment on."""

    place: str
    requests: int
    failed: int
    slowest: float | None
    """Seconds; None without any request."""
    recovery: float | None
    """Seconds from that moment to the first good answer after the last failed request; None if none
    failed, or if no good one came any more."""
    is_answered: bool
    """Whether the last request was answered."""
    last_fault: str
    breaks: tuple[str, ...]


def row(tally: Tally, since: float) -> Row:
    """Return what a place saw from the moment `since` on."""
    seen = [answer for answer in tally.answers if answer.at >= since]
    failed = [number for number, answer in enumerate(seen) if answer.fault]
    after = seen[failed[-1] + 1 :] if failed else []
    return Row(
        place=tally.place,
        requests=len(seen),
        failed=len(failed),
        slowest=max((answer.seconds for answer in seen), default=None),
        recovery=after[0].at - since if after else None,
        is_answered=bool(seen) and not seen[-1].fault,
        last_fault=seen[failed[-1]].fault if failed else "",
        breaks=tuple(tally.breaks),
    )
