"""VCNs and subnets, with the default route table, security list and DHCP options of a VCN."""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Any, TypeVar

from lab.cloud.core.cidrs import check_disjoint, sized
from lab.cloud.core.records import (
    DhcpOptions,
    DrgAttachment,
    IcmpOptions,
    InVcn,
    PortOptions,
    Ports,
    RouteTable,
    SecurityList,
    SecurityRule,
    Subnet,
    Vcn,
    Vnic,
)
from lab.cloud.core.vnics import gateway_address
from lab.cloud.errors import conflict, in_use, invalid, not_found
from lab.cloud.records import Json
from lab.cloud.resources import given
from lab.cloud.store import Store

MAX_SECURITY_LISTS = 5
_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,14}")

Part = TypeVar("Part", bound=InVcn)


def create_vcn(store: Store, vcn: Vcn) -> None:
    blocks = vcn.cidr_blocks or [given(vcn.cidr_block, "cidrBlocks")]
    seen: list[tuple[str, str]] = []
    for block in blocks:
        check_disjoint(sized(block, "cidrBlocks"), seen)
        seen.append(("this VCN", block))
    _check_label(vcn.dns_label)
    vcn.cidr_block, vcn.cidr_blocks = blocks[0], blocks
    if vcn.dns_label is not None:
        vcn.vcn_domain_name = f"{vcn.dns_label}.oraclevcn.com"
    table = store.keep(RouteTable(**_default(vcn, "Route Table")))
    rules = store.keep(SecurityList(**_default(vcn, "Security List"), **_default_rules(vcn)))
    options = store.keep(DhcpOptions(**_default(vcn, "DHCP Options"), options=_dhcp_options(vcn)))
    vcn.default_route_table_id = table.id
    vcn.default_security_list_id = rules.id
    vcn.default_dhcp_options_id = options.id


def delete_vcn(store: Store, vcn: Vcn) -> None:
    """A VCN must be rid of all but its own defaults, which go with it."""
    parts = store.find(InVcn, vcn.region, lambda r: r.vcn_id == vcn.id)
    ties = store.find(DrgAttachment, vcn.region, lambda r: r.vcn_id == vcn.id)
    for other in (*(part for part in parts if not part.is_default), *ties):
        raise in_use(f"VCN {vcn.id}", f"{type(other).__name__} {other.id}")
    for part in parts:
        store.drop(part)


def create_subnet(store: Store, subnet: Subnet) -> None:
    vcn = store.live(Vcn, subnet.vcn_id, subnet.region)
    _check_range(store, vcn, sized(subnet.cidr_block, "cidrBlock"))
    _check_label(subnet.dns_label)
    if subnet.dns_label is not None:
        if vcn.vcn_domain_name is None:
            raise invalid("dnsLabel: the VCN of the subnet has no DNS label.")
        subnet.subnet_domain_name = f"{subnet.dns_label}.{vcn.vcn_domain_name}"
    subnet.route_table_id = subnet.route_table_id or vcn.default_route_table_id
    if "security_list_ids" not in subnet.model_fields_set:
        subnet.security_list_ids = [vcn.default_security_list_id]
    subnet.dhcp_options_id = subnet.dhcp_options_id or vcn.default_dhcp_options_id
    # the one follows from the other, whichever is asked for
    private = subnet.prohibit_public_ip_on_vnic or subnet.prohibit_internet_ingress
    subnet.prohibit_public_ip_on_vnic = subnet.prohibit_internet_ingress = private
    subnet.virtual_router_ip = gateway_address(subnet.cidr_block)
    _check_parts(store, vcn, subnet)


def update_subnet(store: Store, before: Subnet, after: Subnet) -> None:
    vcn = store.live(Vcn, after.vcn_id)
    if after.cidr_block != before.cidr_block:
        _check_range(store, vcn, sized(after.cidr_block, "cidrBlock"), apart_from=after.id)
    _check_parts(store, vcn, after)


def delete_subnet(store: Store, subnet: Subnet) -> None:
    for vnic in store.find(Vnic, subnet.region, lambda r: r.subnet_id == subnet.id):
        raise in_use(f"Subnet {subnet.id}", f"VNIC {vnic.id}")


def refuse_default(record: InVcn) -> None:
    """A VCN's own tables live and go with the VCN."""
    if record.is_default:
        title = type(record).__name__
        raise conflict(f"{title} {record.id} is the VCN's default and cannot be deleted.")


def in_vcn(store: Store, kind: type[Part], id_: str, *, vcn: Vcn) -> Part:
    """A resource that must be of the same VCN."""
    record = store.live(kind, id_, vcn.region)
    if record.vcn_id != vcn.id:
        raise not_found()
    return record


def _check_parts(store: Store, vcn: Vcn, subnet: Subnet) -> None:
    in_vcn(store, RouteTable, subnet.route_table_id, vcn=vcn)
    if len(subnet.security_list_ids) > MAX_SECURITY_LISTS:
        raise invalid(f"A subnet has at most {MAX_SECURITY_LISTS} security lists.")
    for id_ in subnet.security_list_ids:
        in_vcn(store, SecurityList, id_, vcn=vcn)


def _check_range(store: Store, vcn: Vcn, cidr: IPv4Network, *, apart_from: str = "") -> None:
    if not any(cidr.subnet_of(IPv4Network(block)) for block in vcn.cidr_blocks):
        raise invalid(
            f"The requested CIDR {cidr} is invalid: it is not within the VCN's "
            f"CIDR {', '.join(vcn.cidr_blocks)}."
        )
    others = store.find(Subnet, vcn.region, lambda r: r.vcn_id == vcn.id and r.id != apart_from)
    check_disjoint(cidr, [(f"subnet {r.id}", r.cidr_block) for r in others])


def _check_label(label: str | None) -> None:
    if label is not None and not _LABEL.fullmatch(label):
        raise invalid(
            f"dnsLabel '{label}' must begin with a letter and have at most 15 letters and digits."
        )


def _default(vcn: Vcn, name: str) -> dict[str, Any]:
    """What the parts have in common that a VCN is born with."""
    return {
        "region": vcn.region,
        "compartment_id": vcn.compartment_id,
        "vcn_id": vcn.id,
        "display_name": f"Default {name} for {vcn.display_name}",
        "lifecycle_state": "AVAILABLE",
        "is_default": True,
    }


def _default_rules(vcn: Vcn) -> dict[str, list[SecurityRule]]:
    """What the vendor puts into a VCN's own security list."""
    anywhere = "0.0.0.0/0"
    icmp = [(anywhere, {"type": 3, "code": 4}), *((b, {"type": 3}) for b in vcn.cidr_blocks)]
    return {
        "egress_security_rules": [
            SecurityRule(protocol="all", destination=anywhere, destination_type="CIDR_BLOCK")
        ],
        "ingress_security_rules": [
            SecurityRule(
                protocol="6",
                source=anywhere,
                source_type="CIDR_BLOCK",
                tcp_options=PortOptions(destination_port_range=Ports(min=22, max=22)),
            ),
            *(
                SecurityRule(
                    protocol="1",
                    source=source,
                    source_type="CIDR_BLOCK",
                    icmp_options=IcmpOptions(**options),
                )
                for source, options in icmp
            ),
        ],
    }


def _dhcp_options(vcn: Vcn) -> list[Json]:
    options: list[Json] = [{"type": "DomainNameServer", "serverType": "VcnLocalPlusInternet"}]
    if vcn.vcn_domain_name is not None:
        options.append({"type": "SearchDomain", "searchDomainNames": [vcn.vcn_domain_name]})
    return options
