"""How much a build has to compile, and how far it has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LINK = 1_500_000
"""What linking a program takes, as the bytes of source that are compiled in the same time."""

ENOUGH = 0.05
"""The part of the work that must have been done before it says how long the rest takes."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package of Go sources."""

    module: str
    """Its module with the version; the same package of two versions is compiled twice."""
    size: int
    imports: tuple[str, ...]


class Work:
    """What some module groups have to compile; a package that two of them share counts once.

    The compiler tells what it begins with, and nothing of what it finds in its cache. So whatever
    a package imports counts as done when the package itself is begun.
    """

    def __init__(self, groups: Mapping[str, Mapping[str, Package]], programs: int) -> None:
        self._groups = groups
        self._sizes = {
            (path, package.module): package.size
            for packages in groups.values()
            for path, package in packages.items()
        }
        self._undone = set(self._sizes)
        self._begun: set[tuple[str, str]] = set()
        self._done = self._compiled = 0
        self._linked: dict[str, int] = {}
        self.total = sum(self._sizes.values()) + LINK * programs

    def begins(self, group: str, path: str) -> None:
        """Notes that the compiler begins a package of a group."""
        package = self._groups[group].get(path)
        if package is not None:
            self._begun.add((path, package.module))
            self._finish(group, package.imports)

    def links(self, group: str, programs: int) -> None:
        """Notes how many programs of a group have been linked."""
        self._linked[group] = programs

    def ends(self, group: str) -> None:
        """Notes that all of a group has been compiled."""
        self._finish(group, self._groups[group])

    def _finish(self, group: str, paths: Iterable[str]) -> None:
        packages, todo = self._groups[group], list(paths)
        while todo:
            path = todo.pop()
            package = packages.get(path)
            # What a package imports has been counted with it.
            if package is None or (key := (path, package.module)) not in self._undone:
                continue
            self._undone.remove(key)
            self._done += package.size
            self._compiled += package.size if key in self._begun else 0
            todo += package.imports

    @property
    def part(self) -> float:
        """The part that is done, from 0 to 1; what was there before counts too."""
        return (self._done + self._links) / self.total

    def seconds_left(self, elapsed: float) -> float | None:
        """How long the rest takes at the pace so far; None while there is too little to tell."""
        own = self._compiled + self._links
        if own < ENOUGH * self.total:
            return None
        return elapsed * (1 - self.part) * self.total / own

    @property
    def _links(self) -> int:
        return LINK * sum(self._linked.values())
