"""The table of the network and compute resources."""

from __future__ import annotations

from oci.core import models

from lab.cloud.core import compute, drg, gateways, peering, records, routing, security, vcn
from lab.cloud.lifecycle import hosts, polls
from lab.cloud.resources import Kind, States

_IN_VCN = ("displayName", "lifecycleState", "vcnId")

VCN = Kind(
    record=records.Vcn,
    path="/vcns",
    models=models,
    create=vcn.create_vcn,
    delete=vcn.delete_vcn,
)
SUBNET = Kind(
    record=records.Subnet,
    path="/subnets",
    models=models,
    create=vcn.create_subnet,
    update=vcn.update_subnet,
    delete=vcn.delete_subnet,
    making=polls(1),
    filters=_IN_VCN,
)
INTERNET_GATEWAY = Kind(
    record=records.InternetGateway,
    path="/internetGateways",
    models=models,
    create=gateways.create_gateway,
    delete=gateways.delete_gateway,
    filters=_IN_VCN,
)
NAT_GATEWAY = Kind(
    record=records.NatGateway,
    path="/natGateways",
    models=models,
    create=gateways.create_nat_gateway,
    delete=gateways.delete_nat_gateway,
    filters=_IN_VCN,
)
SERVICE_GATEWAY = Kind(
    record=records.ServiceGateway,
    path="/serviceGateways",
    models=models,
    create=gateways.create_service_gateway,
    update=gateways.update_service_gateway,
    delete=gateways.delete_gateway,
    filters=_IN_VCN,
)
ROUTE_TABLE = Kind(
    record=records.RouteTable,
    path="/routeTables",
    models=models,
    create=routing.create_route_table,
    update=routing.update_route_table,
    delete=routing.delete_route_table,
    filters=_IN_VCN,
)
SECURITY_LIST = Kind(
    record=records.SecurityList,
    path="/securityLists",
    models=models,
    create=security.create_list,
    update=security.update_list,
    delete=security.delete_list,
    filters=_IN_VCN,
)
GROUP = Kind(
    record=records.NetworkSecurityGroup,
    path="/networkSecurityGroups",
    models=models,
    create=security.create_group,
    delete=security.delete_group,
    filters=_IN_VCN,
    needs=(),
)
DHCP_OPTIONS = Kind(record=records.DhcpOptions, path="/dhcps", models=models, filters=_IN_VCN)
DRG = Kind(
    record=records.Drg,
    path="/drgs",
    models=models,
    create=drg.create_drg,
    delete=drg.delete_drg,
    making=polls(1),
    ending=polls(1),
)
DRG_ATTACHMENT = Kind(
    record=records.DrgAttachment,
    path="/drgAttachments",
    models=models,
    create=drg.create_attachment,
    update=drg.update_attachment,
    delete=drg.delete_attachment,
    making=polls(1),
    ending=polls(1),
    states=States(making="ATTACHING", ready="ATTACHED", ending="DETACHING", gone="DETACHED"),
    filters=(*_IN_VCN, "drgId", "networkId", "attachmentType", "drgRouteTableId"),
)
DRG_ROUTE_TABLE = Kind(
    record=records.DrgRouteTable,
    path="/drgRouteTables",
    models=models,
    needs=("drgId",),
)
DRG_ROUTE_DISTRIBUTION = Kind(
    record=records.DrgRouteDistribution,
    path="/drgRouteDistributions",
    models=models,
    needs=("drgId",),
)
PEERING = Kind(
    record=records.RemotePeeringConnection,
    path="/remotePeeringConnections",
    models=models,
    create=peering.create_connection,
    delete=peering.delete_connection,
    making=polls(1),
    ending=polls(1),
    filters=("displayName", "drgId"),
)
INSTANCE = Kind(
    record=records.Instance,
    path="/instances",
    models=models,
    create=compute.create_instance,
    create_model="LaunchInstanceDetails",
    update=compute.update_instance,
    making=hosts(),
    ending=hosts(),
    states=States(ready="RUNNING"),
    filters=("displayName", "lifecycleState", "availabilityDomain"),
)
CONSOLE_HISTORY = Kind(
    record=records.ConsoleHistory,
    path="/instanceConsoleHistories",
    models=models,
    making=hosts(),
    states=States(making="GETTING-HISTORY", ready="SUCCEEDED"),
    filters=("instanceId", "availabilityDomain", "lifecycleState"),
)
VNIC = Kind(record=records.Vnic, path="/vnics", models=models)
VNIC_ATTACHMENT = Kind(
    record=records.VnicAttachment,
    path="/vnicAttachments",
    models=models,
    filters=("instanceId", "vnicId", "availabilityDomain"),
)
PRIVATE_IP = Kind(
    record=records.PrivateIp,
    path="/privateIps",
    models=models,
    filters=("ipAddress", "subnetId", "vnicId"),
    needs=(),
)
BOOT_VOLUME = Kind(record=records.BootVolume, path="/bootVolumes", models=models)
BOOT_VOLUME_ATTACHMENT = Kind(
    record=records.BootVolumeAttachment,
    path="/bootVolumeAttachments",
    models=models,
    filters=("instanceId", "bootVolumeId"),
    needs=("compartmentId", "availabilityDomain"),
)

MANAGED = (
    VCN,
    SUBNET,
    INTERNET_GATEWAY,
    NAT_GATEWAY,
    SERVICE_GATEWAY,
    ROUTE_TABLE,
    SECURITY_LIST,
    GROUP,
    DRG,
    DRG_ATTACHMENT,
    PEERING,
    INSTANCE,
)
"""What clients create, change and delete."""

READ = (
    DHCP_OPTIONS,
    DRG_ROUTE_TABLE,
    DRG_ROUTE_DISTRIBUTION,
    VNIC_ATTACHMENT,
    PRIVATE_IP,
    BOOT_VOLUME,
    BOOT_VOLUME_ATTACHMENT,
    CONSOLE_HISTORY,
)
"""What comes and goes with other things."""
