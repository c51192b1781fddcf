"""What a program under mocks did: the record that tests ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """One request to register, or read, a resource."""

    type: str
    name: str
    urn: str
    parent: str
    provider: str
    inputs: Mapping[str, Any]
    """Plain values; a secret is shown as its value and listed in `secrets`."""
    secrets: frozenset[str]
    """The top-level inputs that are, or hold, a secret."""
    dependencies: frozenset[str]
    """URNs of what is waited for: by `depends_on` and by an input."""
    custom: bool
    is_read: bool
    options: Mapping[str, Any] = field(default_factory=dict)
    """The resource options that were set, by the engine's names."""

    @property
    def provider_urn(self) -> str:
        """The URN of the provider that manages it; empty for a component."""
        return self.provider.rpartition("::")[0]


@dataclass(kw_only=True, slots=True)
class Deployment:
    """What a program registered, looked up and exported."""

    resources: list[Registered] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    """Function token, arguments and provider of every invoke."""
    exports: dict[str, Any] = field(default_factory=dict)
    secret_exports: frozenset[str] = frozenset()
    outputs: dict[str, tuple[dict[str, Any], frozenset[str]]] = field(default_factory=dict)
    """By URN of a component: the outputs that it registered, and which of them are secret."""

    def of(self, type_: str) -> list[Registered]:
        """Return the resources of a type, in order of their names."""
        found = (resource for resource in self.resources if resource.type == type_)
        return sorted(found, key=lambda resource: resource.name)

    def one(self, type_: str, name: str) -> Registered:
        """Return the resource of that type and name; there is exactly one."""
        found = [resource for resource in self.of(type_) if resource.name == name]
        assert len(found) == 1, f"{len(found)} of {type_} {name}: {self.names(type_)}"
        return found[0]

    def names(self, type_: str) -> list[str]:
        """Return the names of the resources of a type, sorted."""
        return [resource.name for resource in self.of(type_)]

    def urns(self) -> list[str]:
        """Return the URN of every resource, sorted."""
        return sorted(resource.urn for resource in self.resources)
