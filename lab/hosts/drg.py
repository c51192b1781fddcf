"""A DRG as a router: attachments to VCNs, peerings with other DRGs, and no transit.

What comes from a peering finds the attached VCNs only; what comes from a VCN finds both. So a
third region is reached only by a peering of its own, as with OCI's automatic route tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lab.hosts.addresses import link_name, namespace_name
from lab.hosts.fabric import FAR, MAIN, NEAR, End, Fabric, Route, Rule
from lab.hosts.network import DRG_LINK
from lab.hosts.spec import Drg, Peering, Vcn

PEERED = "200"
"""The routing table of what peers announce; packets from VCNs may use it."""


def add_drgs(
    fabric: Fabric,
    drgs: Sequence[Drg],
    *,
    peerings: Iterable[Peering],
    vcns: Sequence[Vcn],
) -> None:
    """Every DRG with its attachments and its peerings."""
    known = {drg.id for drg in drgs}
    for drg in drgs:
        space = fabric.namespace(namespace_name("drg", drg.id))
        space.forward()
        space.rules.add(Rule(priority=500, table=MAIN))
        for vcn in attached(vcns, drg.id):
            _attach(fabric, drg.id, vcn)
    for peering in peerings:
        if known.issuperset(peering.drg_ids):
            _peer(fabric, peering, vcns)


def attached(vcns: Iterable[Vcn], drg_id: str) -> list[Vcn]:
    """The VCNs attached to a DRG."""
    return [vcn for vcn in vcns if vcn.drg_id == drg_id]


def _attach(fabric: Fabric, drg_id: str, vcn: Vcn) -> None:
    name = namespace_name("drg", drg_id)
    link = link_name("a", drg_id, vcn.id)
    fabric.cable(
        End(name, link, (f"{NEAR}/64",)),
        End(namespace_name("vcn", vcn.id), DRG_LINK, (f"{FAR}/64",)),
    )
    space = fabric.namespace(name)
    space.rules.add(Rule(priority=1000, table=PEERED, interface=link))
    for cidr in vcn.cidrs:
        space.add_route(Route(cidr, link, via=FAR))


def _peer(fabric: Fabric, peering: Peering, vcns: Sequence[Vcn]) -> None:
    first, second = sorted(peering.drg_ids)
    link = link_name("r", first, second)
    fabric.cable(
        End(namespace_name("drg", first), link, (f"{NEAR}/64",)),
        End(namespace_name("drg", second), link, (f"{FAR}/64",)),
    )
    for here, there, hop in ((first, second, FAR), (second, first, NEAR)):
        space = fabric.namespace(namespace_name("drg", here))
        for vcn in attached(vcns, there):
            for cidr in vcn.cidrs:
                space.add_route(Route(cidr, link, via=hop, table=PEERED))
