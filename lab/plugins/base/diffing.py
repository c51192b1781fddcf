"""Compares inputs: which paths changed, and which of these force a replacement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from lab.plugins.base.values import Path, Properties, Unknown, Value, render_path


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
    delete_before_replace: bool = False
    stables: Sequence[str] = field(default=())
    """Outputs that an update leaves as they are."""

    @property
    def replaces(self) -> bool:
        return any(change.replace for change in self.changes)


ForcesReplace = Callable[[Path], bool]


def compare(old: Properties, new: Properties, forces: ForcesReplace) -> list[PropertyChange]:
    """Every change between two sets of inputs; `forces` tells whether a path replaces."""
    return [
        PropertyChange(path=path, kind=kind, replace=forces(path))
        for path, kind in _changes(old, new, ())
    ]


def _changes(old: Value, new: Value, path: Path) -> Iterator[tuple[Path, Kind]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _member(old.get(key), new.get(key), (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _member(_at(old, index), _at(new, index), (*path, index))
    elif isinstance(new, Unknown) or old != new or isinstance(old, bool) != isinstance(new, bool):
        yield path, Kind.UPDATE


def _member(old: Value, new: Value, path: Path) -> Iterator[tuple[Path, Kind]]:
    if old is None and new is not None:
        yield path, Kind.ADD
    elif old is not None and new is None:
        yield path, Kind.DELETE
    elif old is not None:
        yield from _changes(old, new, path)


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


def project(inputs: Properties, live: Properties) -> Properties:
    """The inputs with the live values of what they name: drift shows, defaults do not.

    An input that the live state does not carry at all (a write-only one) stays as it is. A list in
    another order is no drift; one of another length is taken whole.
    """
    return {
        key: _project(value, live[key]) if key in live else value for key, value in inputs.items()
    }


def _project(inputs: Value, live: Value) -> Value:
    if isinstance(inputs, dict) and isinstance(live, dict):
        return {key: _project(value, live.get(key)) for key, value in inputs.items()}
    if isinstance(inputs, list) and isinstance(live, list):
        return _project_list(inputs, live)
    return live


def _project_list(inputs: list[Value], live: list[Value]) -> list[Value]:
    if len(inputs) != len(live):
        return live
    if sorted(map(repr, inputs)) == sorted(map(repr, live)):
        return inputs
    return [_project(old, new) for old, new in zip(inputs, live, strict=True)]
