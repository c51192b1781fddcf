"""Network security groups, made from tables of rules."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.cloud import naming
from components.cloud.owner import Owner, TagRole
from components.cloud.regional import ServicesNetwork
from components.known_after import known_after
from components.network.security_rule import Sides, create_rule
from components.plan.firewall.rule import RuleTable, role_slug
from components.plan.plan import Member
from components.settings.clusters import SubnetRole


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

    ids: Mapping[SubnetRole, pulumi.Output[str]]
    """Whoever uses an id waits for all rules of its group, and is gone before they are."""

    def __init__(
        self, name: str, args: SecurityGroupsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:network:SecurityGroups", name, None, opts)
        groups = {role: self._group(name, args, role) for role in args.rules}
        self.ids = {
            role: known_after(group.id, self._rules(name, args, role, groups=groups))
            for role, group in groups.items()
        }
        self.register_outputs({"ids": {role.value: id_ for role, id_ in self.ids.items()}})

    def _group(
        self, name: str, args: SecurityGroupsArgs, role: SubnetRole
    ) -> oci.core.NetworkSecurityGroup:
        slug = role_slug(role)
        return oci.core.NetworkSecurityGroup(
            naming.logical(name, slug, "nsg"),
            compartment_id=args.member.compartment_id,
            vcn_id=args.vcn_id,
            display_name=args.owner.title(name, slug, "nsg"),
            freeform_tags=args.owner.tags(TagRole.NETWORK, args.member.key),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _rules(
        self,
        name: str,
        args: SecurityGroupsArgs,
        role: SubnetRole,
        *,
        groups: Mapping[SubnetRole, oci.core.NetworkSecurityGroup],
    ) -> list[oci.core.NetworkSecurityGroupSecurityRule]:
        sides = Sides(
            groups={other: group.id for other, group in groups.items()},
            services=pulumi.Output.from_input(args.services).apply(lambda found: found.cidr_label),
        )
        return [
            create_rule(
                naming.logical(name, role_slug(role), "nsg", rule.slug),
                rule,
                group_id=groups[role].id,
                sides=sides,
                # A rule is gone with its group.
                opts=pulumi.ResourceOptions(parent=groups[role]),
            )
            for rule in args.rules[role]
        ]
