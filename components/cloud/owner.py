"""Who a resource belongs to: its name in the console, which sorts by owner, and its tags."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from components.errors import NamingError

# OCI's limit for display names, and OKE's for cluster and node pool names,
# https://docs.oracle.com/iaas/api/#/en/containerengine/latest/datatypes/CreateClusterDetails
DISPLAY_NAME_LIMIT: Final = 255

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
    NOTICES = "notices"


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """The names and tags that everything of a stack shares."""

    project: str
    stack: str
    mesh: str
    extra: Mapping[str, str] = field(default_factory=dict)
    """Tags of the user's own; they never replace those of the program."""
    defined: Mapping[str, str] = field(default_factory=dict)
    """Defined tags by `namespace.key`; see `defined_tags`."""

    def title(self, *parts: str) -> str:
        """Return the display name made of `parts`, such as `oke-mesh-dev-fra-vcn`.

        Raises:
            NamingError: it is longer than OCI takes.
        """
        name = "-".join((self.project, self.stack, *parts))
        if len(name) > DISPLAY_NAME_LIMIT:
            raise NamingError(
                f"{name!r}: is longer than the {DISPLAY_NAME_LIMIT} letters that OCI takes, "
                f"got {len(name)}; shorten the stack's name or the cluster's key"
            )
        return name

    def tags(self, role: TagRole, cluster: str | None = None) -> dict[str, str]:
        """Return freeform tags, so that a bill can be read by cluster.

        `cluster` is absent on what all clusters share.
        """
        own = {"project": self.project, "stack": self.stack, "mesh": self.mesh, "role": role.value}
        return {**self.extra, **own, **({"cluster": cluster} if cluster else {})}

    @property
    def defined_tags(self) -> dict[str, str] | None:
        """Return the defined tags of everything.

        None where there are none: an empty map would take away what the tenancy sets by itself.
        """
        return dict(self.defined) or None
