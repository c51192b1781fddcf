"""Flow logs: which connections each subnet of a cluster let through, and which it did not."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.cloud import naming
from components.cloud.owner import Owner, TagRole
from components.plan.firewall.rule import role_slug
from components.plan.plan import Member
from components.settings.clusters import SubnetRole


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowLogsArgs:
    """The subnets of a cluster, and how long what is seen there is kept."""

    member: Member
    subnet_ids: Mapping[SubnetRole, pulumi.Input[str]]
    days: int
    owner: Owner


class FlowLogs(pulumi.ComponentResource):
    """A log for each subnet, in one group.

    Of the category `all`, which takes no capture filter,
    https://docs.oracle.com/iaas/Content/Logging/Reference/details_for_vcn_flow_logs.htm
    """

    def __init__(
        self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:network:FlowLogs", name, None, opts)
        tags = args.owner.tags(TagRole.NETWORK, args.member.key)
        group = oci.logging.LogGroup(
            naming.logical(name, "flow-logs"),
            compartment_id=args.member.compartment_id,
            display_name=args.owner.title(name, "flow-logs"),
            freeform_tags=tags,
            defined_tags=args.owner.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for role, subnet_id in args.subnet_ids.items():
            slug = role_slug(role)
            oci.logging.Log(
                naming.logical(name, slug, "flow-log"),
                log_group_id=group.id,
                log_type="SERVICE",
                display_name=args.owner.title(name, slug, "flow-log"),
                is_enabled=True,
                retention_duration=args.days,
                configuration=oci.logging.LogConfigurationArgs(
                    compartment_id=args.member.compartment_id,
                    source=oci.logging.LogConfigurationSourceArgs(
                        source_type="OCISERVICE",
                        service="flowlogs",
                        category="all",
                        resource=subnet_id,
                    ),
                ),
                freeform_tags=tags,
                defined_tags=args.owner.defined_tags,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
