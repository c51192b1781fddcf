"""A VNIC: a cable from its owner's namespace into the bridge of its subnet."""

from __future__ import annotations

from dataclasses import replace

from lab.hosts.addresses import gateway, link_name, with_prefix
from lab.hosts.fabric import End, Fabric, Route
from lab.hosts.network import Place
from lab.hosts.spec import Vnic

PRIMARY = "eth0"


def add_vnic(fabric: Fabric, owner: str, vnic: Vnic, *, place: Place) -> None:
    """The owner's first VNIC, with its default route."""
    plug(fabric, End(owner, PRIMARY, (with_prefix(vnic.private_ip, place.subnet.cidr),)), place)
    space = fabric.namespace(owner)
    space.firewall[PRIMARY] = vnic.rules
    space.add_route(Route("0.0.0.0/0", PRIMARY, via=gateway(place.subnet.cidr)))


def add_address(fabric: Fabric, owner: str, address: str) -> None:
    """One more address of the owner itself, which its subnet does not lead to."""
    links = fabric.namespace(owner).links
    links[PRIMARY] = replace(links[PRIMARY], addresses=(*links[PRIMARY].addresses, address))


def plug(fabric: Fabric, end: End, place: Place) -> None:
    """Plugs an end into a subnet; another address or subnet makes it another cable."""
    port = link_name("v", end.namespace, end.name, place.subnet.id, *end.addresses)
    fabric.cable(end, End(place.namespace, port, master=place.bridge))
