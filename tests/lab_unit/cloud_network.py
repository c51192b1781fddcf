"""Makers of networks for tests of the cloud, by the vendor's client."""

from __future__ import annotations

from typing import Any

import oci

from lab.cloud.ids import COMPARTMENT_ID
from tests.lab_unit.cloud_fixtures import Lab

M = oci.core.models


def in_vcn(vcn: Any, **more: Any) -> dict[str, Any]:
    """What every request about something in a VCN says."""
    return {"compartment_id": COMPARTMENT_ID, "vcn_id": vcn.id, **more}


def group_in(lab: Lab, vcn: Any) -> Any:
    """A new security group."""
    details = M.CreateNetworkSecurityGroupDetails(**in_vcn(vcn))
    return lab.network().create_network_security_group(details).data


def tcp(port: int, **more: Any) -> Any:
    """A rule that lets one port in."""
    ports = M.TcpOptions(destination_port_range=M.PortRange(min=port, max=port))
    values = {"direction": "INGRESS", "protocol": "6", "source": "10.1.0.0/16", **more}
    return M.AddSecurityRuleDetails(tcp_options=ports, **values)


def add_rules(lab: Lab, group: Any, *rules: Any) -> Any:
    """The rules, as the API says that it added them."""
    details = M.AddNetworkSecurityGroupSecurityRulesDetails(security_rules=list(rules))
    client = lab.network()
    return client.add_network_security_group_security_rules(group.id, details).data.security_rules


def internet_gateway(lab: Lab, vcn: Any) -> Any:
    """A new internet gateway."""
    details = M.CreateInternetGatewayDetails(**in_vcn(vcn, is_enabled=True))
    return lab.network().create_internet_gateway(details).data


def route_table(lab: Lab, vcn: Any, *rules: Any) -> Any:
    """A new route table."""
    details = M.CreateRouteTableDetails(**in_vcn(vcn, route_rules=list(rules)))
    return lab.network().create_route_table(details).data


def default_route(target: Any) -> Any:
    """A route for everything."""
    return M.RouteRule(destination="0.0.0.0/0", network_entity_id=target.id)


def host_in(lab: Lab, subnet: Any, **vnic: Any) -> Any:
    """A host that is being launched."""
    image = lab.compute().list_images(COMPARTMENT_ID, operating_system="Oracle Linux").data[0]
    details = M.LaunchInstanceDetails(
        availability_domain="OKEM:US-SANJOSE-1-AD-1",
        compartment_id=COMPARTMENT_ID,
        shape="VM.Standard.E4.Flex",
        shape_config=M.LaunchInstanceShapeConfigDetails(ocpus=1, memory_in_gbs=4),
        create_vnic_details=M.CreateVnicDetails(subnet_id=subnet.id, **vnic),
        source_details=M.InstanceSourceViaImageDetails(image_id=image.id),
    )
    return lab.compute().launch_instance(details).data


def address_of(lab: Lab, host: Any) -> Any:
    """The host's VNIC."""
    attached = lab.compute().list_vnic_attachments(COMPARTMENT_ID, instance_id=host.id).data[0]
    return lab.network().get_vnic(attached.vnic_id).data
