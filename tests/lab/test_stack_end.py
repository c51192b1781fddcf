"""The end of the stack and of the lab; the last of all tests, in this order."""

from __future__ import annotations

from typing import Any

import pytest
from oci.container_engine import ContainerEngineClient
from oci.core import ComputeClient, VirtualNetworkClient
from oci.load_balancer import LoadBalancerClient

from tests.lab.machine import traces
from tests.lab.stack_kit import REGIONS, Lab

pytestmark = pytest.mark.lab

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
    """The names of everything that the API lists, by region and list."""
    return {
        f"{key} {what}": names
        for key in REGIONS
        for kind, lists in LISTS.items()
        for client in (lab.client(kind, key),)
        for what in lists
        if (names := _names(client, what, lab.compartment_id))
    }


def _names(client: Any, what: str, compartment_id: str) -> list[str]:
    more = {"scope": "REGION"} if what == "public_ips" else {}
    found = getattr(client, f"list_{what}")(compartment_id=compartment_id, **more).data
    return [str(one.id) for one in found if one.lifecycle_state not in GONE]


def test_the_inventory_sees_every_kind_of_the_stack(lab: Lab) -> None:
    seen = {name.split()[1] for name in inventory(lab)}
    assert seen == {name for names in LISTS.values() for name in names}


def test_a_destroyed_stack_leaves_an_empty_inventory(lab: Lab) -> None:
    said = lab("destroy")
    assert said.code == 0, said.text
    assert inventory(lab) == {}


def test_down_leaves_a_clean_machine_and_keeps_the_state(lab: Lab) -> None:
    said = lab("down")
    assert said.code == 0, said.text
    assert traces(lab.paths) == []
    assert {"cloud.json", "state-pulumi", "passphrase"} <= {
        file.name for file in lab.paths.last.iterdir()
    }
    assert not lab.paths.cloud_state.exists()
