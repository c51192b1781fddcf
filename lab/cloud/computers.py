"""An instance as a computer: what its metadata service tells it, and what it finds outside."""

from __future__ import annotations

import json

from lab.cloud.authority import SITES, endpoint_zones
from lab.cloud.core.records import Instance, Node
from lab.cloud.ids import TENANCY_ID, region_code
from lab.cloud.principals import Principals
from lab.hosts.spec import Computer

_STOPPED = frozenset({"STOPPING", "STOPPED"})
_SERVICES = ("auth", "containerengine", "iaas", "identity")


class Computers:
    """Describes the computers of instances; nodes of pools are machines of another kind."""

    def __init__(self, principals: Principals, authorities_pem: str) -> None:
        self._principals = principals
        self._authorities_pem = authorities_pem
        endpoints = (f"{name}.{zone}" for zone in endpoint_zones() for name in _SERVICES)
        self._sites = (*SITES, *endpoints)

    def describe(self, instance: Instance) -> Computer | None:
        """The computer of an instance."""
        if isinstance(instance, Node):
            return None
        return Computer(
            name=_hostname(instance),
            is_running=instance.lifecycle_state not in _STOPPED,
            documents={
                "instance": json.dumps(_document(instance)),
                **self._principals.identity(instance.id),
            },
            sites=self._sites,
            authorities_pem=self._authorities_pem,
        )


def _hostname(instance: Instance) -> str:
    """As the vendor makes one of the display name: letters, digits and hyphens."""
    text = "".join(c if c.isalnum() and c.isascii() else "-" for c in instance.display_name)
    return text.strip("-").lower()[:63] or "instance"


def _document(instance: Instance) -> dict[str, object]:
    return {
        "id": instance.id,
        "displayName": instance.display_name,
        "hostname": _hostname(instance),
        "compartmentId": instance.compartment_id,
        "tenantId": TENANCY_ID,
        "region": region_code(instance.region),
        "canonicalRegionName": instance.region,
        "availabilityDomain": instance.availability_domain,
        "faultDomain": instance.fault_domain,
        "shape": instance.shape,
        "image": instance.image_id or "",
        "metadata": instance.metadata,
    }
