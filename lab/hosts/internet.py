"""The lab's internet: one router between the machine and the VCNs' internet gateways."""

from __future__ import annotations

from lab.hosts.addresses import (
    CLIENT_ADDRESS,
    INTERNET,
    MANAGEMENT_ADDRESS,
    MANAGEMENT_LINK,
    MANAGEMENT_PEER,
    PUBLIC_RANGE,
    ROOT,
    SITES_ADDRESS,
    UPLINK_RANGE,
    link_name,
    uplink_address,
)
from lab.hosts.fabric import FAR, NEAR, End, Fabric, Route
from lab.paths import SITES_PORT

UPLINK = "up0"
"""The VCN's side of its link to the internet."""
TABLE = "ip okm_sites"
_INSIDE = "root0"
_HTTPS = 443


def add_internet(fabric: Fabric) -> None:
    """The router, and the machine's link to it."""
    fabric.cable(
        End(ROOT, MANAGEMENT_LINK, (f"{MANAGEMENT_ADDRESS}/30", f"{CLIENT_ADDRESS}/32")),
        End(INTERNET, _INSIDE, (f"{MANAGEMENT_PEER}/30",)),
    )
    machine = fabric.namespace(ROOT)
    # Seen from the cloud the machine is a stranger: its clients must not come from the
    # management address, which the firewalls let pass.
    for destination, source in ((PUBLIC_RANGE, CLIENT_ADDRESS), (UPLINK_RANGE, None)):
        machine.add_route(Route(destination, MANAGEMENT_LINK, via=MANAGEMENT_PEER, source=source))
    internet = fabric.namespace(INTERNET)
    internet.forward()
    internet.add_route(Route(f"{CLIENT_ADDRESS}/32", _INSIDE, via=MANAGEMENT_ADDRESS))
    # The machine itself may have something on this port, so the lab listens on another one.
    there = f"{MANAGEMENT_ADDRESS}:{SITES_PORT}"
    internet.tables[TABLE] = (
        "chain inward {\n"
        "type nat hook prerouting priority -100;\n"
        f"ip daddr {SITES_ADDRESS} tcp dport {_HTTPS} dnat to {there}\n"
        "}"
    )


def add_uplink(fabric: Fabric, vcn_namespace: str, number: int) -> None:
    """A VCN's link to the internet, with its NAT address."""
    address = f"{uplink_address(number)}/32"
    port = link_name("u", vcn_namespace)
    fabric.cable(
        End(INTERNET, port, (f"{NEAR}/64",)), End(vcn_namespace, UPLINK, (f"{FAR}/64", address))
    )
    fabric.namespace(INTERNET).add_route(Route(address, port, via=FAR))


def add_public_address(fabric: Fabric, vcn_namespace: str, address: str) -> None:
    """Leads a public address to the VCN that holds it."""
    fabric.namespace(INTERNET).add_route(
        Route(f"{address}/32", link_name("u", vcn_namespace), via=FAR)
    )
