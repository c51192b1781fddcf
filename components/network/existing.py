"""A VCN and subnets of one's own: looked up, and checked against the settings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

import pulumi
import pulumi_oci as oci

from components.errors import ConfigError, Problem
from components.plan.firewall.inside import HTTP, HTTPS
from components.plan.firewall.rule import ANYWHERE, Protocol
from components.plan.plan import Member
from components.plan.routes import is_public
from components.settings.clusters import ExistingVcn, SubnetRole

_WORLD: Final = (str(ANYWHERE), "::/0")
_ICMP: Final = (Protocol.ICMP, "58")
_PROTOCOLS: Final[Mapping[str, str]] = {
    Protocol.ALL: "everything",
    Protocol.TCP: "TCP",
    Protocol.UDP: "UDP",
}

# What ingress gateways answer.
_INGRESS: Final = (HTTP.ports, HTTPS.ports)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundSubnet:
    """A subnet as Oracle Cloud has it."""

    id: str
    vcn_id: str
    range: str
    is_private: bool
    lists: tuple[str, ...] = ()
    """OCIDs of its security lists."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What a security list lets in from the whole world."""

    list_id: str
    what: str
    ports: tuple[int, int] | None
    """First and last of TCP; None for all, and for other protocols."""


def existing_subnets(
    member: Member, existing: ExistingVcn, parent: pulumi.Resource
) -> Mapping[SubnetRole, pulumi.Output[str]]:
    """Return the ids of the subnets, known once all of them have been found to fit."""
    ids = subnet_ids(member, existing)
    options = pulumi.InvokeOptions(parent=parent)
    vcn = oci.core.get_vcn_output(vcn_id=existing.vcn_id or "", opts=options)
    lookups = [oci.core.get_subnet_output(subnet_id=id_, opts=options) for id_ in ids.values()]
    lists = oci.core.get_security_lists_output(
        compartment_id=vcn.compartment_id, vcn_id=existing.vcn_id or "", opts=options
    )
    world = lists.security_lists.apply(
        lambda found: [opening for one in found for opening in openings(one)]
    )
    checked = pulumi.Output.all(vcn.cidr_blocks, world, *lookups).apply(
        lambda found: _checked(
            member,
            found[0],
            dict(zip(ids, map(_found, found[2:]), strict=True)),
            world=found[1],
        )
    )
    return {role: _pick(checked, role) for role in ids}


def subnet_ids(member: Member, existing: ExistingVcn) -> dict[SubnetRole, str]:
    """Return the id that the settings give for each subnet of `member`.

    Raises:
        ValueError: one is missing, which the rules of the settings have let pass.
    """
    given = existing.subnets.given()
    missing = [role.value for role in member.subnets if role not in given]
    if missing:
        raise ValueError(f"clusters.{member.key}.existing.subnets lacks {', '.join(missing)}")
    return {role: given[role] for role in member.subnets}


def _pick(
    checked: pulumi.Output[Mapping[SubnetRole, FoundSubnet]], role: SubnetRole
) -> pulumi.Output[str]:
    return checked.apply(lambda found: found[role].id)


def _found(subnet: oci.core.GetSubnetResult) -> FoundSubnet:
    return FoundSubnet(
        id=subnet.subnet_id,
        vcn_id=subnet.vcn_id,
        range=subnet.cidr_block,
        is_private=subnet.prohibit_public_ip_on_vnic,
        lists=tuple(subnet.security_list_ids),
    )


def openings(found: oci.core.outputs.GetSecurityListsSecurityListResult) -> Iterator[Opening]:
    """Yield what a security list lets in from the whole world; path discovery is no such thing."""
    for rule in found.ingress_security_rules:
        if rule.source not in _WORLD or rule.protocol in _ICMP:
            continue
        ports = [(options.min, options.max) for options in rule.tcp_options]
        name = _PROTOCOLS.get(rule.protocol, f"protocol {rule.protocol}")
        words = f"{name} {'-'.join(map(str, dict.fromkeys(ports[0])))}" if ports else name
        yield Opening(list_id=found.id, what=words, ports=ports[0] if ports else None)


def _checked(
    member: Member,
    vcn_ranges: Sequence[str],
    found: Mapping[SubnetRole, FoundSubnet],
    *,
    world: Sequence[Opening],
) -> Mapping[SubnetRole, FoundSubnet]:
    problems = [*vcn_problems(member, vcn_ranges), *subnet_problems(member, found)]
    if problems:
        raise ConfigError(sorted(problems))
    for warning in sorted(world_problems(member, found, world)):
        pulumi.log.warn(str(warning))
    return found


def world_problems(
    member: Member, found: Mapping[SubnetRole, FoundSubnet], world: Sequence[Opening]
) -> Iterator[Problem]:
    """Yield what security lists of existing subnets let in from the world.

    A list and a group are read together: what one of them lets in, the other cannot keep out.
    """
    for role, subnet in found.items():
        for opening in world:
            is_ingress = role is SubnetRole.PUBLIC_LB and opening.ports in _INGRESS
            if opening.list_id in subnet.lists and not is_ingress:
                yield Problem(
                    path=f"clusters.{member.key}.existing.subnets.{role.value}",
                    fault=f"is open to the world for {opening.what}, by a security list of its own",
                    got=opening.list_id,
                    remedy="narrow that list, as no security group keeps out what it lets in",
                )


def vcn_problems(member: Member, ranges: Sequence[str]) -> Iterator[Problem]:
    """Yield what keeps an existing VCN of these ranges from being the member's."""
    wanted = member.settings.vcn_cidr
    if not any(wanted.subnet_of(IPv4Network(range_)) for range_ in ranges):
        yield Problem(
            path=f"clusters.{member.key}.vcnCidr",
            fault="is no range of the existing VCN",
            got=str(wanted),
            remedy=f"choose from {', '.join(ranges)}",
        )


def subnet_problems(member: Member, found: Mapping[SubnetRole, FoundSubnet]) -> Iterator[Problem]:
    """Yield what keeps existing subnets from being the member's."""
    existing = member.settings.existing
    for role, subnet in found.items():
        path = f"clusters.{member.key}.existing.subnets.{role.value}"
        if existing is None or subnet.vcn_id != existing.vcn_id:
            yield Problem(
                path=path,
                fault="is not in the VCN of existing.vcnId",
                got=f"a subnet of {subnet.vcn_id}",
                remedy="give a subnet of that VCN",
            )
        elif IPv4Network(subnet.range) != member.subnets[role]:
            yield Problem(
                path=path,
                fault=f"has another range than the {member.subnets[role]} of the plan",
                got=subnet.range,
                remedy=f"set clusters.{member.key}.subnets.{role.value} to {subnet.range}",
            )
        elif subnet.is_private and is_public(role, member):
            yield Problem(
                path=path,
                fault="takes no public addresses",
                got=subnet.id,
                remedy="give a subnet that allows them",
            )
