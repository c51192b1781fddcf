"""Programs of one network, and what they registered."""

from __future__ import annotations

import pulumi
import pulumi_oci as oci

from components.cloud.owner import Owner
from components.network.cluster_vcn import ClusterVcn, ClusterVcnArgs
from components.plan.firewall.rule import Openings
from components.plan.plan import Plan
from tests.plan.reachability import PRIVATE, peers
from tests.support.harness import Deployment, deploy

OWNER = Owner(project="oke-mesh", stack="test", mesh="oke-mesh", extra={"cost": "lab"})
DRG = "ocid1.drg.oc1.test.given"

VCN = "oci:Core/vcn:Vcn"
SUBNET = "oci:Core/subnet:Subnet"
ROUTES = "oci:Core/routeTable:RouteTable"
ATTACHMENT = "oci:Core/drgAttachment:DrgAttachment"
GROUP = "oci:Core/networkSecurityGroup:NetworkSecurityGroup"
RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
DEFAULT_LIST = "oci:Core/defaultSecurityList:DefaultSecurityList"
SECURITY_LIST = "oci:Core/securityList:SecurityList"


def build(plan: Plan, key: str = "a", openings: Openings = PRIVATE) -> ClusterVcn:
    """Create one network of the plan with a provider of its region."""
    member = plan.members[key]
    region = member.settings.region
    args = ClusterVcnArgs(
        member=member,
        peers=peers(plan, member),
        drg_id=DRG,
        openings=openings,
        owner=OWNER,
    )
    provider = oci.Provider(region, region=region)
    return ClusterVcn(key, args, opts=pulumi.ResourceOptions(providers=[provider]))


def deployed(plan: Plan, key: str = "a", *, preview: bool = False) -> Deployment:
    """Deploy one network of the plan and export its outputs."""

    def program() -> None:
        network = build(plan, key).details
        pulumi.export("vcnId", network.vcn_id)
        pulumi.export("subnets", {role.value: id_ for role, id_ in network.subnet_ids.items()})
        pulumi.export("nsgs", {role.value: id_ for role, id_ in network.nsg_ids.items()})

    return deploy(program, preview=preview)
