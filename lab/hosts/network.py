"""A VCN as a router: a bridge and a routing table for each subnet, and its gateways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from lab.hosts.addresses import (
    MANAGEMENT_ADDRESS,
    gateway,
    link_name,
    namespace_name,
    table_number,
    uplink_address,
    with_prefix,
)
from lab.hosts.fabric import MAIN, NEAR, Fabric, Link, Route, Rule
from lab.hosts.internet import UPLINK, add_public_address, add_uplink
from lab.hosts.spec import Subnet, Target, Vcn, Vnic

DRG_LINK = "drg0"
TABLE = "ip okm_vcn"
_BRIDGE_OPTIONS = ("mcast_snooping", "0", "forward_delay", "0")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subnet lies."""

    vcn: Vcn
    subnet: Subnet

    @property
    def namespace(self) -> str:
        """The namespace of the VCN."""
        return namespace_name("vcn", self.vcn.id)

    @property
    def bridge(self) -> str:
        """The bridge of the subnet."""
        return bridge_name(self.subnet)

    @property
    def has_internet(self) -> bool:
        """Whether its route table leads anything to the internet gateway."""
        return any(rule.target is Target.INTERNET for rule in self.subnet.routes)


def bridge_name(subnet: Subnet) -> str:
    """The bridge of a subnet, in its VCN's namespace."""
    return link_name("s", subnet.id)


def places(vcns: Iterable[Vcn]) -> dict[str, Place]:
    """Every subnet by its id."""
    return {subnet.id: Place(vcn, subnet) for vcn in vcns for subnet in vcn.subnets}


def add_vcn(fabric: Fabric, vcn: Vcn, vnics: Iterable[Vnic], *, number: int) -> None:
    """The VCN's router; `number` picks its uplink's address, `vnics` are those in its subnets."""
    name = namespace_name("vcn", vcn.id)
    space = fabric.namespace(name)
    space.forward()
    # Frames within a subnet are the bridge's business, not the router's firewall's.
    space.settings["bridge/bridge-nf-call-iptables"] = "0"
    add_uplink(fabric, name, number)
    space.add_route(Route(f"{MANAGEMENT_ADDRESS}/32", UPLINK, via=NEAR))
    # Local routes come first for every subnet; what no table knows is unreachable, since
    # the main table has no default.
    space.rules.add(Rule(priority=500, table=MAIN))
    for subnet in vcn.subnets:
        _add_subnet(fabric, name, subnet, has_drg=vcn.drg_id is not None)
    public = _public_addresses(vcn, vnics)
    for address in public.values():
        add_public_address(fabric, name, address)
    if vcn.nat_address is not None:
        add_public_address(fabric, name, vcn.nat_address)
    space.tables[TABLE] = translation_body(vcn, uplink_address(number), public)


def _add_subnet(fabric: Fabric, name: str, subnet: Subnet, *, has_drg: bool) -> None:
    space = fabric.namespace(name)
    bridge = bridge_name(subnet)
    space.add_link(
        Link(
            name=bridge,
            kind="bridge",
            addresses=(with_prefix(gateway(subnet.cidr), subnet.cidr),),
            options=_BRIDGE_OPTIONS,
        )
    )
    table = str(table_number(subnet.id))
    space.rules.add(Rule(priority=1000, table=table, interface=bridge))
    for rule in subnet.routes:
        device: str | None = UPLINK
        if rule.target is Target.DRG:
            device = DRG_LINK if has_drg else None
        via = None if device is None else NEAR
        space.add_route(Route(rule.destination, device, via=via, table=table))


def _public_addresses(vcn: Vcn, vnics: Iterable[Vnic]) -> dict[str, str]:
    """Public addresses by private one, of VNICs whose subnet leads to the internet gateway."""
    found = places([vcn])
    return {
        vnic.private_ip: vnic.public_ip
        for vnic in vnics
        if vnic.public_ip is not None
        and vnic.subnet_id in found
        and found[vnic.subnet_id].has_internet
    }


def translation_body(vcn: Vcn, uplink: str, public: dict[str, str]) -> str:
    """The gateways' address translation, and a stop for addresses that must not leave.

    `uplink` stands for the VCN towards Oracle's services and the lab itself.
    """
    inward = [
        f'iifname "{UPLINK}" ip daddr {outer} dnat to {inner}' for inner, outer in public.items()
    ]
    outward = [f"ip daddr {MANAGEMENT_ADDRESS} snat to {uplink}"]
    nat = vcn.nat_address or uplink
    for subnet in vcn.subnets:
        outward += _subnet_translation(subnet, public, nat=nat, uplink=uplink)
    allowed = ", ".join(dict.fromkeys([uplink, nat, *public.values()]))
    return "\n".join(
        [
            "chain inward {",
            "type nat hook prerouting priority -100;",
            *inward,
            "}",
            "chain outward {",
            "type nat hook postrouting priority 100;",
            f'oifname != "{UPLINK}" accept',
            *outward,
            "}",
            "chain stop {",
            "type filter hook postrouting priority 150;",
            f'oifname "{UPLINK}" ip saddr != {{ {allowed} }} counter drop',
            "}",
        ]
    )


def _subnet_translation(
    subnet: Subnet, public: dict[str, str], *, nat: str, uplink: str
) -> list[str]:
    """Most specific destinations first, as its route table would choose."""
    rules = sorted(subnet.routes, key=lambda r: -int(r.destination.partition("/")[2]))
    lines = []
    for rule in rules:
        flow = f"ip daddr {rule.destination}"
        if rule.target is Target.INTERNET:
            lines += [
                f"ip saddr {inner} {flow} snat to {outer}"
                for inner, outer in public.items()
                if _contains(subnet, inner)
            ]
        elif rule.target in (Target.NAT, Target.SERVICE):
            source = nat if rule.target is Target.NAT else uplink
            lines.append(f"ip saddr {subnet.cidr} {flow} snat to {source}")
    return lines


def _contains(subnet: Subnet, address: str) -> bool:
    return IPv4Address(address) in IPv4Network(subnet.cidr)
