"""Request bodies checked against the types of the vendor's own SDK.

The SDK's models know every field, its type, whether it is required and its allowed values;
so the lab refuses what the real service would, without a second description of the API.
"""

from __future__ import annotations

import re
from functools import cache
from types import ModuleType
from typing import Any

from lab.cloud.errors import invalid, missing
from lab.cloud.records import Json

_PLAIN: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "datetime": (str,),
    "date": (str,),
}


def checked(models: ModuleType, model: str, body: Json) -> Json:
    """The body without its nulls, or the error the vendor's service would give."""
    return _object(models, model, body, path="")


def _object(models: ModuleType, model: str, body: object, *, path: str) -> Json:
    if not isinstance(body, dict):
        raise invalid(f"{path or 'body'} must be an object.")
    cls = getattr(models, model)
    if hasattr(cls, "get_subtype"):
        cls = getattr(models, cls.get_subtype(body))
    fields = _fields(cls)
    result: Json = {}
    for name, value in body.items():
        where = f"{path}.{name}" if path else name
        if name not in fields:
            raise invalid(f"{where} is not a property of {cls.__name__}.")
        if value is not None:
            result[name] = _value(models, fields[name], value, path=where)
    _allowed(cls, result, path)
    for name in _required(cls):
        if name not in result:
            raise missing(f"{path + '.' if path else ''}{name} may not be null or absent.")
    return result


def _value(models: ModuleType, kind: str, value: object, *, path: str) -> Any:
    inner = re.fullmatch(r"list\[(.*)\]", kind)
    if inner:
        if not isinstance(value, list):
            raise invalid(f"{path} must be a list.")
        return [_value(models, inner[1], item, path=f"{path}[{n}]") for n, item in enumerate(value)]
    inner = re.fullmatch(r"dict\(str, (.*)\)", kind)
    if inner:
        if not isinstance(value, dict):
            raise invalid(f"{path} must be a map.")
        return {
            key: _value(models, inner[1], item, path=f"{path}.{key}") for key, item in value.items()
        }
    if kind == "object":
        return value
    if kind in _PLAIN:
        # bool is an int to Python and not to the vendor
        wrong_bool = isinstance(value, bool) and kind != "bool"
        if wrong_bool or not isinstance(value, _PLAIN[kind]):
            raise invalid(f"{path} must be of type {kind}, got {value!r}.")
        return value
    return _object(models, kind, value, path=path)


@cache
def _fields(cls: type) -> dict[str, str]:
    """JSON name and type of each field of an SDK model."""
    sample: Any = cls()
    return {name: sample.swagger_types[attr] for attr, name in sample.attribute_map.items()}


@cache
def _required(cls: type) -> tuple[str, ...]:
    """JSON names of the fields that the SDK's documentation marks as required."""
    sample: Any = cls()
    return tuple(
        name
        for attr, name in sample.attribute_map.items()
        if "**[Required]**" in (getattr(cls, attr).__doc__ or "")
    )


def _allowed(cls: type, body: Json, path: str) -> None:
    """Refuses values outside an enumeration: the SDK's setters know them."""
    sample: Any = cls()
    for attr, name in sample.attribute_map.items():
        if name not in body:
            continue
        try:
            setattr(sample, attr, body[name])
        except ValueError as fault:
            where = f"{path + '.' if path else ''}{name}"
            raise invalid(f"{where}: {fault}, got {body[name]!r}.") from fault
