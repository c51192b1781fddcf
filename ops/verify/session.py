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
    """The end of all waiting."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def settle(self, observe: Callable[[], Seen], is_settled: Callable[[Seen], bool]) -> Seen:
        """Observe until it is settled; at the end of waiting return the last that was seen."""
        while True:
            seen = observe()
            if is_settled(seen) or time.monotonic() + PAUSE_SECONDS > self._end:
                return seen
            time.sleep(PAUSE_SECONDS)


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
