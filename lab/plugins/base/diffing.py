"""Compares inputs: which paths changed, and which of these force a replacement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from sdks.values import Path, Properties, Unknown, Value, render_path


class Kind(Enum):
    """What happened to a property."""

    ADD = "ADD"
    DELETE = "DELETE"
    UPDATE = "UPDATE"


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One changed path."""

    path: Path
    kind: Kind
    replace: bool = False
    is_input: bool = True
    """Between old and new inputs; else between the old state and the new inputs."""


@dataclass(frozen=True, slots=True)
class Diff:
    """What an update would change; empty means that none is needed."""

    changes: Sequence[PropertyChange] = ()

    @property
    def replaces(self) -> bool:
        return any(change.replace for change in self.changes)


ForcesReplace = Callable[[Path], bool]


def compare(
    old: Properties,
    new: Properties,
    forces: ForcesReplace,
    *,
    unordered: Callable[[Path], bool] = lambda path: False,
) -> list[PropertyChange]:
    """Every change between two sets of inputs.

    `forces` tells whether a path replaces, `unordered` whether the list at a path is a set.
    """
    return [
        PropertyChange(path=path, kind=kind, replace=forces(path))
        for path, kind in _Comparison(unordered).changes(old, new, ())
    ]


@dataclass(frozen=True, slots=True)
class _Comparison:
    unordered: Callable[[Path], bool]

    def changes(self, old: Value, new: Value, path: Path) -> Iterator[tuple[Path, Kind]]:
        if isinstance(old, dict) and isinstance(new, dict):
            keys = sorted(old.keys() | new.keys())
            yield from self._members([(k, old.get(k), new.get(k)) for k in keys], path)
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._members(_aligned(old, new, is_set=self.unordered(path)), path)
        elif _differ(old, new):
            yield path, Kind.UPDATE

    def _members(
        self, pairs: Sequence[tuple[str | int, Value, Value]], path: Path
    ) -> Iterator[tuple[Path, Kind]]:
        for key, old, new in pairs:
            here = (*path, key)
            if old is None and new is not None:
                yield here, Kind.ADD
            elif old is not None and new is None:
                yield here, Kind.DELETE
            elif old is not None:
                yield from self.changes(old, new, here)


def _differ(old: Value, new: Value) -> bool:
    # In Python, True equals 1; to a program they are two values.
    return isinstance(new, Unknown) or old != new or isinstance(old, bool) != isinstance(new, bool)


def _aligned(
    old: list[Value], new: list[Value], *, is_set: bool
) -> list[tuple[str | int, Value, Value]]:
    """The elements to compare with each other; equal ones of a set find each other first."""
    if not is_set:
        return [(i, _at(old, i), _at(new, i)) for i in range(max(len(old), len(new)))]
    rest = list(enumerate(old))
    fresh: list[int] = []
    for index, item in enumerate(new):
        twin = next((entry for entry in rest if entry[1] == item), None)
        if twin is None:
            fresh.append(index)
        else:
            rest.remove(twin)
    changed = [(index, was[1], new[index]) for index, was in zip(fresh, rest, strict=False)]
    added = [(index, None, new[index]) for index in fresh[len(rest) :]]
    removed = [(index, item, None) for index, item in rest[len(fresh) :]]
    return [*changed, *added, *removed]


def _at(items: list[Value], index: int) -> Value:
    return items[index] if index < len(items) else None


def without_ignored(
    changes: Sequence[PropertyChange], ignored: Sequence[str]
) -> list[PropertyChange]:
    """The changes that are not under one of the paths that the program ignores."""
    return [change for change in changes if not _is_ignored(change.path, ignored)]


def _is_ignored(path: Path, ignored: Sequence[str]) -> bool:
    prefixes = {render_path(path[:length]) for length in range(1, len(path) + 1)}
    wildcards = {
        render_path(tuple("*" if isinstance(step, int) else step for step in path[:length]))
        for length in range(1, len(path) + 1)
    }
    return any(item in prefixes or item.replace("[*]", '["*"]') in wildcards for item in ignored)
