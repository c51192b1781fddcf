"""Judges inputs by a schema: what is not known, missing or of the wrong type, with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sdks.schema import Shape, Type
from sdks.values import Asset, Path, Properties, Unknown, Value, render_path

SCALARS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int, float),
    "float": (int, float),
    "asset": (Asset,),
}
NAMES = {
    "str": "a string",
    "bool": "a boolean",
    "int": "an integer",
    "float": "a number",
    "asset": "an asset",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One input at fault; `property` is a path as the engine writes it."""

    property: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks values against shapes; `types` resolves nested ones."""

    types: Mapping[str, Shape]

    def failures(self, shape: Shape, values: Properties) -> list[Failure]:
        """Every fault of the values, in the order of their paths."""
        found = self._object(shape, values, ())
        return sorted(found, key=lambda failure: failure.property)

    def _object(self, shape: Shape, values: Properties, path: Path) -> Iterator[Failure]:
        for name, value in values.items():
            here = (*path, name)
            if name not in shape:
                yield Failure(render_path(here), f"unknown property; known are {_known(shape)}")
            elif value is not None:
                yield from self._value(shape[name].type, value, here)
        for name, item in shape.items():
            if item.required and values.get(name) is None:
                yield Failure(render_path((*path, name)), "required property is missing")

    def _value(self, kind: Type, value: Value, path: Path) -> Iterator[Failure]:
        if isinstance(value, Unknown) or kind == "any":
            return
        if isinstance(kind, str):
            if not _is_scalar(kind, value):
                yield _mismatch(path, NAMES[kind], value)
            return
        yield from self._compound(kind, value, path)

    def _compound(self, kind: list[Type], value: Value, path: Path) -> Iterator[Failure]:
        match kind:
            case ["list", item]:
                yield from self._list(item, value, path)
            case ["map", item]:
                yield from self._map(item, value, path)
            case ["ref", str(key)]:
                if isinstance(value, dict):
                    yield from self._object(self.types[key], value, path)
                else:
                    yield _mismatch(path, "an object", value)
            case ["union", *members]:
                results = [list(self._value(member, value, path)) for member in members]
                yield from min(results, key=len)

    def _list(self, item: Type, value: Value, path: Path) -> Iterator[Failure]:
        if not isinstance(value, list):
            yield _mismatch(path, "a list", value)
            return
        for index, element in enumerate(value):
            if element is not None:
                yield from self._value(item, element, (*path, index))

    def _map(self, item: Type, value: Value, path: Path) -> Iterator[Failure]:
        if not isinstance(value, dict):
            yield _mismatch(path, "a map", value)
            return
        for key, element in value.items():
            if element is not None:
                yield from self._value(item, element, (*path, key))


def _is_scalar(kind: str, value: Value) -> bool:
    if isinstance(value, bool):
        return kind == "bool"
    if kind == "int" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, SCALARS[kind])


def _mismatch(path: Path, wanted: str, value: Value) -> Failure:
    # The value itself may be a secret; its type is enough to find the fault.
    return Failure(render_path(path), f"must be {wanted}, got {type(value).__name__}")


def _known(shape: Shape) -> str:
    return ", ".join(sorted(shape)) or "none"
