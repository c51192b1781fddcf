"""What a package's SDK says about its resources and functions, as plain values that cache well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Type: TypeAlias = str | list[Any]
"""A scalar's name (`str`, `bool`, `int`, `float`, `any`, `asset`), or `[kind, ...]`:
`["list", T]`, `["map", T]`, `["ref", key]`, `["union", T, ...]`."""


@dataclass(frozen=True, slots=True)
class Property:
    """One input or output, under its wire name."""

    type: Type
    required: bool = False
    updatable: bool = False
    """Marked "(Updatable)" in the SDK's documentation; only some vendors write that."""
    secret: bool = False


Shape: TypeAlias = dict[str, Property]


@dataclass(frozen=True, slots=True)
class ResourceSchema:
    """A resource type; `token` is what a program registers it by."""

    token: str
    inputs: Shape
    outputs: Shape
    """Everything a program can read, the inputs among it."""

    @property
    def computed(self) -> frozenset[str]:
        """The outputs that are no inputs: nobody knows them before the resource exists."""
        return frozenset(self.outputs) - frozenset(self.inputs)

    @property
    def secrets(self) -> frozenset[str]:
        """Outputs that are always secret."""
        return frozenset(name for name, item in self.outputs.items() if item.secret)


@dataclass(frozen=True, slots=True)
class FunctionSchema:
    """A function, such as a lookup; `required` is not known to every SDK."""

    token: str
    inputs: Shape
    outputs: Shape


@dataclass(frozen=True, slots=True)
class PackageSchema:
    """The part of a package that a plugin serves."""

    name: str
    version: str
    config: ResourceSchema
    resources: Mapping[str, ResourceSchema] = field(default_factory=dict)
    functions: Mapping[str, FunctionSchema] = field(default_factory=dict)
    types: Mapping[str, Shape] = field(default_factory=dict)
    """Nested objects by the key that a `ref` names."""

    def to_json(self) -> dict[str, Any]:
        """The schema as JSON can hold it."""
        return {
            "name": self.name,
            "version": self.version,
            "config": _entity_to_json(self.config),
            "resources": [_entity_to_json(item) for item in self.resources.values()],
            "functions": [_entity_to_json(item) for item in self.functions.values()],
            "types": {key: _shape_to_json(shape) for key, shape in self.types.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PackageSchema:
        """The schema that `to_json` wrote."""
        resources = [ResourceSchema(**_entity_from_json(item)) for item in data["resources"]]
        functions = [FunctionSchema(**_entity_from_json(item)) for item in data["functions"]]
        return cls(
            name=data["name"],
            version=data["version"],
            config=ResourceSchema(**_entity_from_json(data["config"])),
            resources={item.token: item for item in resources},
            functions={item.token: item for item in functions},
            types={key: _shape_from_json(shape) for key, shape in data["types"].items()},
        )


def _entity_to_json(item: ResourceSchema | FunctionSchema) -> dict[str, Any]:
    return {
        "token": item.token,
        "inputs": _shape_to_json(item.inputs),
        "outputs": _shape_to_json(item.outputs),
    }


def _entity_from_json(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "token": data["token"],
        "inputs": _shape_from_json(data["inputs"]),
        "outputs": _shape_from_json(data["outputs"]),
    }


def _shape_to_json(shape: Shape) -> dict[str, Any]:
    return {
        name: [item.type, int(item.required), int(item.updatable), int(item.secret)]
        for name, item in shape.items()
    }


def _shape_from_json(data: Mapping[str, Any]) -> Shape:
    return {
        name: Property(kind, bool(required), bool(updatable), bool(secret))
        for name, (kind, required, updatable, secret) in data.items()
    }
