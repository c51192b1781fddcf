"""Network security groups, made from tables of rules."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.cloud import naming
from components.cloud.owner import Owner, TagRole
from components.cloud.services import ServicesNetwork
from components.network.security_rule import OtherSide, create_rule
from components.plan.firewall.rule import NsgRole, OracleServices, RuleTable, Side, role_slug
from components.plan.plan import Member


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
            create_rule(
                naming.logical(name, role_slug(role), "nsg", rule.slug),
                rule,
                group_id=groups[role].id,
                side=_side(rule.side, groups, args.services),
                # A rule is gone with its group.
                opts=pulumi.ResourceOptions(parent=groups[role]),
            )
            for rule in args.rules[role]
        ]


def _side(
    side: Side,
    groups: Mapping[NsgRole, oci.core.NetworkSecurityGroup],
    services: pulumi.Input[ServicesNetwork],
) -> OtherSide:
    match side:
        case NsgRole():
            return OtherSide(type="NETWORK_SECURITY_GROUP", id=groups[side].id)
        case OracleServices():
            label = pulumi.Output.from_input(services).apply(lambda network: network.cidr_label)
            return OtherSide(type="SERVICE_CIDR_BLOCK", id=label)
    return OtherSide.range(str(side))


def _settled(
    group: oci.core.NetworkSecurityGroup,
    rules: list[oci.core.NetworkSecurityGroupSecurityRule],
) -> pulumi.Output[str]:
    """Return the group's id, known only when its rules exist.

    By their URNs, which a preview knows: ids of rules to come would make the group's id unknown,
    and all that uses it would seem to be replaced.
    """
    return pulumi.Output.all(group.id, *(rule.urn for rule in rules)).apply(lambda known: known[0])
