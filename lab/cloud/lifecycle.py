"""How a resource gets from one state to the next: at once, after polls, or with the hosts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class By(StrEnum):
    """What ends a state that passes."""

    POLLS = "polls"
    HOSTS = "hosts"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lifecycle:
    """The rule for one passing state."""

    by: By
    polls: int = 0
    """How many reads still show the passing state."""


def immediate() -> Lifecycle:
    return Lifecycle(by=By.POLLS)


def polls(count: int) -> Lifecycle:
    """The next state shows after so many reads, so that a client which does not wait is caught."""
    return Lifecycle(by=By.POLLS, polls=count)


def hosts() -> Lifecycle:
    """The next state comes when the machines are as the resource says."""
    return Lifecycle(by=By.HOSTS)


@dataclass(kw_only=True, slots=True)
class Pending:
    """A passing state of a field of a resource and what it turns into."""

    field: str
    to: str
    rule: Lifecycle
    reads: int = 0

    def seen(self) -> bool:
        """Counts a read; true when the next state is due."""
        if self.rule.by is By.HOSTS:
            return False
        self.reads += 1
        return self.reads > self.rule.polls
