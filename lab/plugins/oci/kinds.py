"""The table of resource types: what the API calls them and how they differ from the rule.

The rule: `create_<noun>`, `get_<noun>`, `update_<noun>`, `delete_<noun>`; the models
`Create<Noun>Details` and `Update<Noun>Details`; an input without "(Updatable)" in the SDK's
documentation replaces. The exceptions were seen in the real plugin's replace flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NETWORK = "core.VirtualNetworkClient"
COMPUTE = "core.ComputeClient"
CONTAINERS = "container_engine.ContainerEngineClient"

MINUTES = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One resource type."""

    type: str
    """As a program registers it."""
    source: str
    """The file of the Pulumi SDK that defines it."""
    noun: str
    client: str = NETWORK
    ready: frozenset[str] = frozenset({"AVAILABLE"})
    renamed: Mapping[str, str] = field(default_factory=dict)
    """SDK attribute by property, where no rule leads to it."""
    in_place: frozenset[str] = frozenset()
    """Paths that update in place though nothing marks them; a path covers what is below it."""
    replacing: frozenset[str] = frozenset()
    """Paths that replace though the documentation marks them as updatable."""
    apart: frozenset[str] = frozenset()
    """Inputs that neither the create nor the update model carries."""
    creates_within: float = 20 * MINUTES
    deletes_within: float = 20 * MINUTES

    @property
    def title(self) -> str:
        """The noun as the names of models have it."""
        return "".join(word.capitalize() for word in self.noun.split("_"))


VCN = Kind(type="oci:Core/vcn:Vcn", source="core/vcn.py", noun="vcn")
SUBNET = Kind(type="oci:Core/subnet:Subnet", source="core/subnet.py", noun="subnet")
INTERNET_GATEWAY = Kind(
    type="oci:Core/internetGateway:InternetGateway",
    source="core/internet_gateway.py",
    noun="internet_gateway",
    renamed={"enabled": "is_enabled"},
)
NAT_GATEWAY = Kind(
    type="oci:Core/natGateway:NatGateway", source="core/nat_gateway.py", noun="nat_gateway"
)
SERVICE_GATEWAY = Kind(
    type="oci:Core/serviceGateway:ServiceGateway",
    source="core/service_gateway.py",
    noun="service_gateway",
)
ROUTE_TABLE = Kind(
    type="oci:Core/routeTable:RouteTable", source="core/route_table.py", noun="route_table"
)
SECURITY_LIST = Kind(
    type="oci:Core/securityList:SecurityList",
    source="core/security_list.py",
    noun="security_list",
    renamed={"stateless": "is_stateless"},
)
DEFAULT_SECURITY_LIST = Kind(
    type="oci:Core/defaultSecurityList:DefaultSecurityList",
    source="core/default_security_list.py",
    noun="security_list",
    renamed={"stateless": "is_stateless"},
    apart=frozenset({"manageDefaultResourceId"}),
)
SECURITY_GROUP = Kind(
    type="oci:Core/networkSecurityGroup:NetworkSecurityGroup",
    source="core/network_security_group.py",
    noun="network_security_group",
)
SECURITY_RULE = Kind(
    type="oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule",
    source="core/network_security_group_security_rule.py",
    noun="network_security_group_security_rule",
    renamed={"stateless": "is_stateless"},
    in_place=frozenset(
        {
            "direction",
            "protocol",
            "description",
            "destination",
            "destinationType",
            "icmpOptions",
            "source",
            "sourceType",
            "stateless",
            "tcpOptions",
            "udpOptions",
        }
    ),
    apart=frozenset({"networkSecurityGroupId"}),
)
PUBLIC_IP = Kind(
    type="oci:Core/publicIp:PublicIp",
    source="core/public_ip.py",
    noun="public_ip",
    # What it is assigned to is at work.
    ready=frozenset({"AVAILABLE", "ASSIGNED"}),
)
DRG = Kind(type="oci:Core/drg:Drg", source="core/drg.py", noun="drg")
DRG_ATTACHMENT = Kind(
    type="oci:Core/drgAttachment:DrgAttachment",
    source="core/drg_attachment.py",
    noun="drg_attachment",
    ready=frozenset({"ATTACHED"}),
    apart=frozenset({"removeExportDrgRouteDistributionTrigger"}),
)
PEERING = Kind(
    type="oci:Core/remotePeeringConnection:RemotePeeringConnection",
    source="core/remote_peering_connection.py",
    noun="remote_peering_connection",
    apart=frozenset({"peerId", "peerRegionName"}),
)
INSTANCE = Kind(
    type="oci:Core/instance:Instance",
    source="core/instance.py",
    noun="instance",
    client=COMPUTE,
    ready=frozenset({"RUNNING"}),
    renamed={"sourceId": "image_id", "bootVolumeVpusPerGb": "boot_volume_vpus_per_gb"},
    apart=frozenset({"preserveBootVolume"}),
    in_place=frozenset({"preserveBootVolume"}),
    creates_within=45 * MINUTES,
    deletes_within=75 * MINUTES,
)
CLUSTER = Kind(
    type="oci:ContainerEngine/cluster:Cluster",
    source="containerengine/cluster.py",
    noun="cluster",
    client=CONTAINERS,
    ready=frozenset({"ACTIVE"}),
    in_place=frozenset({"endpointConfig.nsgIds", "endpointConfig.isPublicIpEnabled"}),
    creates_within=60 * MINUTES,
    deletes_within=60 * MINUTES,
)
NODE_POOL = Kind(
    type="oci:ContainerEngine/nodePool:NodePool",
    source="containerengine/node_pool.py",
    noun="node_pool",
    client=CONTAINERS,
    ready=frozenset({"ACTIVE"}),
    replacing=frozenset({"nodeConfigDetails.nodePoolPodNetworkOptionDetails.cniType"}),
    creates_within=60 * MINUTES,
    deletes_within=60 * MINUTES,
)
