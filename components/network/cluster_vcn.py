"""The VCN of one cluster, new or one's own, on its region's DRG."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.cloud import naming
from components.cloud.owner import Owner, TagRole
from components.cloud.regional import ServicesNetwork, find_services
from components.context import Context
from components.known_after import known_after
from components.network.details import VcnDetails
from components.network.existing import existing_subnets
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.security_groups import SecurityGroups, SecurityGroupsArgs
from components.network.subnets import Subnets, SubnetsArgs
from components.network.vcn import Vcn, VcnArgs
from components.plan.firewall.groups import group_rules
from components.plan.firewall.rule import Openings
from components.plan.plan import Member
from components.plan.routes import Target
from components.settings.clusters import ExistingVcn, SubnetRole


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterVcnArgs:
    """A cluster, those that it talks to, and what the mesh opens to the outside."""

    member: Member
    peers: Mapping[str, Member]
    """Every other enabled cluster by key."""
    drg_id: pulumi.Input[str]
    """The DRG of the cluster's region."""
    openings: Openings
    owner: Owner

    @classmethod
    def of(
        cls, context: Context, key: str, *, drg_ids: Mapping[str, pulumi.Input[str]]
    ) -> "ClusterVcnArgs":
        """Return the VCN of the cluster `key`, on one of the DRGs by region."""
        member = context.plan.members[key]
        return cls(
            member=member,
            peers=context.plan.peers_of(key),
            drg_id=drg_ids[member.settings.region],
            openings=Openings.of(context.settings),
            owner=context.owner,
        )


class ClusterVcn(pulumi.ComponentResource):
    """Subnets and groups for a cluster, from which the VCNs of all its peers are reached."""

    details: VcnDetails
    """For the stages that follow."""

    def __init__(
        self, name: str, args: ClusterVcnArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:network:ClusterVcn", name, None, opts)
        services = find_services(args.member, self)
        existing = args.member.settings.existing
        if existing and existing.vcn_id:
            self.details = self._existing(name, args, services, existing=existing)
        else:
            self.details = self._new(name, args, services)
        self._flow_logs(name, args)
        self.register_outputs(
            {
                "vcnId": self.details.vcn_id,
                "subnetIds": {role.value: id_ for role, id_ in self.details.subnet_ids.items()},
                "nsgIds": {role.value: id_ for role, id_ in self.details.nsg_ids.items()},
            }
        )

    def _flow_logs(self, name: str, args: ClusterVcnArgs) -> None:
        days = args.member.settings.flow_log_days
        if days:
            logs = FlowLogsArgs(
                member=args.member, subnet_ids=self.details.subnet_ids, days=days, owner=args.owner
            )
            FlowLogs(name, logs, pulumi.ResourceOptions(parent=self))

    def _new(
        self, name: str, args: ClusterVcnArgs, services: pulumi.Output[ServicesNetwork]
    ) -> VcnDetails:
        options = pulumi.ResourceOptions(parent=self)
        vcn_args = VcnArgs(member=args.member, services=services, owner=args.owner)
        vcn = Vcn(name, vcn_args, opts=options)
        subnets_args = SubnetsArgs(
            member=args.member,
            vcn_id=vcn.vcn_id,
            targets={
                Target.INTERNET_GATEWAY: vcn.internet_gateway_id,
                Target.NAT_GATEWAY: vcn.nat_gateway_id,
                Target.SERVICE_GATEWAY: vcn.service_gateway_id,
                Target.DRG: self._attachment(name, args, vcn.vcn_id).drg_id,
            },
            services=services,
            owner=args.owner,
        )
        return VcnDetails(
            vcn_id=vcn.vcn_id,
            subnet_ids=Subnets(name, subnets_args, opts=options).ids,
            nsg_ids=self._security_groups(name, args, services, vcn_id=vcn.vcn_id),
            nat_address=vcn.nat_address,
        )

    def _existing(
        self,
        name: str,
        args: ClusterVcnArgs,
        services: pulumi.Output[ServicesNetwork],
        *,
        existing: ExistingVcn,
    ) -> VcnDetails:
        """Take over a VCN; its routes to peers are its owner's to write."""
        vcn_id = pulumi.Output.from_input(existing.vcn_id or "")
        attachments = [] if existing.drg_id else [self._attachment(name, args, vcn_id)]
        found = existing_subnets(args.member, existing, self)
        return VcnDetails(
            vcn_id=vcn_id,
            # Race: a node in a VCN that is not attached yet has no way to its peers.
            subnet_ids={role: known_after(id_, attachments) for role, id_ in found.items()},
            nsg_ids=self._security_groups(name, args, services, vcn_id=vcn_id),
        )

    def _attachment(
        self, name: str, args: ClusterVcnArgs, vcn_id: pulumi.Output[str]
    ) -> oci.core.DrgAttachment:
        existing = args.member.settings.existing
        return oci.core.DrgAttachment(
            naming.logical(name, "drg-attachment"),
            drg_id=args.drg_id,
            drg_route_table_id=existing.drg_route_table_id if existing else None,
            network_details=oci.core.DrgAttachmentNetworkDetailsArgs(id=vcn_id, type="VCN"),
            display_name=args.owner.title(name, "drg-attachment"),
            freeform_tags=args.owner.tags(TagRole.NETWORK, args.member.key),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _security_groups(
        self,
        name: str,
        args: ClusterVcnArgs,
        services: pulumi.Output[ServicesNetwork],
        *,
        vcn_id: pulumi.Output[str],
    ) -> Mapping[SubnetRole, pulumi.Output[str]]:
        groups_args = SecurityGroupsArgs(
            member=args.member,
            vcn_id=vcn_id,
            rules=group_rules(args.member, args.peers, args.openings),
            services=services,
            owner=args.owner,
        )
        return SecurityGroups(name, groups_args, opts=pulumi.ResourceOptions(parent=self)).ids
