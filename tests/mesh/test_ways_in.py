"""Reserved addresses of gateways, and where a request came from."""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from typing import Any

import pytest

from components.plan.firewall.inside import rules
from components.plan.firewall.rule import Openings
from components.settings.clusters import SubnetRole
from tests.mesh.support import RELEASE, SERVICE, mesh
from tests.support.documents import CALLERS, member, settings
from tests.support.harness import Deployment
from tests.support.outputs import address

PUBLIC_IP = "oci:Core/publicIp:PublicIp"
PROXY = "service.beta.kubernetes.io/oci-load-balancer-connection-proxy-protocol-version"


@pytest.fixture(scope="module")
def asked() -> Deployment:
    return mesh(mesh__ingress={"reservedAddress": True, "clientAddresses": "proxyProtocol"})


@pytest.fixture(scope="module")
def plain() -> Deployment:
    return mesh()


def test_a_gateway_has_an_address_of_its_own_in_every_cluster(asked: Deployment) -> None:
    assert sorted(made.name for made in asked.of(PUBLIC_IP)) == [
        "primary-ingressgateway-address",
        "secondary-ingressgateway-address",
    ]
    reserved = asked.one(PUBLIC_IP, "primary-ingressgateway-address")
    assert reserved.inputs["lifetime"] == "RESERVED"
    assert reserved.inputs["displayName"] == "oke-mesh-test-primary-ingressgateway"
    assert reserved.provider.split("::")[3] == "oci-us-sanjose-1"


def test_its_service_asks_for_that_address_and_is_another_one(
    asked: Deployment, plain: Deployment
) -> None:
    """A load balancer keeps the address that it was made with."""
    own = asked.one(SERVICE, "primary-ingressgateway-service").inputs
    former = plain.one(SERVICE, "primary-ingressgateway-service").inputs
    assert own["spec"]["loadBalancerIP"] == address("primary-ingressgateway-address")
    assert own["metadata"]["name"] == "istio-ingressgateway-reserved"
    assert former["metadata"]["name"] == "istio-ingressgateway"
    assert "loadBalancerIP" not in former["spec"]


def test_pods_and_load_balancer_agree_on_the_proxy_protocol(asked: Deployment) -> None:
    service = asked.one(SERVICE, "primary-ingressgateway-service").inputs
    assert service["metadata"]["annotations"][PROXY] == "2"
    values = asked.one(RELEASE, "primary-ingressgateway").inputs["values"]
    config = json.loads(values["podAnnotations"]["proxy.istio.io/config"])
    assert config["gatewayTopology"] == {"proxyProtocol": {}}


def test_between_networks_nothing_of_it_is_said(asked: Deployment, plain: Deployment) -> None:
    for made, name in ((asked, "eastwestgateway"), (plain, "ingressgateway")):
        service = made.one(SERVICE, f"primary-{name}-service").inputs
        assert PROXY not in service["metadata"]["annotations"]
        values = made.one(RELEASE, f"primary-{name}").inputs["values"]
        assert "proxyProtocol" not in values["podAnnotations"]["proxy.istio.io/config"]
    assert plain.of(PUBLIC_IP) == []


NLB = "oci-network-load-balancer.oraclecloud.com"
KEPT = {"balancer": "networkLoadBalancer", "clientAddresses": "kept"}


def ingress_service(**ingress: object) -> dict[str, Any]:
    return dict(mesh(mesh__ingress=ingress).one(SERVICE, "primary-ingressgateway-service").inputs)


def test_a_network_load_balancer_keeps_the_addresses_of_clients() -> None:
    service = ingress_service(**KEPT)
    notes = service["metadata"]["annotations"]
    assert notes["oci.oraclecloud.com/load-balancer-type"] == "nlb"
    assert notes[f"{NLB}/is-preserve-source"] == "true"
    assert notes[f"{NLB}/security-list-management-mode"] == "None"
    assert not [name for name in notes if name.startswith("service.beta.kubernetes.io")]
    assert service["spec"]["externalTrafficPolicy"] == "Local"
    assert service["metadata"]["name"] == "istio-ingressgateway-network"


def test_a_network_load_balancer_speaks_the_proxy_protocol_too() -> None:
    service = ingress_service(balancer="networkLoadBalancer", clientAddresses="proxyProtocol")
    assert service["metadata"]["annotations"][f"{NLB}/is-ppv2-enabled"] == "true"


def test_nodes_let_the_callers_in_whose_addresses_are_kept() -> None:
    kept = Openings.of(settings(mesh__ingress={**KEPT, "allowedCidrs": [CALLERS]}))
    found = rules(member(), kept)[SubnetRole.WORKERS]
    (way,) = [rule for rule in found if "through the load balancer" in rule.sentence]
    assert (way.side, way.traffic.ports) == (IPv4Network(CALLERS), (30000, 32767))
    usual = rules(member(), Openings.of(settings()))[SubnetRole.WORKERS]
    assert len(usual) == len(found) - 1
