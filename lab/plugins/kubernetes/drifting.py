"""What changed behind the program's back: inputs with the live values that differ from the record.

An API server writes a quantity, a port or a default in its own way. What counts as drift is
therefore a live value unlike the *recorded* one (the outputs of the last operation), and only
below the fields that the program sets.
"""

from __future__ import annotations

import base64

from lab.plugins.base.values import Properties, Value

IDENTIFYING = ("name", "key", "containerPort", "port", "ip", "type")


def drifted(inputs: Value, recorded: Value, live: Value) -> Value:
    """The inputs, with each drifted field as it is now and each vanished one left out."""
    if live == recorded:
        return inputs
    if isinstance(inputs, dict) and isinstance(live, dict):
        old = recorded if isinstance(recorded, dict) else {}
        return {
            key: drifted(value, old.get(key), live.get(key))
            for key, value in inputs.items()
            if key in live or old.get(key) is None
        }
    if isinstance(inputs, list) and isinstance(live, list):
        return _drifted_list(inputs, recorded if isinstance(recorded, list) else [], live)
    return inputs if live is None else live


def drifted_object(inputs: Properties, recorded: Properties, live: Properties) -> Properties:
    """`drifted` for a whole object; a Secret's `stringData` is compared with its `data`."""
    seen: Properties = drifted(inputs, _with_strings(recorded), _with_strings(live))
    # The identity is how the object was found; a default namespace need not be in the inputs.
    return {**seen, "apiVersion": inputs.get("apiVersion"), "kind": inputs.get("kind")}


def _drifted_list(inputs: list[Value], recorded: list[Value], live: list[Value]) -> list[Value]:
    if field := _identifying_field(inputs):
        # Matched by the field that tells them apart: others may insert items of their own.
        old, now = _by(field, recorded), _by(field, live)
        return [
            drifted(item, old.get(_key(field, item)), now[_key(field, item)])
            for item in inputs
            if _key(field, item) in now
        ]
    if len(inputs) != len(live) or len(recorded) != len(live):
        return live
    return [drifted(*items) for items in zip(inputs, recorded, live, strict=True)]


def _by(field: str, items: list[Value]) -> dict[str, Value]:
    return {_key(field, item): item for item in items if isinstance(item, dict)}


def _key(field: str, item: Value) -> str:
    # The engine's numbers are floating, a server's are not: 80.0 and 80 are the same port.
    value = item.get(field)
    return str(float(value)) if isinstance(value, int | float) else str(value)


def _identifying_field(items: list[Value]) -> str | None:
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    for field in IDENTIFYING:
        values = {_key(field, item) for item in items if field in item}
        if len(values) == len(items):
            return field
    return None


def _with_strings(document: Properties) -> Properties:
    if document.get("kind") != "Secret":
        return document
    data = document.get("data") or {}
    return {**document, "stringData": {key: _text(value) for key, value in data.items()}}


def _text(value: Value) -> Value:
    try:
        return base64.b64decode(value).decode()
    except (ValueError, TypeError):
        return value
