"""Network resources of the `oci` plugin against the lab's cloud."""

from __future__ import annotations

import oci
import pytest

from lab.cloud.ids import COMPARTMENT_ID
from sdks.values import UNKNOWN, Properties
from tests.lab_unit.cloud_fixtures import OTHER_REGION, Lab
from tests.lab_unit.oci_plugin_fixtures import (
    ATTACHMENT,
    DRG,
    GROUP,
    PEERING,
    ROUTES,
    RULE,
    SUBNET,
    VCN,
    made_in,
    made_vcn,
    subnet_inputs,
    vcn_inputs,
)
from tests.lab_unit.plugin_engine import Engine, Kept, refused

LIST = "oci:Core/securityList:SecurityList"
DEFAULT_LIST = "oci:Core/defaultSecurityList:DefaultSecurityList"
GATEWAY = "oci:Core/internetGateway:InternetGateway"


def rule_inputs(group: Kept, **more: object) -> Properties:
    return {
        "networkSecurityGroupId": group.id,
        "direction": "INGRESS",
        "protocol": "6",
        "source": "0.0.0.0/0",
        "sourceType": "CIDR_BLOCK",
        "tcpOptions": {"destinationPortRange": {"min": 6443, "max": 6443}},
        **more,
    }


def test_a_vcn_tells_what_the_api_added(oci_engine: Engine) -> None:
    made = made_vcn(oci_engine, dnsLabel="net", freeformTags={"a": "b"})
    outputs = made.outputs
    assert outputs["state"] == "AVAILABLE"
    assert outputs["vcnDomainName"] == "net.oraclevcn.com"
    assert outputs["defaultRouteTableId"].startswith("ocid1.routetable.")
    assert outputs["timeCreated"].endswith(" +0000 UTC")
    assert outputs["freeformTags"] == {"a": "b"}


def test_a_preview_asks_nothing_of_the_api(oci_engine: Engine, lab: Lab) -> None:
    planned = oci_engine.preview(VCN, vcn_inputs())
    assert planned["defaultRouteTableId"] is UNKNOWN
    assert lab.network().list_vcns(COMPARTMENT_ID).data == []


def test_a_refresh_without_drift_changes_nothing(oci_engine: Engine) -> None:
    made = made_vcn(oci_engine, displayName="mine", freeformTags={"a": "b"})
    read = oci_engine.refresh(made)
    assert read == made


def test_a_changed_tag_shows_as_drift(oci_engine: Engine, lab: Lab) -> None:
    made = made_vcn(oci_engine, freeformTags={"a": "b"})
    details = oci.core.models.UpdateVcnDetails(freeform_tags={"a": "b", "by": "hand"})
    lab.network().update_vcn(made.id, details)
    read = oci_engine.refresh(made)
    assert read is not None
    assert oci_engine.diff(read, made.inputs).changes == {"freeformTags.by": "DELETE"}


def test_what_somebody_deleted_is_gone(oci_engine: Engine, lab: Lab) -> None:
    made = made_vcn(oci_engine)
    lab.network().delete_vcn(made.id)
    assert oci_engine.refresh(made) is None


def test_a_delete_of_what_is_gone_is_no_error(oci_engine: Engine, lab: Lab) -> None:
    made = made_vcn(oci_engine)
    lab.network().delete_vcn(made.id)
    oci_engine.delete(made)


def test_a_delete_removes_the_resource(oci_engine: Engine) -> None:
    made = made_vcn(oci_engine)
    oci_engine.delete(made)
    assert oci_engine.refresh(made) is None


def test_a_name_is_changed_in_place(oci_engine: Engine, lab: Lab) -> None:
    made = made_vcn(oci_engine, displayName="one", dnsLabel="net")
    news = {**made.inputs, "displayName": "two"}
    assert oci_engine.diff(made, news).changes == {"displayName": "UPDATE"}
    oci_engine.update(made, news)
    assert lab.network().get_vcn(made.id).data.display_name == "two"


def test_a_dns_label_needs_a_new_vcn(oci_engine: Engine) -> None:
    made = made_vcn(oci_engine, dnsLabel="net")
    planned = oci_engine.diff(made, {**made.inputs, "dnsLabel": "other"})
    assert planned.changes == {"dnsLabel": "UPDATE_REPLACE"}


def test_a_setting_that_is_no_longer_named_keeps_its_value(oci_engine: Engine) -> None:
    made = made_vcn(oci_engine, displayName="one")
    assert oci_engine.diff(made, vcn_inputs()).changes == {}


def test_a_tag_that_is_no_longer_named_is_removed(oci_engine: Engine, lab: Lab) -> None:
    made = made_vcn(oci_engine, freeformTags={"a": "1", "b": "2"})
    news = vcn_inputs(freeformTags={"a": "1"})
    assert oci_engine.diff(made, news).changes == {"freeformTags.b": "DELETE"}
    oci_engine.update(made, news)
    assert lab.network().get_vcn(made.id).data.freeform_tags == {"a": "1"}


def test_defined_tags_are_nested_for_the_api(oci_engine: Engine, lab: Lab) -> None:
    made = made_vcn(oci_engine, definedTags={"ops.owner": "mesh"})
    assert lab.network().get_vcn(made.id).data.defined_tags == {"ops": {"owner": "mesh"}}
    assert made.outputs["definedTags"] == {"ops.owner": "mesh"}


def test_the_apis_refusal_is_told_with_operation_and_request(oci_engine: Engine) -> None:
    vcn = made_vcn(oci_engine)
    with refused() as told:
        oci_engine.create(SUBNET, subnet_inputs(vcn, cidrBlock="192.168.0.0/24"))
    assert told[0].startswith("create_subnet: 400 InvalidParameter: ")
    assert "(opc-request-id " in told[0]


def test_a_route_rule_is_replaced_alone(oci_engine: Engine) -> None:
    vcn = made_vcn(oci_engine)
    gateway = made_in(oci_engine, vcn, GATEWAY, enabled=True)
    rules = [
        {
            "destination": destination,
            "destinationType": "CIDR_BLOCK",
            "networkEntityId": gateway.id,
        }
        for destination in ("0.0.0.0/0", "192.0.2.0/24", "198.51.100.0/24")
    ]
    made = made_in(oci_engine, vcn, ROUTES, routeRules=rules)
    turned = {**made.inputs, "routeRules": [rules[2], rules[0]]}
    assert oci_engine.diff(made, turned).changes == {"routeRules[1]": "DELETE"}


def test_a_gateway_can_be_switched_off(oci_engine: Engine, lab: Lab) -> None:
    made = made_in(oci_engine, made_vcn(oci_engine), GATEWAY, enabled=True)
    oci_engine.update(made, {**made.inputs, "enabled": False})
    assert lab.network().get_internet_gateway(made.id).data.is_enabled is False
    assert made.outputs["enabled"] is False


def test_empty_lists_of_rules_are_no_drift(oci_engine: Engine) -> None:
    vcn = made_vcn(oci_engine)
    made = made_in(oci_engine, vcn, LIST, ingressSecurityRules=[], egressSecurityRules=[])
    read = oci_engine.refresh(made)
    assert read is not None
    assert oci_engine.diff(read, made.inputs).changes == {}


def test_ports_of_a_security_list_go_there_and_back(oci_engine: Engine, lab: Lab) -> None:
    rule = {
        "protocol": "6",
        "source": "10.0.0.0/8",
        "stateless": False,
        "tcpOptions": {"min": 22, "max": 23},
    }
    vcn = made_vcn(oci_engine)
    made = made_in(oci_engine, vcn, LIST, ingressSecurityRules=[rule], egressSecurityRules=[])
    live = lab.network().get_security_list(made.id).data.ingress_security_rules[0]
    ports = live.tcp_options.destination_port_range
    assert (ports.min, ports.max) == (22, 23)
    read = oci_engine.refresh(made)
    assert read is not None
    assert read.inputs == made.inputs


def test_a_rule_of_a_group_is_changed_in_place(oci_engine: Engine, lab: Lab) -> None:
    group = made_in(oci_engine, made_vcn(oci_engine), GROUP)
    made = oci_engine.create(RULE, rule_inputs(group))
    news = rule_inputs(group, protocol="17", tcpOptions=None, description="dns")
    assert oci_engine.diff(made, news).changes == {"description": "ADD", "protocol": "UPDATE"}
    oci_engine.update(made, news)
    listed = lab.network().list_network_security_group_security_rules(group.id).data
    assert [(rule.protocol, rule.description) for rule in listed] == [("17", "dns")]


def test_a_rule_of_another_group_is_another_rule(oci_engine: Engine) -> None:
    vcn = made_vcn(oci_engine)
    group, other = made_in(oci_engine, vcn, GROUP), made_in(oci_engine, vcn, GROUP)
    made = oci_engine.create(RULE, rule_inputs(group))
    planned = oci_engine.diff(made, rule_inputs(other))
    assert planned.changes == {"networkSecurityGroupId": "UPDATE_REPLACE"}


def test_a_rule_is_read_from_its_group_and_removed(oci_engine: Engine) -> None:
    group = made_in(oci_engine, made_vcn(oci_engine), GROUP)
    made = oci_engine.create(RULE, rule_inputs(group))
    read = oci_engine.refresh(made)
    assert read is not None
    assert read.inputs == made.inputs
    oci_engine.delete(made)
    assert oci_engine.refresh(made) is None


def made_drg(engine: Engine) -> Kept:
    return engine.create(DRG, {"compartmentId": COMPARTMENT_ID})


def peering_inputs(drg: Kept, **more: object) -> Properties:
    return {"compartmentId": COMPARTMENT_ID, "drgId": drg.id, **more}


def test_an_attachment_is_awaited_and_detached(oci_engine: Engine) -> None:
    vcn = made_vcn(oci_engine)
    details = {"id": vcn.id, "type": "VCN"}
    drg = made_drg(oci_engine)
    made = oci_engine.create(ATTACHMENT, {"drgId": drg.id, "networkDetails": details})
    assert (made.outputs["state"], made.outputs["vcnId"]) == ("ATTACHED", vcn.id)
    oci_engine.delete(made)
    assert oci_engine.refresh(made) is None


def test_the_requestor_makes_the_peering(oci_engine: Engine, other_engine: Engine) -> None:
    acceptor = other_engine.create(PEERING, peering_inputs(made_drg(other_engine)))
    assert acceptor.outputs["peeringStatus"] == "NEW"
    inputs = peering_inputs(made_drg(oci_engine), peerId=acceptor.id, peerRegionName=OTHER_REGION)
    requestor = oci_engine.create(PEERING, inputs)
    assert requestor.outputs["peeringStatus"] == "PEERED"


def test_another_peer_needs_a_new_connection(oci_engine: Engine) -> None:
    inputs = peering_inputs(made_drg(oci_engine))
    made = oci_engine.create(PEERING, inputs)
    planned = oci_engine.diff(made, {**inputs, "peerId": UNKNOWN, "peerRegionName": "x"})
    assert planned.changes == {"peerId": "ADD_REPLACE", "peerRegionName": "ADD_REPLACE"}


@pytest.mark.parametrize(
    ("token", "inputs", "fault"),
    [
        (VCN, {"cidrBlocks": ["10.0.0.0/16"]}, {"compartmentId": "required property is missing"}),
        (
            DRG,
            {"compartmentId": "c", "displyName": "x"},
            {
                "displyName": "unknown property; known are "
                "compartmentId, definedTags, displayName, freeformTags"
            },
        ),
    ],
)
def test_inputs_are_judged_before_the_api_is_asked(
    token: str, inputs: Properties, *, fault: dict[str, str], oci_engine: Engine
) -> None:
    assert oci_engine.faults(token, inputs) == fault


def test_a_vcns_own_list_is_taken_over_emptied_and_left(oci_engine: Engine, lab: Lab) -> None:
    vcn = made_vcn(oci_engine)
    list_id = vcn.outputs["defaultSecurityListId"]
    inputs = {
        "manageDefaultResourceId": list_id,
        "ingressSecurityRules": [],
        "egressSecurityRules": [],
    }
    assert lab.network().get_security_list(list_id).data.ingress_security_rules != []
    made = oci_engine.create(DEFAULT_LIST, inputs)
    found = lab.network().get_security_list(list_id).data
    assert made.id == list_id
    assert found.ingress_security_rules == found.egress_security_rules == []
    oci_engine.delete(made)
    assert lab.network().get_security_list(list_id).data.lifecycle_state == "AVAILABLE"
