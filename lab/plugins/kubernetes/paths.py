"""The part of JSONPath that wait-for annotations use: steps, indexes, wildcards and filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lab.plugins.base.errors import PluginError
from lab.plugins.base.values import Value

Step = Callable[[Value], Iterator[Value]]

_STEP = re.compile(
    r"""
    \.(?P<name>[A-Za-z0-9_\-]+|\*)          # .name, .*
    | \.\['(?P<dotted>[^']+)'\]             # .['a.b/c']
    | \[(?P<quote>['"])(?P<key>.+?)(?P=quote)\]
    | \[(?P<index>-?\d+|\*)\]
    | \[\?\(@\.(?P<field>[A-Za-z0-9_.\-]+)\s*==\s*(?P<q>['"])(?P<value>.*?)(?P=q)\)\]
    """,
    re.VERBOSE,
)


class PathError(PluginError):
    """An expression that is not of the supported form."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A path, and the value that it must have; without one it must only be there."""

    text: str
    steps: tuple[Step, ...]
    first: str | None
    """The top-level field that the path begins with."""
    wanted: str | None

    def select(self, document: Value) -> list[Value]:
        """Everything that the path leads to."""
        found = [document]
        for step in self.steps:
            found = [item for value in found for item in step(value)]
        return found

    def matches(self, document: Value) -> bool:
        found = self.select(document)
        if self.wanted is None:
            return bool(found)
        return bool(found) and _text(found[0]) == self.wanted


def parse_jsonpath(text: str) -> Expression:
    """`{.status.phase}=Running`, or `{.data.token}` alone."""
    match = re.fullmatch(r"\{\s*\$?(?P<path>.*?)\s*\}(?:=(?P<value>.*))?", text, re.DOTALL)
    if match is None:
        raise PathError(
            f"jsonpath: must be {{.path}} or {{.path}}=value, without shell quotes, got {text!r}"
        )
    wanted = match["value"]
    if wanted == "":
        raise PathError(f"jsonpath: a value must follow the equals sign, got {text!r}")
    steps, first = _parse_steps(match["path"], text)
    return Expression(text, steps, first, wanted)


def _parse_steps(path: str, text: str) -> tuple[tuple[Step, ...], str | None]:
    steps: list[Step] = []
    first: str | None = None
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise PathError(f"jsonpath: not understood from {path[position:]!r}, got {text!r}")
        if not steps:
            first = match["name"] or match["dotted"] or match["key"]
        steps.append(_step(match))
        position = match.end()
    if not steps:
        raise PathError(f"jsonpath: names no field, got {text!r}")
    return tuple(steps), None if first == "*" else first


def _step(match: re.Match[str]) -> Step:
    if match["field"]:
        return _filter(match["field"].split("."), match["value"])
    if "*" in (match["name"], match["index"]):
        return _every
    if match["index"]:
        return _item(int(match["index"]))
    return _member(match["name"] or match["dotted"] or match["key"])


def _member(name: str) -> Step:
    def step(value: Value) -> Iterator[Value]:
        if isinstance(value, dict) and name in value:
            yield value[name]

    return step


def _item(index: int) -> Step:
    def step(value: Value) -> Iterator[Value]:
        if isinstance(value, list) and -len(value) <= index < len(value):
            yield value[index]

    return step


def _every(value: Value) -> Iterator[Value]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _filter(field: list[str], wanted: str) -> Step:
    def step(value: Value) -> Iterator[Value]:
        for item in value if isinstance(value, list) else ():
            found = item
            for name in field:
                found = found.get(name) if isinstance(found, dict) else None
            if found is not None and _text(found) == wanted:
                yield item

    return step


def _text(value: Value) -> str:
    """As Go prints it, which is what the annotation's author compares with."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
