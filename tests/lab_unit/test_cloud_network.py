"""VCNs, subnets, gateways, route tables: the vendor's rules about them."""

from __future__ import annotations

from typing import Any

import oci
import pytest

from lab.cloud.ids import COMPARTMENT_ID
from lab.hosts.spec import RouteRule, Target
from tests.lab_unit.cloud_fixtures import Lab, refusal
from tests.lab_unit.cloud_network import (
    address_of,
    default_route,
    host_in,
    in_vcn,
    internet_gateway,
    route_table,
)

ServiceError = oci.exceptions.ServiceError
M = oci.core.models


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
    vnic = address_of(lab, host_in(lab, subnet))
    with pytest.raises(ServiceError) as fault:
        lab.network().delete_subnet(subnet.id)
    assert refusal(fault)[2].startswith(f"The Subnet {subnet.id} references the VNIC {vnic.id}.")


def test_a_terminated_host_frees_its_subnet(lab: Lab) -> None:
    subnet = lab.subnet(lab.vcn(), "10.0.1.0/24")
    host = host_in(lab, subnet)
    lab.settle()
    lab.compute().terminate_instance(host.id)
    lab.settle()
    assert lab.network().delete_subnet(subnet.id).status == 204


def _boot_volumes(lab: Lab, host: Any) -> list[Any]:
    """As the vendor's plugin reads them after each read of an instance."""
    attached = lab.compute().list_boot_volume_attachments(
        host.availability_domain, COMPARTMENT_ID, instance_id=host.id
    )
    client = lab.client(oci.core.BlockstorageClient)
    return [client.get_boot_volume(item.boot_volume_id).data for item in attached.data]


def test_a_host_boots_from_a_volume_of_its_image(lab: Lab) -> None:
    host = host_in(lab, lab.subnet(lab.vcn(), "10.0.1.0/24"))
    found = [(v.image_id, v.size_in_gbs, v.vpus_per_gb) for v in _boot_volumes(lab, host)]
    assert found == [(host.image_id, 47, 10)]


def test_a_boot_volume_goes_with_its_host(lab: Lab) -> None:
    host = host_in(lab, lab.subnet(lab.vcn(), "10.0.1.0/24"))
    volume = _boot_volumes(lab, host)[0]
    lab.settle()
    lab.compute().terminate_instance(host.id)
    lab.settle()
    gone = lab.client(oci.core.BlockstorageClient).get_boot_volume(volume.id).data
    assert (gone.lifecycle_state, _boot_volumes(lab, host)) == ("TERMINATED", [])


def test_a_host_is_running_when_the_machines_are(lab: Lab) -> None:
    host = host_in(lab, lab.subnet(lab.vcn(), "10.0.1.0/24"))
    before = lab.compute().get_instance(host.id).data.lifecycle_state
    lab.settle()
    after = lab.compute().get_instance(host.id).data.lifecycle_state
    assert (before, after) == ("PROVISIONING", "RUNNING")


def test_a_host_gets_the_first_free_address(lab: Lab) -> None:
    subnet = lab.subnet(lab.vcn(), "10.0.1.0/24")
    found = [address_of(lab, host_in(lab, subnet)).private_ip for _ in range(2)]
    assert found == ["10.0.1.2", "10.0.1.3"]


def test_a_private_subnet_gives_no_public_address(lab: Lab) -> None:
    subnet = lab.subnet(lab.vcn(), "10.0.1.0/24", prohibit_public_ip_on_vnic=True)
    assert address_of(lab, host_in(lab, subnet)).public_ip is None


def test_a_private_subnet_refuses_a_public_address(lab: Lab) -> None:
    subnet = lab.subnet(lab.vcn(), "10.0.1.0/24", prohibit_public_ip_on_vnic=True)
    with pytest.raises(ServiceError) as fault:
        host_in(lab, subnet, assign_public_ip=True)
    assert refusal(fault)[2] == (
        f"Subnet {subnet.id} prohibits public IP addresses: a VNIC in it cannot have one."
    )


def test_public_addresses_are_of_the_labs_range(lab: Lab) -> None:
    subnet = lab.subnet(lab.vcn(), "10.0.1.0/24")
    assert address_of(lab, host_in(lab, subnet)).public_ip == "198.18.128.1"


def test_a_route_needs_a_gateway_of_its_own_vcn(lab: Lab) -> None:
    gateway = internet_gateway(lab, lab.vcn())
    other = lab.vcn("10.1.0.0/16")
    with pytest.raises(ServiceError) as fault:
        route_table(lab, other, default_route(gateway))
    assert refusal(fault)[2] == f"networkEntityId {gateway.id} is not in VCN {other.id}."


def test_a_route_to_a_drg_needs_its_attachment(lab: Lab) -> None:
    vcn = lab.vcn()
    drg = lab.network().create_drg(M.CreateDrgDetails(compartment_id=COMPARTMENT_ID)).data
    with pytest.raises(ServiceError) as fault:
        route_table(lab, vcn, default_route(drg))
    assert refusal(fault)[2] == f"DRG {drg.id} is not attached to VCN {vcn.id}."


def test_a_gateway_with_a_route_to_it_cannot_be_deleted(lab: Lab) -> None:
    vcn = lab.vcn()
    gateway = internet_gateway(lab, vcn)
    table = route_table(lab, vcn, default_route(gateway))
    with pytest.raises(ServiceError) as fault:
        lab.network().delete_internet_gateway(gateway.id)
    assert refusal(fault)[2].startswith(
        f"The Gateway {gateway.id} references the RouteTable {table.id}."
    )


def test_a_route_table_with_a_subnet_cannot_be_deleted(lab: Lab) -> None:
    vcn = lab.vcn()
    table = route_table(lab, vcn)
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
                **in_vcn(vcn, services=[M.ServiceIdRequestDetails(service_id=services[0].id)])
            )
        )
        .data
    )
    nat = lab.network().create_nat_gateway(M.CreateNatGatewayDetails(**in_vcn(vcn))).data
    service_rule = M.RouteRule(
        destination=services[0].cidr_block,
        destination_type="SERVICE_CIDR_BLOCK",
        network_entity_id=gateway.id,
    )
    table = route_table(lab, vcn, default_route(nat), service_rule)
    lab.subnet(vcn, "10.0.1.0/24", route_table_id=table.id)
    lab.settle()
    assert lab.machines.estates[-1].vcns[0].nat_address == nat.nat_ip
    assert lab.machines.estates[-1].vcns[0].subnets[0].routes == (
        RouteRule(destination="0.0.0.0/0", target=Target.NAT),
        RouteRule(destination="198.18.0.0/30", target=Target.SERVICE),
    )


def test_a_reserved_address_is_found_by_itself(lab: Lab) -> None:
    details = M.CreatePublicIpDetails(compartment_id=COMPARTMENT_ID, lifetime="RESERVED")
    made = lab.network().create_public_ip(details).data
    found = lab.network().get_public_ip_by_ip_address(
        M.GetPublicIpByIpAddressDetails(ip_address=made.ip_address)
    )
    assert (found.data.id, found.data.lifecycle_state) == (made.id, "AVAILABLE")
