"""The network of a cluster, as registered."""

from __future__ import annotations

from functools import cache

import pulumi_oci as oci
import pytest

from components.errors import NamingError, OfferError
from components.settings.clusters import SubnetRole
from tests.network.stacks import (
    ATTACHMENT,
    DEFAULT_LIST,
    DRG,
    GROUP,
    ROUTES,
    RULE,
    SECURITY_LIST,
    SUBNET,
    VCN,
    build,
    deployed,
)
from tests.plan.reachability import table
from tests.plan.topologies import mesh, multi_primary
from tests.support.documents import cluster, flannel
from tests.support.harness import Deployment, Registered, deploy

PLAN = multi_primary(3, operator="a")


@cache
def network() -> Deployment:
    """Return one deployment, which the tests only read."""
    return deployed(PLAN)


def rule(name: str) -> Registered:
    return network().one(RULE, name)


def test_the_vcn_has_its_range_and_a_label_of_the_key() -> None:
    inputs = network().one(VCN, "a-vcn").inputs
    assert (inputs["cidrBlocks"], inputs["dnsLabel"]) == (["10.0.0.0/16"], "a")


def test_a_hyphen_of_the_key_is_left_out_of_the_label() -> None:
    found = deployed(mesh({"eu-fra": cluster(0)}), "eu-fra").one(VCN, "eu-fra-vcn")
    assert found.inputs["dnsLabel"] == "eufra"


def test_a_key_too_long_for_a_label_is_an_error() -> None:
    plan = mesh({"frankfurt-am-main-1": cluster(0)})
    with pytest.raises(NamingError) as caught:
        deployed(plan, "frankfurt-am-main-1")
    assert str(caught.value) == (
        "clusters.frankfurt-am-main-1: gives no DNS label of at most 15 letters and digits, "
        "got 'frankfurtammain1'; choose a shorter key that starts with a letter"
    )


def test_names_and_tags_tell_the_owner() -> None:
    inputs = network().one(SUBNET, "a-internal-lb-subnet").inputs
    assert inputs["displayName"] == "oke-mesh-test-a-internal-lb-subnet"
    assert inputs["freeformTags"] == {
        "project": "oke-mesh",
        "stack": "test",
        "mesh": "oke-mesh",
        "role": "network",
        "cluster": "a",
        "cost": "lab",
    }


def test_each_role_has_a_subnet_with_its_range() -> None:
    assert {found.name: found.inputs["cidrBlock"] for found in network().of(SUBNET)} == {
        "a-api-subnet": "10.0.0.0/28",
        "a-operator-subnet": "10.0.0.16/28",
        "a-internal-lb-subnet": "10.0.0.64/26",
        "a-public-lb-subnet": "10.0.0.128/26",
        "a-workers-subnet": "10.0.64.0/18",
        "a-pods-subnet": "10.0.128.0/17",
    }


def test_only_subnets_that_need_it_allow_public_addresses() -> None:
    allowed = [s.name for s in network().of(SUBNET) if not s.inputs["prohibitPublicIpOnVnic"]]
    assert allowed == ["a-api-subnet", "a-operator-subnet", "a-public-lb-subnet"]


def test_each_subnet_uses_the_table_of_its_kind() -> None:
    assert {found.name: found.inputs["routeTableId"] for found in network().of(SUBNET)} == {
        "a-api-subnet": "a-public-routes-id",
        "a-operator-subnet": "a-public-routes-id",
        "a-internal-lb-subnet": "a-private-routes-id",
        "a-public-lb-subnet": "a-edge-routes-id",
        "a-workers-subnet": "a-private-routes-id",
        "a-pods-subnet": "a-private-routes-id",
    }


def test_every_subnet_has_a_list_of_its_own_without_rules() -> None:
    assert {found.name: found.inputs["securityListIds"] for found in network().of(SUBNET)} == {
        f"a-{role}-subnet": [f"a-{role}-list-id"]
        for role in ("api", "operator", "internal-lb", "public-lb", "workers", "pods")
    }
    for found in network().of(SECURITY_LIST):
        assert found.inputs["ingressSecurityRules"] == found.inputs["egressSecurityRules"] == []


def test_what_the_cloud_controller_writes_into_a_list_is_not_taken_back() -> None:
    ignored = {tuple(found.options["ignoreChanges"]) for found in network().of(SECURITY_LIST)}
    assert ignored == {("ingressSecurityRules", "egressSecurityRules")}


def test_the_vcns_own_list_is_emptied() -> None:
    inputs = network().one(DEFAULT_LIST, "a-default-list").inputs
    assert inputs["manageDefaultResourceId"] == "a-vcn-default-list"
    assert inputs["ingressSecurityRules"] == inputs["egressSecurityRules"] == []


def test_the_private_table_is_whole_from_the_start() -> None:
    assert network().one(ROUTES, "a-private-routes").inputs["routeRules"] == [
        {
            "description": "the internet, behind an address of the NAT gateway",
            "destination": "0.0.0.0/0",
            "destinationType": "CIDR_BLOCK",
            "networkEntityId": "a-nat-gateway-id",
        },
        {
            "description": "the services of Oracle, without the internet",
            "destination": "all-test-services-in-oracle-services-network",
            "destinationType": "SERVICE_CIDR_BLOCK",
            "networkEntityId": "a-service-gateway-id",
        },
        *(
            {
                "description": f"clusters in {private}",
                "destination": private,
                "destinationType": "CIDR_BLOCK",
                "networkEntityId": DRG,
            }
            for private in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
        ),
    ]


def test_a_route_to_the_drg_comes_after_the_attachment() -> None:
    attachment = network().one(ATTACHMENT, "a-drg-attachment")
    assert attachment.inputs["networkDetails"] == {
        "id": "ocid1.vcn.oc1.test.a-vcn",
        "type": "VCN",
    }
    assert attachment.urn in network().one(ROUTES, "a-private-routes").dependencies


def test_the_service_gateway_leads_to_all_services() -> None:
    gateway = network().one("oci:Core/serviceGateway:ServiceGateway", "a-service-gateway")
    assert gateway.inputs["services"] == [{"serviceId": "ocid1.service.oc1.test.all"}]


def test_every_rule_of_the_tables_is_registered() -> None:
    expected = {
        f"a-{slug}-nsg-{rule.slug}"
        for role, slug in {
            SubnetRole.API: "api",
            SubnetRole.WORKERS: "workers",
            SubnetRole.PODS: "pods",
            SubnetRole.INTERNAL_LB: "internal-lb",
            SubnetRole.PUBLIC_LB: "public-lb",
            SubnetRole.OPERATOR: "operator",
        }.items()
        for rule in table(PLAN, "a")[role]
    }
    assert set(network().names(RULE)) == expected


def test_a_rule_in_from_a_group_names_it() -> None:
    found = rule("a-api-nsg-workers-call-the-kubernetes-api-in")
    assert found.inputs == {
        "networkSecurityGroupId": "ocid1.networksecuritygroup.oc1.test.a-api-nsg",
        "description": "workers call the Kubernetes API",
        "direction": "INGRESS",
        "protocol": "6",
        "source": "ocid1.networksecuritygroup.oc1.test.a-workers-nsg",
        "sourceType": "NETWORK_SECURITY_GROUP",
        "stateless": False,
        "tcpOptions": {"destinationPortRange": {"min": 6443, "max": 6443}},
    }


def test_a_rule_out_to_the_services_names_their_label() -> None:
    found = rule("a-workers-nsg-workers-call-the-services-of-oracle-out")
    assert found.inputs == {
        "networkSecurityGroupId": "ocid1.networksecuritygroup.oc1.test.a-workers-nsg",
        "description": "workers call the services of Oracle",
        "direction": "EGRESS",
        "protocol": "6",
        "destination": "all-test-services-in-oracle-services-network",
        "destinationType": "SERVICE_CIDR_BLOCK",
        "stateless": False,
    }


def test_a_rule_for_a_peer_names_its_range() -> None:
    inputs = rule("a-internal-lb-nsg-pods-of-b-reach-the-east-west-gateway-in").inputs
    assert (inputs["source"], inputs["sourceType"]) == ("10.1.128.0/17", "CIDR_BLOCK")


def test_a_range_of_ports_is_whole() -> None:
    found = rule("a-workers-nsg-public-load-balancers-forward-to-node-ports-in")
    assert found.inputs["tcpOptions"] == {"destinationPortRange": {"min": 30000, "max": 32767}}


def test_path_discovery_is_one_kind_of_icmp() -> None:
    inputs = rule("a-workers-nsg-path-discovery-from-anywhere-to-workers-in").inputs
    assert (inputs["protocol"], inputs["icmpOptions"]) == ("1", {"type": 3, "code": 4})


def test_a_rule_is_the_child_of_its_group() -> None:
    found = rule("a-api-nsg-workers-call-the-kubernetes-api-in")
    assert found.parent == network().one(GROUP, "a-api-nsg").urn


def test_flannel_has_neither_subnet_nor_group_for_pods() -> None:
    found = deployed(mesh({"a": flannel(0)}))
    assert not [name for name in (*found.names(SUBNET), *found.names(GROUP)) if "pods" in name]


def test_everything_has_the_provider_of_the_region() -> None:
    providers = {found.provider for found in network().resources if found.type.startswith("oci:")}
    assert {provider.split("::")[-2] for provider in providers} == {"us-sanjose-1"}
    assert {provider.split("::")[-2] for _, _, provider in network().calls} == {"us-sanjose-1"}


def test_the_outputs_are_keyed_by_role() -> None:
    assert network().exports["vcnId"] == "ocid1.vcn.oc1.test.a-vcn"
    assert network().exports["subnets"]["publicLb"] == "ocid1.subnet.oc1.test.a-public-lb-subnet"
    assert network().exports["nsgs"]["publicLb"] == (
        "ocid1.networksecuritygroup.oc1.test.a-public-lb-nsg"
    )


def test_whoever_uses_a_group_waits_for_its_rules() -> None:
    def program() -> None:
        ids = build(PLAN).details.nsg_ids
        oci.core.Drg("user", compartment_id=ids[SubnetRole.API])

    found = deploy(program)
    user = found.one("oci:Core/drg:Drg", "user")
    rules = {r.urn for r in found.of(RULE) if r.name.startswith("a-api-nsg-")}
    assert rules
    assert rules <= user.dependencies


def test_a_region_without_a_label_for_all_services_is_an_error() -> None:
    answers = {
        "oci:Core/getServices:getServices": {
            "services": [
                {"id": "x", "name": "x", "cidrBlock": "oci-x-objectstorage", "description": ""}
            ]
        }
    }
    with pytest.raises(OfferError) as caught:
        deploy(lambda: build(PLAN), answers=answers)
    assert str(caught.value) == (
        "clusters.a.region: offers 0 labels for all services of Oracle, got us-sanjose-1 with "
        "oci-x-objectstorage; choose a region that offers one"
    )


def test_a_preview_registers_what_an_update_does() -> None:
    assert deployed(PLAN, preview=True).urns() == network().urns()


def test_a_further_peer_changes_nothing_and_adds_rules_named_after_it() -> None:
    """And a peer that leaves takes no more away, so that it is reached to its end."""
    before = {found.urn: found for found in deployed(multi_primary(2, operator="a")).resources}
    after = {found.urn: found for found in network().resources}
    assert not before.keys() - after.keys()
    added = [after[urn] for urn in after.keys() - before.keys()]
    assert added
    assert {found.type for found in added} == {RULE}
    assert all("c" in found.name.split("-") for found in added)
    assert [before[urn].name for urn in before if before[urn].inputs != after[urn].inputs] == []
