"""Subnets and the route tables that they use."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.cloud import naming
from components.cloud.owner import Owner, TagRole
from components.cloud.regional import ServicesNetwork
from components.plan.firewall.rule import OracleServices, role_slug
from components.plan.plan import Member
from components.plan.routes import (
    Route,
    RouteKind,
    Target,
    is_public,
    route_kind,
    route_kinds,
    routes,
)
from components.settings.clusters import SubnetRole

# Part of the names of hosts, so short, and without hyphens, which OCI does not take.
_DNS_LABELS: Mapping[SubnetRole, str] = {
    SubnetRole.API: "api",
    SubnetRole.WORKERS: "workers",
    SubnetRole.PODS: "pods",
    SubnetRole.INTERNAL_LB: "intlb",
    SubnetRole.PUBLIC_LB: "publb",
    SubnetRole.OPERATOR: "operator",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SubnetsArgs:
    """A VCN and what its routes may lead to."""

    member: Member
    vcn_id: pulumi.Input[str]
    targets: Mapping[Target, pulumi.Input[str]]
    """Ids; the DRG's comes from the attachment, as OCI refuses a rule to one not attached."""
    services: pulumi.Input[ServicesNetwork]
    owner: Owner


class Subnets(pulumi.ComponentResource):
    """The subnets of a cluster, each with all its routes from the start."""

    ids: Mapping[SubnetRole, pulumi.Output[str]]

    def __init__(
        self, name: str, args: SubnetsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:network:Subnets", name, None, opts)
        tables = {kind: self._table(name, args, kind) for kind in route_kinds(args.member)}
        self.ids = {
            role: self._subnet(name, args, role, tables=tables) for role in args.member.subnets
        }
        self.register_outputs({"ids": {role.value: id_ for role, id_ in self.ids.items()}})

    def _table(self, name: str, args: SubnetsArgs, kind: RouteKind) -> pulumi.Output[str]:
        table = oci.core.RouteTable(
            naming.logical(name, kind.value, "routes"),
            compartment_id=args.member.compartment_id,
            vcn_id=args.vcn_id,
            route_rules=[_rule(args, route) for route in routes(kind, args.member)],
            display_name=args.owner.title(name, kind.value, "routes"),
            freeform_tags=args.owner.tags(TagRole.NETWORK, args.member.key),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return table.id

    def _subnet(
        self,
        name: str,
        args: SubnetsArgs,
        role: SubnetRole,
        *,
        tables: Mapping[RouteKind, pulumi.Output[str]],
    ) -> pulumi.Output[str]:
        slug = role_slug(role)
        subnet = oci.core.Subnet(
            naming.logical(name, slug, "subnet"),
            compartment_id=args.member.compartment_id,
            vcn_id=args.vcn_id,
            cidr_block=str(args.member.subnets[role]),
            dns_label=_DNS_LABELS[role],
            prohibit_public_ip_on_vnic=not is_public(role, args.member),
            route_table_id=tables[route_kind(role, args.member)],
            security_list_ids=[self._security_list(name, args, role)],
            display_name=args.owner.title(name, slug, "subnet"),
            freeform_tags=args.owner.tags(TagRole.NETWORK, args.member.key),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return subnet.id

    def _security_list(self, name: str, args: SubnetsArgs, role: SubnetRole) -> pulumi.Output[str]:
        """Make a list for one subnet, into which Kubernetes' cloud controller may write.

        A packet passes if a list or a group allows it, so that with empty lists groups alone
        decide. For a user's own Service of type LoadBalancer the controller adds rules to the
        lists of its subnet and of the workers; they are its own, and open no other subnet.
        """
        slug = role_slug(role)
        security_list = oci.core.SecurityList(
            naming.logical(name, slug, "list"),
            compartment_id=args.member.compartment_id,
            vcn_id=args.vcn_id,
            ingress_security_rules=[],
            egress_security_rules=[],
            display_name=args.owner.title(name, slug, "list"),
            freeform_tags=args.owner.tags(TagRole.NETWORK, args.member.key),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(
                parent=self, ignore_changes=["ingressSecurityRules", "egressSecurityRules"]
            ),
        )
        return security_list.id


def _rule(args: SubnetsArgs, route: Route) -> oci.core.RouteTableRouteRuleArgs:
    is_service = isinstance(route.destination, OracleServices)
    services = pulumi.Output.from_input(args.services)
    target = route.target
    return oci.core.RouteTableRouteRuleArgs(
        description=route.sentence,
        destination=services.apply(lambda network: network.cidr_label)
        if is_service
        else str(route.destination),
        destination_type="SERVICE_CIDR_BLOCK" if is_service else "CIDR_BLOCK",
        network_entity_id=target if isinstance(target, str) else args.targets[target],
    )
