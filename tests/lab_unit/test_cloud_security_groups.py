"""Security groups and their rules: the vendor's rules about them."""

from __future__ import annotations

import oci
import pytest

from lab.hosts.spec import Direction, FirewallRule
from tests.lab_unit.cloud_fixtures import Lab, refusal
from tests.lab_unit.cloud_network import add_rules, address_of, group_in, host_in, in_vcn, tcp

ServiceError = oci.exceptions.ServiceError
M = oci.core.models


def test_a_rule_comes_back_with_an_id(lab: Lab) -> None:
    group = group_in(lab, lab.vcn())
    added = add_rules(lab, group, tcp(15443))
    listed = lab.network().list_network_security_group_security_rules(group.id).data
    assert [rule.id for rule in listed] == [rule.id for rule in added]


def test_a_rule_changes_in_place(lab: Lab) -> None:
    group = group_in(lab, lab.vcn())
    added = add_rules(lab, group, tcp(15443))[0]
    change = M.UpdateSecurityRuleDetails(
        id=added.id, direction="INGRESS", protocol="all", source="10.2.0.0/16"
    )
    lab.network().update_network_security_group_security_rules(
        group.id, M.UpdateNetworkSecurityGroupSecurityRulesDetails(security_rules=[change])
    )
    listed = lab.network().list_network_security_group_security_rules(group.id).data
    assert [(rule.id, rule.source) for rule in listed] == [(added.id, "10.2.0.0/16")]


def test_a_removed_rule_is_gone(lab: Lab) -> None:
    group = group_in(lab, lab.vcn())
    added = add_rules(lab, group, tcp(1), tcp(2))
    lab.network().remove_network_security_group_security_rules(
        group.id,
        M.RemoveNetworkSecurityGroupSecurityRulesDetails(security_rule_ids=[added[0].id]),
    )
    listed = lab.network().list_network_security_group_security_rules(group.id).data
    assert [rule.id for rule in listed] == [added[1].id]


def test_a_group_has_120_rules_at_most(lab: Lab) -> None:
    group = group_in(lab, lab.vcn())
    for start in range(0, 120, 20):
        add_rules(lab, group, *(tcp(start + n + 1) for n in range(20)))
    with pytest.raises(ServiceError) as fault:
        add_rules(lab, group, tcp(1000))
    assert refusal(fault) == (
        400,
        "LimitExceeded",
        (
            f"NetworkSecurityGroup {group.id} can have 120 security rules, has 120, "
            "and 1 more were asked for."
        ),
    )


def test_one_call_adds_25_rules_at_most(lab: Lab) -> None:
    group = group_in(lab, lab.vcn())
    with pytest.raises(ServiceError) as fault:
        add_rules(lab, group, *(tcp(n + 1) for n in range(26)))
    assert refusal(fault)[2] == "At most 25 rules in one request, got 26."


def test_an_ingress_rule_has_no_destination(lab: Lab) -> None:
    group = group_in(lab, lab.vcn())
    with pytest.raises(ServiceError) as fault:
        add_rules(lab, group, tcp(1, destination="10.0.0.0/8"))
    assert refusal(fault)[2] == "A rule of direction INGRESS has no destination."


def test_a_group_of_another_vcn_is_no_peer(lab: Lab) -> None:
    group, other = group_in(lab, lab.vcn()), group_in(lab, lab.vcn("10.1.0.0/16"))
    with pytest.raises(ServiceError) as fault:
        add_rules(lab, group, tcp(1, source=other.id, source_type="NETWORK_SECURITY_GROUP"))
    assert refusal(fault)[2] == f"NetworkSecurityGroup {other.id} is not in the same VCN."


def test_a_group_with_a_host_cannot_be_deleted(lab: Lab) -> None:
    vcn = lab.vcn()
    group = group_in(lab, vcn)
    vnic = address_of(lab, host_in(lab, lab.subnet(vcn, "10.0.1.0/24"), nsg_ids=[group.id]))
    with pytest.raises(ServiceError) as fault:
        lab.network().delete_network_security_group(group.id)
    assert refusal(fault)[2].startswith(
        f"The NetworkSecurityGroup {group.id} references the VNIC {vnic.id}."
    )


def test_a_group_lists_its_vnics(lab: Lab) -> None:
    vcn = lab.vcn()
    group = group_in(lab, vcn)
    host = host_in(lab, lab.subnet(vcn, "10.0.1.0/24"), nsg_ids=[group.id])
    found = lab.network().list_network_security_group_vnics(group.id).data
    assert [row.resource_id for row in found] == [host.id]


def test_the_machines_learn_a_groups_members_as_addresses(lab: Lab) -> None:
    vcn = lab.vcn()
    empty = M.CreateSecurityListDetails(
        **in_vcn(vcn, ingress_security_rules=[], egress_security_rules=[])
    )
    nothing = lab.network().create_security_list(empty).data
    subnet = lab.subnet(vcn, "10.0.1.0/24", security_list_ids=[nothing.id])
    client, server = group_in(lab, vcn), group_in(lab, vcn)
    add_rules(lab, server, tcp(443, source=client.id, source_type="NETWORK_SECURITY_GROUP"))
    host_in(lab, subnet, nsg_ids=[client.id])
    host_in(lab, subnet, nsg_ids=[server.id])
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
