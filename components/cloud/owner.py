"""Freeform tags, which every taggable resource carries, so that a bill can be read by cluster."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

OWN_KEYS: Final = ("project", "stack", "mesh", "role", "cluster")
"""Keys of the tags that the program sets; users may not."""


class TagRole(StrEnum):
    """What a resource is for, as the value of the tag `role`."""

    NETWORK = "network"
    BACKBONE = "backbone"
    CLUSTER = "cluster"
    NODES = "nodes"
    ACCESS = "access"
    GATEWAY = "gateway"


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """Who a resource belongs to: the names and tags that everything of a stack shares."""

    project: str
    stack: str
    mesh: str
    extra: Mapping[str, str] = field(default_factory=dict)
    """Tags of the user's own; they never replace those of the program."""

    def tags(self, role: TagRole, cluster: str | None = None) -> dict[str, str]:
        """Return the tags of a resource; `cluster` is absent on what all clusters share."""
        own = {"project": self.project, "stack": self.stack, "mesh": self.mesh, "role": role.value}
        return {**self.extra, **own, **({"cluster": cluster} if cluster else {})}
