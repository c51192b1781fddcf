"""The network of one cluster: a VCN that is new or one's own, on its region's DRG."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.cloud import naming
from components.cloud.owner import Owner, TagRole
from components.cloud.services import ServicesNetwork, find_services
from components.context import Context
from components.network.details import Place
from components.network.existing import existing_subnets
from components.network.security_groups import SecurityGroups, SecurityGroupsArgs
from components.network.subnets import Subnets, SubnetsArgs
from components.network.vcn import Vcn, VcnArgs
from components.plan.firewall.groups import group_rules
from components.plan.firewall.rule import NsgRole, Openings
from components.plan.plan import Member
from components.plan.routes import Target
from components.settings.clusters import ExistingNetwork, SubnetRole


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkArgs:
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
    ) -> "NetworkArgs":
        """Return the network of the cluster `key`, on one of the DRGs by region."""
        member = context.plan.members[key]
        return cls(
            member=member,
            peers=context.plan.peers_of(key),
            drg_id=drg_ids[member.settings.region],
            openings=Openings.of(context.settings),
            owner=context.owner,
        )


class Network(pulumi.ComponentResource):
    """A place for a cluster, from which the VCNs of all its peers are reached."""

    vcn_id: pulumi.Output[str]
    subnet_ids: Mapping[SubnetRole, pulumi.Output[str]]
    """Whoever uses one waits for its routes, and those for the DRG."""
    nsg_ids: Mapping[NsgRole, pulumi.Output[str]]
    """Whoever uses one waits for the rules of that group."""
    nat_address: pulumi.Output[str] | None
    """The public address that calls of private subnets come from; None for a VCN of one's own."""
    place: Place
    """All ids, for the stages that follow."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:network:Network", name, None, opts)
        services = find_services(args.member, self)
        existing = args.member.settings.existing
        self.nat_address = None
        if existing and existing.vcn_id:
            self.vcn_id, self.subnet_ids = self._existing(name, args, existing)
        else:
            self.vcn_id, self.subnet_ids = self._new(name, args, services)
        self.nsg_ids = self._security_groups(name, args, services)
        self.place = Place(vcn_id=self.vcn_id, subnet_ids=self.subnet_ids, nsg_ids=self.nsg_ids)
        self.register_outputs(
            {
                "vcnId": self.vcn_id,
                "subnetIds": {role.value: id_ for role, id_ in self.subnet_ids.items()},
                "nsgIds": {role.value: id_ for role, id_ in self.nsg_ids.items()},
            }
        )

    def _new(
        self, name: str, args: NetworkArgs, services: pulumi.Output[ServicesNetwork]
    ) -> tuple[pulumi.Output[str], Mapping[SubnetRole, pulumi.Output[str]]]:
        options = pulumi.ResourceOptions(parent=self)
        vcn_args = VcnArgs(member=args.member, services=services, owner=args.owner)
        vcn = Vcn(name, vcn_args, opts=options)
        subnets_args = SubnetsArgs(
            member=args.member,
            peers=args.peers,
            vcn_id=vcn.vcn_id,
            security_list_id=vcn.security_list_id,
            targets={
                Target.INTERNET_GATEWAY: vcn.internet_gateway_id,
                Target.NAT_GATEWAY: vcn.nat_gateway_id,
                Target.SERVICE_GATEWAY: vcn.service_gateway_id,
                Target.DRG: self._attachment(name, args, vcn.vcn_id).drg_id,
            },
            services=services,
            owner=args.owner,
        )
        self.nat_address = vcn.nat_address
        return vcn.vcn_id, Subnets(name, subnets_args, opts=options).ids

    def _existing(
        self, name: str, args: NetworkArgs, existing: ExistingNetwork
    ) -> tuple[pulumi.Output[str], Mapping[SubnetRole, pulumi.Output[str]]]:
        """Take over a VCN; its routes to peers are its owner's to write."""
        subnet_ids = existing_subnets(args.member, existing, self)
        vcn_id = pulumi.Output.from_input(existing.vcn_id or "")
        if existing.drg_id:
            return vcn_id, subnet_ids
        attachment = self._attachment(name, args, vcn_id)
        return vcn_id, {role: _after(attachment, id_) for role, id_ in subnet_ids.items()}

    def _attachment(
        self, name: str, args: NetworkArgs, vcn_id: pulumi.Output[str]
    ) -> oci.core.DrgAttachment:
        return oci.core.DrgAttachment(
            naming.logical(name, "drg-attachment"),
            drg_id=args.drg_id,
            network_details=oci.core.DrgAttachmentNetworkDetailsArgs(id=vcn_id, type="VCN"),
            display_name=naming.display(
                args.owner.project, args.owner.stack, name, "drg-attachment"
            ),
            freeform_tags=args.owner.tags(TagRole.NETWORK, args.member.key),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _security_groups(
        self, name: str, args: NetworkArgs, services: pulumi.Output[ServicesNetwork]
    ) -> Mapping[NsgRole, pulumi.Output[str]]:
        groups_args = SecurityGroupsArgs(
            member=args.member,
            vcn_id=self.vcn_id,
            rules=group_rules(args.member, args.peers, args.openings),
            services=services,
            owner=args.owner,
        )
        return SecurityGroups(name, groups_args, opts=pulumi.ResourceOptions(parent=self)).ids


def _after(attachment: oci.core.DrgAttachment, id_: pulumi.Output[str]) -> pulumi.Output[str]:
    """Return `id_`, known only when the VCN is attached."""
    return pulumi.Output.all(id_, attachment.urn).apply(lambda known: known[0])
