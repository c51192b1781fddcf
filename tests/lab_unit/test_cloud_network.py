"""VCNs, subnets, gateways, route tables, security groups: the vendor's rules about them."""

from __future__ import annotations

from typing import Any

import oci
import pytest

from lab.cloud.ids import COMPARTMENT_ID
from lab.hosts.spec import Direction, FirewallRule, RouteRule, Target
from tests.lab_unit.cloud_fixtures import Lab, refusal

ServiceError = oci.exceptions.ServiceError
M = oci.core.models


def _in(vcn: Any, **more: Any) -> dict[str, Any]:
    return {"compartment_id": COMPARTMENT_ID, "vcn_id": vcn.id, **more}


def _group(lab: Lab, vcn: Any) -> Any:
    details = M.CreateNetworkSecurityGroupDetails(**_in(vcn))
    return lab.network().create_network_security_group(details).data


def _tcp(port: int, **more: Any) -> Any:
    ports = M.TcpOptions(destination_port_range=M.PortRange(min=port, max=port))
    values = {"direction": "INGRESS", "protocol": "6", "source": "10.1.0.0/16", **more}
    return M.AddSecurityRuleDetails(tcp_options=ports, **values)


def _add(lab: Lab, group: Any, *rules: Any) -> Any:
    details = M.AddNetworkSecurityGroupSecurityRulesDetails(security_rules=list(rules))
    client = lab.network()
    return client.add_network_security_group_security_rules(group.id, details).data.security_rules


def _internet_gateway(lab: Lab, vcn: Any) -> Any:
    details = M.CreateInternetGatewayDetails(**_in(vcn, is_enabled=True))
    return lab.network().create_internet_gateway(details).data


def _route_table(lab: Lab, vcn: Any, *rules: Any) -> Any:
    details = M.CreateRouteTableDetails(**_in(vcn, route_rules=list(rules)))
    return lab.network().create_route_table(details).data


def _default_route(target: Any) -> Any:
    return M.RouteRule(destination="0.0.0.0/0", network_entity_id=target.id)


def _host(lab: Lab, subnet: Any, **vnic: Any) -> Any:
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


def _address(lab: Lab, host: Any) -> Any:
    attached = lab.compute().list_vnic_attachments(COMPARTMENT_ID, instance_id=host.id).data[0]
    return lab.network().get_vnic(attached.vnic_id).data


def test_a_vcn_brings_its_default_tables(lab: Lab) -> None:
    vcn = lab.vcn()
    table = lab.network().get_route_table(vcn.default_route_table_id).data
    assert (table.vcn_id, table.route_rules) == (vcn.id, [])


def test_a_vcns_default_list_lets_everything_out(lab: Lab) -> None:
    rules = lab.network().get_security_list(lab.vcn().default_security_list_id).data
    assert [(r.destination, r.protocol) for r in rules.egress_security_rules] == [
        ("0.0.0.0/0", "all")
    ]


def test_a_default_table_cannot_be_deleted(lab: Lab) -> None:
    vcn = lab.vcn()
    with pytest.raises(ServiceError) as fault:
        lab.network().delete_route_table(vcn.default_route_table_id)
    assert refusal(fault) == (
        409,
        "Conflict",
        f"RouteTable {vcn.default_route_table_id} is the VCN's default and cannot be deleted.",
    )


def test_a_vcn_with_a_subnet_cannot_be_deleted(lab: Lab) -> None:
    vcn = lab.vcn()
    subnet = lab.subnet(vcn, "10.0.1.0/24")
    with pytest.raises(ServiceError) as fault:
        lab.network().delete_vcn(vcn.id)
    assert refusal(fault) == (
        409,
        "Conflict",
        (
            f"The VCN {vcn.id} references the Subnet {subnet.id}. "
            "You must remove the reference to proceed with this operation."
        ),
    )


def test_an_empty_vcn_is_deleted_with_its_defaults(lab: Lab) -> None:
    vcn = lab.vcn()
    lab.network().delete_vcn(vcn.id)
    assert lab.network().list_route_tables(COMPARTMENT_ID).data == []


def test_a_deleted_vcn_is_remembered_as_terminated(lab: Lab) -> None:
    vcn = lab.vcn()
    lab.network().delete_vcn(vcn.id)
    assert lab.network().get_vcn(vcn.id).data.lifecycle_state == "TERMINATED"


def test_a_vcn_range_has_a_size_limit(lab: Lab) -> None:
    with pytest.raises(ServiceError) as fault:
        lab.vcn("10.0.0.0/15")
    assert refusal(fault)[2] == (
        "The requested CIDR 10.0.0.0/15 is invalid: its prefix must be between /16 and /30."
    )


def test_a_subnet_is_provisioning_until_it_is_read(lab: Lab) -> None:
    subnet = lab.subnet(lab.vcn(), "10.0.1.0/24")
    states = [lab.network().get_subnet(subnet.id).data.lifecycle_state for _ in range(2)]
    assert [subnet.lifecycle_state, *states] == ["PROVISIONING", "PROVISIONING", "AVAILABLE"]


def test_a_subnet_must_lie_within_its_vcn(lab: Lab) -> None:
    vcn = lab.vcn()
    with pytest.raises(ServiceError) as fault:
        lab.subnet(vcn, "10.1.0.0/24")
    assert refusal(fault) == (
        400,
        "InvalidParameter",
        "The requested CIDR 10.1.0.0/24 is invalid: it is not within the VCN's CIDR 10.0.0.0/16.",
    )


def test_subnets_may_not_overlap(lab: Lab) -> None:
    vcn = lab.vcn()
    first = lab.subnet(vcn, "10.0.0.0/20")
    with pytest.raises(ServiceError) as fault:
        lab.subnet(vcn, "10.0.1.0/24")
    assert refusal(fault)[2] == (
        f"The requested CIDR 10.0.1.0/24 is invalid: subnet {first.id} with CIDR 10.0.0.0/20 "
        "overlaps with this CIDR."
    )


def test_a_dns_label_has_no_hyphen(lab: Lab) -> None:
    vcn = lab.vcn()
    with pytest.raises(ServiceError) as fault:
        lab.subnet(vcn, "10.0.1.0/24", dns_label="a-b")
    assert refusal(fault)[2] == (
        "dnsLabel 'a-b' must begin with a letter and have at most 15 letters and digits."
    )


def test_a_subnet_with_a_host_cannot_be_deleted(lab: Lab) -> None:
    subnet = lab.subnet(lab.vcn(), "10.0.1.0/24")
    vnic = _address(lab, _host(lab, subnet))
    with pytest.raises(ServiceError) as fault:
        lab.network().delete_subnet(subnet.id)
    assert refusal(fault)[2].startswith(f"The Subnet {subnet.id} references the VNIC {vnic.id}.")


def test_a_terminated_host_frees_its_subnet(lab: Lab) -> None:
    subnet = lab.subnet(lab.vcn(), "10.0.1.0/24")
    host = _host(lab, subnet)
    lab.settle()
    lab.compute().terminate_instance(host.id)
    lab.settle()
    assert lab.network().delete_subnet(subnet.id).status == 204


def test_a_host_is_running_when_the_machines_are(lab: Lab) -> None:
    host = _host(lab, lab.subnet(lab.vcn(), "10.0.1.0/24"))
    before = lab.compute().get_instance(host.id).data.lifecycle_state
    lab.settle()
    after = lab.compute().get_instance(host.id).data.lifecycle_state
    assert (before, after) == ("PROVISIONING", "RUNNING")


def test_a_host_gets_the_first_free_address(lab: Lab) -> None:
    subnet = lab.subnet(lab.vcn(), "10.0.1.0/24")
    found = [_address(lab, _host(lab, subnet)).private_ip for _ in range(2)]
    assert found == ["10.0.1.2", "10.0.1.3"]


def test_a_private_subnet_gives_no_public_address(lab: Lab) -> None:
    subnet = lab.subnet(lab.vcn(), "10.0.1.0/24", prohibit_public_ip_on_vnic=True)
    assert _address(lab, _host(lab, subnet)).public_ip is None


def test_a_private_subnet_refuses_a_public_address(lab: Lab) -> None:
    subnet = lab.subnet(lab.vcn(), "10.0.1.0/24", prohibit_public_ip_on_vnic=True)
    with pytest.raises(ServiceError) as fault:
        _host(lab, subnet, assign_public_ip=True)
    assert refusal(fault)[2] == (
        f"Subnet {subnet.id} prohibits public IP addresses: a VNIC in it cannot have one."
    )


def test_public_addresses_are_of_the_labs_range(lab: Lab) -> None:
    subnet = lab.subnet(lab.vcn(), "10.0.1.0/24")
    assert _address(lab, _host(lab, subnet)).public_ip == "198.18.128.1"


def test_a_route_needs_a_gateway_of_its_own_vcn(lab: Lab) -> None:
    gateway = _internet_gateway(lab, lab.vcn())
    other = lab.vcn("10.1.0.0/16")
    with pytest.raises(ServiceError) as fault:
        _route_table(lab, other, _default_route(gateway))
    assert refusal(fault)[2] == f"networkEntityId {gateway.id} is not in VCN {other.id}."


def test_a_route_to_a_drg_needs_its_attachment(lab: Lab) -> None:
    vcn = lab.vcn()
    drg = lab.network().create_drg(M.CreateDrgDetails(compartment_id=COMPARTMENT_ID)).data
    with pytest.raises(ServiceError) as fault:
        _route_table(lab, vcn, _default_route(drg))
    assert refusal(fault)[2] == f"DRG {drg.id} is not attached to VCN {vcn.id}."


def test_a_gateway_with_a_route_to_it_cannot_be_deleted(lab: Lab) -> None:
    vcn = lab.vcn()
    gateway = _internet_gateway(lab, vcn)
    table = _route_table(lab, vcn, _default_route(gateway))
    with pytest.raises(ServiceError) as fault:
        lab.network().delete_internet_gateway(gateway.id)
    assert refusal(fault)[2].startswith(
        f"The Gateway {gateway.id} references the RouteTable {table.id}."
    )


def test_a_route_table_with_a_subnet_cannot_be_deleted(lab: Lab) -> None:
    vcn = lab.vcn()
    table = _route_table(lab, vcn)
    subnet = lab.subnet(vcn, "10.0.1.0/24", route_table_id=table.id)
    with pytest.raises(ServiceError) as fault:
        lab.network().delete_route_table(table.id)
    assert refusal(fault)[2].startswith(
        f"The RouteTable {table.id} references the Subnet {subnet.id}."
    )


def test_the_machines_learn_of_gateways_and_the_routes_to_them(lab: Lab) -> None:
    vcn = lab.vcn()
    services = lab.network().list_services().data
    gateway = (
        lab.network()
        .create_service_gateway(
            M.CreateServiceGatewayDetails(
                **_in(vcn, services=[M.ServiceIdRequestDetails(service_id=services[0].id)])
            )
        )
        .data
    )
    nat = lab.network().create_nat_gateway(M.CreateNatGatewayDetails(**_in(vcn))).data
    service_rule = M.RouteRule(
        destination=services[0].cidr_block,
        destination_type="SERVICE_CIDR_BLOCK",
        network_entity_id=gateway.id,
    )
    table = _route_table(lab, vcn, _default_route(nat), service_rule)
    lab.subnet(vcn, "10.0.1.0/24", route_table_id=table.id)
    lab.settle()
    assert lab.machines.estates[-1].vcns[0].nat_address == nat.nat_ip
    assert lab.machines.estates[-1].vcns[0].subnets[0].routes == (
        RouteRule(destination="0.0.0.0/0", target=Target.NAT),
        RouteRule(destination="198.18.0.0/30", target=Target.SERVICE),
    )


def test_a_rule_comes_back_with_an_id(lab: Lab) -> None:
    group = _group(lab, lab.vcn())
    added = _add(lab, group, _tcp(15443))
    listed = lab.network().list_network_security_group_security_rules(group.id).data
    assert [rule.id for rule in listed] == [rule.id for rule in added]


def test_a_rule_changes_in_place(lab: Lab) -> None:
    group = _group(lab, lab.vcn())
    added = _add(lab, group, _tcp(15443))[0]
    change = M.UpdateSecurityRuleDetails(
        id=added.id, direction="INGRESS", protocol="all", source="10.2.0.0/16"
    )
    lab.network().update_network_security_group_security_rules(
        group.id, M.UpdateNetworkSecurityGroupSecurityRulesDetails(security_rules=[change])
    )
    listed = lab.network().list_network_security_group_security_rules(group.id).data
    assert [(rule.id, rule.source) for rule in listed] == [(added.id, "10.2.0.0/16")]


def test_a_removed_rule_is_gone(lab: Lab) -> None:
    group = _group(lab, lab.vcn())
    added = _add(lab, group, _tcp(1), _tcp(2))
    lab.network().remove_network_security_group_security_rules(
        group.id,
        M.RemoveNetworkSecurityGroupSecurityRulesDetails(security_rule_ids=[added[0].id]),
    )
    listed = lab.network().list_network_security_group_security_rules(group.id).data
    assert [rule.id for rule in listed] == [added[1].id]


def test_a_group_has_120_rules_at_most(lab: Lab) -> None:
    group = _group(lab, lab.vcn())
    for start in range(0, 120, 20):
        _add(lab, group, *(_tcp(start + n + 1) for n in range(20)))
    with pytest.raises(ServiceError) as fault:
        _add(lab, group, _tcp(1000))
    assert refusal(fault) == (
        400,
        "LimitExceeded",
        (
            f"NetworkSecurityGroup {group.id} can have 120 security rules, has 120, "
            "and 1 more were asked for."
        ),
    )


def test_one_call_adds_25_rules_at_most(lab: Lab) -> None:
    group = _group(lab, lab.vcn())
    with pytest.raises(ServiceError) as fault:
        _add(lab, group, *(_tcp(n + 1) for n in range(26)))
    assert refusal(fault)[2] == "At most 25 rules in one request, got 26."


def test_an_ingress_rule_has_no_destination(lab: Lab) -> None:
    group = _group(lab, lab.vcn())
    with pytest.raises(ServiceError) as fault:
        _add(lab, group, _tcp(1, destination="10.0.0.0/8"))
    assert refusal(fault)[2] == "A rule of direction INGRESS has no destination."


def test_a_group_of_another_vcn_is_no_peer(lab: Lab) -> None:
    group, other = _group(lab, lab.vcn()), _group(lab, lab.vcn("10.1.0.0/16"))
    with pytest.raises(ServiceError) as fault:
        _add(lab, group, _tcp(1, source=other.id, source_type="NETWORK_SECURITY_GROUP"))
    assert refusal(fault)[2] == f"NetworkSecurityGroup {other.id} is not in the same VCN."


def test_a_group_with_a_host_cannot_be_deleted(lab: Lab) -> None:
    vcn = lab.vcn()
    group = _group(lab, vcn)
    vnic = _address(lab, _host(lab, lab.subnet(vcn, "10.0.1.0/24"), nsg_ids=[group.id]))
    with pytest.raises(ServiceError) as fault:
        lab.network().delete_network_security_group(group.id)
    assert refusal(fault)[2].startswith(
        f"The NetworkSecurityGroup {group.id} references the VNIC {vnic.id}."
    )


def test_a_group_lists_its_vnics(lab: Lab) -> None:
    vcn = lab.vcn()
    group = _group(lab, vcn)
    host = _host(lab, lab.subnet(vcn, "10.0.1.0/24"), nsg_ids=[group.id])
    found = lab.network().list_network_security_group_vnics(group.id).data
    assert [row.resource_id for row in found] == [host.id]


def test_the_machines_learn_a_groups_members_as_addresses(lab: Lab) -> None:
    vcn = lab.vcn()
    empty = M.CreateSecurityListDetails(
        **_in(vcn, ingress_security_rules=[], egress_security_rules=[])
    )
    nothing = lab.network().create_security_list(empty).data
    subnet = lab.subnet(vcn, "10.0.1.0/24", security_list_ids=[nothing.id])
    client, server = _group(lab, vcn), _group(lab, vcn)
    _add(lab, server, _tcp(443, source=client.id, source_type="NETWORK_SECURITY_GROUP"))
    _host(lab, subnet, nsg_ids=[client.id])
    _host(lab, subnet, nsg_ids=[server.id])
    lab.settle()
    assert [host.vnic.rules for host in lab.machines.estates[-1].instances] == [
        (),
        (
            FirewallRule(
                direction=Direction.INGRESS,
                protocol="6",
                peers=("10.0.1.2/32",),
                ports=(443, 443),
            ),
        ),
    ]


def test_a_reserved_address_is_found_by_itself(lab: Lab) -> None:
    details = M.CreatePublicIpDetails(compartment_id=COMPARTMENT_ID, lifetime="RESERVED")
    made = lab.network().create_public_ip(details).data
    found = lab.network().get_public_ip_by_ip_address(
        M.GetPublicIpByIpAddressDetails(ip_address=made.ip_address)
    )
    assert (found.data.id, found.data.lifecycle_state) == (made.id, "AVAILABLE")
