"""A VCN with its gateways; the security list that it comes with has no rules any more."""

from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.cloud import naming
from components.cloud.owner import Owner, TagRole
from components.cloud.regional import ServicesNetwork
from components.plan.plan import Member


@dataclass(frozen=True, kw_only=True, slots=True)
class VcnArgs:
    """What a VCN is made for."""

    member: Member
    services: pulumi.Input[ServicesNetwork]
    """Oracle's services in the region, which the service gateway leads to."""
    owner: Owner


class Vcn(pulumi.ComponentResource):
    """A VCN from which the internet, NAT and Oracle's services can be reached by a route."""

    vcn_id: pulumi.Output[str]
    internet_gateway_id: pulumi.Output[str]
    nat_gateway_id: pulumi.Output[str]
    nat_address: pulumi.Output[str]
    """The public address that calls of private subnets come from."""
    service_gateway_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: VcnArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:network:Vcn", name, None, opts)
        vcn = self._vcn(name, args)
        self.vcn_id = vcn.id
        self.internet_gateway_id = self._internet_gateway(name, args)
        self.nat_gateway_id, self.nat_address = self._nat_gateway(name, args)
        self.service_gateway_id = self._service_gateway(name, args)
        self._empty_default_list(name, vcn)
        self.register_outputs({"vcnId": self.vcn_id})

    def _vcn(self, name: str, args: VcnArgs) -> oci.core.Vcn:
        return oci.core.Vcn(
            naming.logical(name, "vcn"),
            compartment_id=args.member.compartment_id,
            cidr_blocks=[str(args.member.settings.vcn_cidr)],
            dns_label=naming.dns_label(args.member.key),
            display_name=args.owner.title(name, "vcn"),
            freeform_tags=self._tags(args),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _internet_gateway(self, name: str, args: VcnArgs) -> pulumi.Output[str]:
        gateway = oci.core.InternetGateway(
            naming.logical(name, "internet-gateway"),
            compartment_id=args.member.compartment_id,
            vcn_id=self.vcn_id,
            enabled=True,
            display_name=args.owner.title(name, "internet-gateway"),
            freeform_tags=self._tags(args),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return gateway.id

    def _nat_gateway(
        self, name: str, args: VcnArgs
    ) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        gateway = oci.core.NatGateway(
            naming.logical(name, "nat-gateway"),
            compartment_id=args.member.compartment_id,
            vcn_id=self.vcn_id,
            display_name=args.owner.title(name, "nat-gateway"),
            freeform_tags=self._tags(args),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return gateway.id, gateway.nat_ip

    def _service_gateway(self, name: str, args: VcnArgs) -> pulumi.Output[str]:
        services = pulumi.Output.from_input(args.services)
        gateway = oci.core.ServiceGateway(
            naming.logical(name, "service-gateway"),
            compartment_id=args.member.compartment_id,
            vcn_id=self.vcn_id,
            services=[
                oci.core.ServiceGatewayServiceArgs(
                    service_id=services.apply(lambda network: network.service_id)
                )
            ],
            display_name=args.owner.title(name, "service-gateway"),
            freeform_tags=self._tags(args),
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return gateway.id

    def _empty_default_list(self, name: str, vcn: oci.core.Vcn) -> None:
        """Take over the VCN's own security list, which lets anyone sign in, without its rules.

        A subnet that somebody else makes in the VCN has it, and then nothing is open by itself.
        """
        oci.core.DefaultSecurityList(
            naming.logical(name, "default-list"),
            manage_default_resource_id=vcn.default_security_list_id,
            ingress_security_rules=[],
            egress_security_rules=[],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _tags(self, args: VcnArgs) -> dict[str, str]:
        return args.owner.tags(TagRole.NETWORK, args.member.key)
