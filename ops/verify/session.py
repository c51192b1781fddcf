"""What all stages of one verification share: how to ask, how long to wait, where to tell."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from ops.verify.document import Mesh
from ops.verify.kubectl import Kubectl
from ops.verify.progress import Progress

PAUSE_SECONDS: Final = 2.0
# Each call is a process of its own; more at a time would only wait for each other.
_AT_ONCE: Final = 16

Item = TypeVar("Item")
Seen = TypeVar("Seen")


class Deadline:
    """The end of all waiting, with a sixth of it for each stage that begins late.

    Asking itself takes minutes in a large mesh, and what is asked last may be on its way as well.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._least = seconds / 6

    def settle(self, observe: Callable[[], Seen], is_settled: Callable[[Seen], bool]) -> Seen:
        """Observe until it is settled; at the end of waiting return the last that was seen."""
        seen = observe()
        end = max(self._end, time.monotonic() + self._least)
        while not is_settled(seen) and time.monotonic() + PAUSE_SECONDS <= end:
            time.sleep(PAUSE_SECONDS)
            seen = observe()
        return seen


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """One verification under way."""

    mesh: Mesh
    kubectl: Kubectl
    requests: int
    deadline: Deadline
    progress: Progress


def for_each(items: Iterable[Item], work: Callable[[Item], Seen]) -> list[Seen]:
    """Return what `work` gives for each item, done side by side."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(work, items))


def together(*works: Callable[[], Seen]) -> list[Seen]:
    """Return what each of the works gives, done side by side."""
    return for_each(works, lambda work: work())
