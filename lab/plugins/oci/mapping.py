"""Between Pulumi properties and the SDK's models, by the models' own type information."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType
from typing import Any

from lab.plugins.base.errors import PluginError
from lab.plugins.oci.names import attribute_of
from sdks.schema import Shape, Type
from sdks.values import Properties, Value

LIST = re.compile(r"list\[(.*)\]")
DICT = re.compile(r"dict\(str, (.*)\)")
NAMESPACED = "dict(str, dict(str, object))"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapper:
    """Maps the values of one service."""

    models: ModuleType
    types: Mapping[str, Shape]
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Attribute by property name where the two differ."""

    def attributes(self, model: str) -> dict[str, str]:
        """The attributes of a model with their types."""
        swagger: dict[str, str] = getattr(self.models, model)().swagger_types
        return swagger

    def attribute(self, model: str, name: str) -> str | None:
        return attribute_of(name, self.attributes(model), self.renamed)

    def to_model(self, model: str, values: Properties, *, partial: bool = False) -> Any:
        """An instance of the model; a property that it does not have is refused.

        A partial one, for an update, leaves out nested properties that the API cannot change:
        had they changed, the resource would be replaced.
        """
        model = self._subtype(model, values)
        made = getattr(self.models, model)()
        for name, value in values.items():
            if value is None:
                continue
            attribute = self.attribute(model, name)
            if attribute is None:
                raise PluginError(f"{name}: the API has no such field in {model}")
            kind = made.swagger_types[attribute]
            setattr(made, attribute, self._to_api(kind, value, partial=partial))
        return made

    def known(self, model: str, values: Properties) -> Properties:
        """The values that the model has a field for."""
        model = self._subtype(model, values)
        return {name: v for name, v in values.items() if self.attribute(model, name) is not None}

    def _subtype(self, model: str, values: Properties) -> str:
        """The concrete model of a polymorphic one, by its discriminator."""
        cls = getattr(self.models, model)
        if not hasattr(cls, "get_subtype"):
            return model
        blank = cls()
        wire = {
            blank.attribute_map[attribute]: value
            for name, value in values.items()
            if (attribute := self.attribute(model, name)) is not None
        }
        return str(cls.get_subtype(wire))

    def _to_api(self, kind: str, value: Value, *, partial: bool) -> Any:
        if found := LIST.fullmatch(kind):
            return [self._to_api(found[1], item, partial=partial) for item in value]
        if kind == NAMESPACED:
            return nest_tags(value)
        if found := DICT.fullmatch(kind):
            inner = found[1]
            return {k: self._to_api(inner, item, partial=partial) for k, item in value.items()}
        if kind in SCALARS:
            return SCALARS[kind](value)
        kept = self.known(kind, value) if partial else value
        return self.to_model(kind, kept, partial=partial)

    def to_properties(self, shape: Shape, model: Any) -> Properties:
        """The properties of a shape that the model carries."""
        found: Properties = {}
        for name, item in shape.items():
            attribute = attribute_of(name, model.swagger_types, self.renamed)
            value = None if attribute is None else getattr(model, attribute)
            if value is not None:
                found[name] = self._from_api(item.type, value)
        return found

    def _from_api(self, kind: Type, value: Any) -> Value:
        match kind:
            case ["list", inner]:
                items = value if isinstance(value, list) else [value]
                return [self._from_api(inner, item) for item in items]
            case ["map", inner]:
                flat = flatten_tags(value)
                return {key: self._from_api(inner, item) for key, item in flat.items()}
            case ["ref", str(key)]:
                return self.to_properties(self.types[key], value)
            case ["union", first, *_]:
                return self._from_api(first, value)
        return _scalar(kind, value)


def nest_tags(flat: Mapping[str, Value]) -> dict[str, dict[str, Value]]:
    """Defined tags as the API has them: `{"ns.key": v}` becomes `{"ns": {"key": v}}`."""
    nested: dict[str, dict[str, Value]] = {}
    for name, value in flat.items():
        namespace, _, key = name.partition(".")
        if not key:
            raise PluginError(f"definedTags: must be `namespace.key`, got {name!r}")
        nested.setdefault(namespace, {})[key] = value
    return nested


def flatten_tags(value: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for namespace, item in value.items():
        if isinstance(item, Mapping):
            flat |= {f"{namespace}.{key}": inner for key, inner in item.items()}
        else:
            flat[namespace] = item
    return flat


def _scalar(kind: Type, value: Any) -> Value:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip(".") + " +0000 UTC"
    return _text(value) if kind == "str" else value


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


SCALARS: Mapping[str, Callable[[Value], Value]] = {
    "int": int,
    "float": float,
    "bool": lambda value: value in (True, "true"),
    "str": _text,
    "datetime": _text,
    "object": lambda value: value,
}
