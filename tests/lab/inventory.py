"""Everything that the lab's API lists, as the vendor's client tells of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from oci.container_engine import ContainerEngineClient
from oci.core import ComputeClient, VirtualNetworkClient
from oci.load_balancer import LoadBalancerClient

from tests.lab.stack_kit import REGIONS, Lab

LISTS = {
    VirtualNetworkClient: (
        "vcns",
        "subnets",
        "internet_gateways",
        "nat_gateways",
        "service_gateways",
        "route_tables",
        "security_lists",
        "network_security_groups",
        "dhcp_options",
        "drgs",
        "drg_attachments",
        "remote_peering_connections",
        "public_ips",
    ),
    ComputeClient: ("instances", "vnic_attachments"),
    ContainerEngineClient: ("clusters", "node_pools"),
    LoadBalancerClient: ("load_balancers",),
}
GONE = {"TERMINATED", "DELETED", "DETACHED"}


def inventory(lab: Lab) -> dict[str, list[str]]:
    """The ids of everything, by region and list."""
    listed = {place: [str(one.id) for one in found] for place, found in _everything(lab).items()}
    return {place: ids for place, ids in listed.items() if ids}


def twice(lab: Lab) -> list[str]:
    """Names of the stack's own that more than one thing bears, and security rules alike."""
    found = []
    for place, listed in _everything(lab).items():
        own = (one for one in listed if (getattr(one, "freeform_tags", None) or {}).get("stack"))
        names = Counter(getattr(one, "display_name", None) or one.name for one in own)
        found += [f"{place}: {name}" for name, count in names.items() if count > 1]
    return found + _rules_twice(lab)


def _rules_twice(lab: Lab) -> list[str]:
    found = []
    for key in REGIONS:
        network = lab.client(VirtualNetworkClient, key)
        for group in network.list_network_security_groups(compartment_id=lab.compartment_id).data:
            rules = network.list_network_security_group_security_rules(group.id, limit=1000).data
            for rule in rules:
                rule.id = rule.time_created = None
            texts = Counter(map(str, rules))
            found += [f"{group.display_name}: {text}" for text, n in texts.items() if n > 1]
    return found


def _everything(lab: Lab) -> dict[str, list[Any]]:
    return {
        f"{key} {what}": _listed(lab.client(kind, key), what, lab.compartment_id)
        for key in REGIONS
        for kind, lists in LISTS.items()
        for what in lists
    }


def _listed(client: Any, what: str, compartment_id: str) -> list[Any]:
    more = {"scope": "REGION"} if what == "public_ips" else {}
    found = getattr(client, f"list_{what}")(compartment_id=compartment_id, **more).data
    return [one for one in found if one.lifecycle_state not in GONE]
