"""Every kind of resource, by which a state file is read."""

from __future__ import annotations

from lab.cloud.containerengine import records as containerengine
from lab.cloud.core import records as core
from lab.cloud.loadbalancer import records as loadbalancer
from lab.cloud.records import Resource

KINDS: tuple[type[Resource], ...] = (
    core.Vcn,
    core.Subnet,
    core.InternetGateway,
    core.NatGateway,
    core.ServiceGateway,
    core.RouteTable,
    core.SecurityList,
    core.NetworkSecurityGroup,
    core.DhcpOptions,
    core.Drg,
    core.DrgAttachment,
    core.DrgRouteTable,
    core.DrgRouteDistribution,
    core.RemotePeeringConnection,
    core.Instance,
    core.ConsoleHistory,
    core.Node,
    core.Vnic,
    core.VnicAttachment,
    core.PrivateIp,
    core.PublicIp,
    core.BootVolume,
    core.BootVolumeAttachment,
    containerengine.Cluster,
    containerengine.NodePool,
    containerengine.ClustersWorkRequest,
    loadbalancer.LoadBalancer,
    loadbalancer.LoadBalancerWorkRequest,
)
