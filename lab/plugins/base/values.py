"""Property values between the engine's wire form and plain Python.

Resources work on plain dicts; what JSON cannot say is one of the small classes here. Secrets are
taken off before a resource sees its inputs and put back, by path, on what it answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from sdks.schema import Shape, Type
from sdks.values import UNKNOWN, Asset, Path, Properties, Unknown, Value

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's mark, not a password
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
# The engine has one mark of "not known yet" for each kind of value.
UNKNOWN_MARKS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
UNKNOWN_MARK = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# The engine's own additions to a provider's inputs; no plugin defines them.
ENGINE_INPUTS = frozenset({"version", "pluginDownloadURL", "__internal"})


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that the engine must encrypt in the state and hide on the screen."""

    value: Value

    def __repr__(self) -> str:
        return "<secret>"


def decode(struct: Struct) -> Properties:
    """The properties of a message, with marks turned into the classes above."""
    return {key: _decode(value) for key, value in MessageToDict(struct).items()}


def _decode(value: Value) -> Value:
    if isinstance(value, str):
        return UNKNOWN if value in UNKNOWN_MARKS else value
    if isinstance(value, float) and value.is_integer():
        # The wire has one kind of number; a port written as 80.0 helps nobody.
        return int(value)
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if isinstance(value, dict):
        if SIGNATURE in value:
            return _decode_marked(value)
        return {key: _decode(item) for key, item in value.items()}
    return value


def _decode_marked(value: Properties) -> Value:
    mark = value[SIGNATURE]
    if mark == SECRET:
        return Secret(_decode(value.get("value")))
    if mark in (ASSET, ARCHIVE):
        return Asset(value)
    if mark == RESOURCE:
        return _decode(value.get("id") or value["urn"])
    if mark == OUTPUT:
        known = _decode(value["value"]) if "value" in value else UNKNOWN
        return Secret(known) if value.get("secret") else known
    raise ValueError(f"property value: signature not known, got {mark!r}; upgrade the plugin")


def encode(properties: Mapping[str, Value]) -> Struct:
    """The message for some properties; None at the top level means "not there"."""
    plain = {key: _encode(value) for key, value in properties.items() if value is not None}
    return ParseDict(plain, Struct())


def _encode(value: Value) -> Value:
    if isinstance(value, Unknown):
        return UNKNOWN_MARK
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "value": _encode(value.value)}
    if isinstance(value, Asset):
        return dict(value.fields)
    if isinstance(value, Mapping):
        return {key: _encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encode(item) for item in value]
    return value


def reveal(value: Value) -> tuple[Value, frozenset[Path]]:
    """The value without its secret marks, and the paths where they were."""
    paths: set[Path] = set()

    def take(item: Value, path: Path) -> Value:
        while isinstance(item, Secret):
            paths.add(path)
            item = item.value
        return item

    return _rebuild(value, (), take), frozenset(paths)


def conceal(value: Value, paths: frozenset[Path]) -> Value:
    """The value with a secret mark at each path that it has."""
    if not paths:
        return value
    if isinstance(value, dict):
        return {key: _concealed(item, key, paths) for key, item in value.items()}
    if isinstance(value, list):
        return [_concealed(item, index, paths) for index, item in enumerate(value)]
    return value


def _concealed(item: Value, key: str | int, paths: frozenset[Path]) -> Value:
    inner = frozenset(path[1:] for path in paths if path[:1] == (key,))
    if () in inner:
        return item if isinstance(item, Secret) or item is None else Secret(item)
    return conceal(item, inner)


def _rebuild(value: Value, path: Path, visit: Callable[[Value, Path], Value]) -> Value:
    value = visit(value, path)
    if isinstance(value, dict):
        return {key: _rebuild(item, (*path, key), visit) for key, item in value.items()}
    if isinstance(value, list):
        return [_rebuild(item, (*path, index), visit) for index, item in enumerate(value)]
    return value


def has_unknown(value: Value) -> bool:
    """Whether any part of the value is not known yet."""
    return any(isinstance(item, Unknown) for item in walk(value))


def walk(value: Value) -> Iterator[Value]:
    """The value and everything in it."""
    yield value
    if isinstance(value, Secret):
        yield from walk(value.value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


def parse_config(shape: Shape, values: Properties) -> Properties:
    """A provider's inputs with their types: the wire carries anything but a string as JSON."""
    return {
        name: _parse(shape[name].type, value) if name in shape else value
        for name, value in values.items()
        if name not in ENGINE_INPUTS
    }


def _parse(kind: Type, value: Value) -> Value:
    if kind == "str" or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
