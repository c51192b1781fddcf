"""Network security groups, made from tables of rules."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components import naming
from components.network.rule import (
    Direction,
    NsgRole,
    OracleServices,
    Protocol,
    Rule,
    RuleTable,
    Side,
    Traffic,
    role_slug,
)
from components.network.services import ServicesNetwork
from components.settings.plan import Member
from components.tags import Owner, TagRole

_Options = oci.core.NetworkSecurityGroupSecurityRuleTcpOptionsArgs
_PortRange = oci.core.NetworkSecurityGroupSecurityRuleTcpOptionsDestinationPortRangeArgs
_IcmpOptions = oci.core.NetworkSecurityGroupSecurityRuleIcmpOptionsArgs

# Destination unreachable: fragmentation needed, https://www.rfc-editor.org/rfc/rfc1191
_PATH_DISCOVERY = _IcmpOptions(type=3, code=4)


@dataclass(frozen=True, kw_only=True, slots=True)
class SecurityGroupsArgs:
    """The groups of a VCN and all that they let through."""

    member: Member
    vcn_id: pulumi.Input[str]
    rules: RuleTable
    services: pulumi.Input[ServicesNetwork]
    owner: Owner


class SecurityGroups(pulumi.ComponentResource):
    """A group for each role, complete with its rules."""

    ids: Mapping[NsgRole, pulumi.Output[str]]
    """Whoever uses an id waits for all rules of its group, and is gone before they are."""

    def __init__(
        self, name: str, args: SecurityGroupsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:network:SecurityGroups", name, None, opts)
        groups = {role: self._group(name, args, role) for role in args.rules}
        self.ids = {
            role: _settled(group, self._rules(name, args, role, groups=groups))
            for role, group in groups.items()
        }
        self.register_outputs({"ids": {role.value: id_ for role, id_ in self.ids.items()}})

    def _group(
        self, name: str, args: SecurityGroupsArgs, role: NsgRole
    ) -> oci.core.NetworkSecurityGroup:
        slug = role_slug(role)
        return oci.core.NetworkSecurityGroup(
            naming.logical(name, slug, "nsg"),
            compartment_id=args.member.compartment_id,
            vcn_id=args.vcn_id,
            display_name=naming.display(args.owner.project, args.owner.stack, name, slug, "nsg"),
            freeform_tags=args.owner.tags(TagRole.NETWORK, args.member.key),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _rules(
        self,
        name: str,
        args: SecurityGroupsArgs,
        role: NsgRole,
        *,
        groups: Mapping[NsgRole, oci.core.NetworkSecurityGroup],
    ) -> list[oci.core.NetworkSecurityGroupSecurityRule]:
        return [
            _create_rule(
                naming.logical(name, role_slug(role), "nsg", rule.slug),
                rule,
                group=groups[role],
                side=_side(rule.side, groups, args.services),
            )
            for rule in args.rules[role]
        ]


def _create_rule(
    name: str,
    rule: Rule,
    *,
    group: oci.core.NetworkSecurityGroup,
    side: tuple[str, pulumi.Input[str]],
) -> oci.core.NetworkSecurityGroupSecurityRule:
    type_, id_ = side
    is_ingress = rule.direction is Direction.INGRESS
    return oci.core.NetworkSecurityGroupSecurityRule(
        name,
        network_security_group_id=group.id,
        description=rule.sentence,
        direction=rule.direction.value,
        protocol=rule.traffic.protocol.value,
        source=id_ if is_ingress else None,
        source_type=type_ if is_ingress else None,
        destination=None if is_ingress else id_,
        destination_type=None if is_ingress else type_,
        stateless=False,
        tcp_options=_tcp_options(rule.traffic),
        icmp_options=_PATH_DISCOVERY if rule.traffic.protocol is Protocol.ICMP else None,
        # A rule is gone with its group.
        opts=pulumi.ResourceOptions(parent=group),
    )


def _side(
    side: Side,
    groups: Mapping[NsgRole, oci.core.NetworkSecurityGroup],
    services: pulumi.Input[ServicesNetwork],
) -> tuple[str, pulumi.Input[str]]:
    match side:
        case NsgRole():
            return "NETWORK_SECURITY_GROUP", groups[side].id
        case OracleServices():
            label = pulumi.Output.from_input(services).apply(lambda network: network.cidr_label)
            return "SERVICE_CIDR_BLOCK", label
    return "CIDR_BLOCK", str(side)


def _tcp_options(traffic: Traffic) -> _Options | None:
    if traffic.ports is None:
        return None
    first, last = traffic.ports
    return _Options(destination_port_range=_PortRange(min=first, max=last))


def _settled(
    group: oci.core.NetworkSecurityGroup,
    rules: list[oci.core.NetworkSecurityGroupSecurityRule],
) -> pulumi.Output[str]:
    """Return the group's id, known only when its rules exist.

    By their URNs, which a preview knows: ids of rules to come would make the group's id unknown,
    and all that uses it would seem to be replaced.
    """
    return pulumi.Output.all(group.id, *(rule.urn for rule in rules)).apply(lambda known: known[0])
