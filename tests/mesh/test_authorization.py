"""Who may ask whom in a mesh, which services cross, and whose routes a gateway takes."""

from __future__ import annotations

from typing import Any

import pytest

from components.samples.samples import Samples, SamplesArgs, ingress_identity
from tests.mesh.support import (
    AUTHORIZATION_POLICY,
    GATEWAY,
    PRIMARY_REMOTE,
    VIRTUAL_SERVICE,
    mesh,
)
from tests.support.harness import Deployment, deploy
from tests.support.program import CASES, inventory_run

DENY: dict[str, Any] = {"mesh__authorization": "denyByDefault"}


def policies(made: Deployment) -> dict[str, Any]:
    return {
        policy.name: policy.inputs["spec"]
        for policy in made.of(AUTHORIZATION_POLICY)
        if policy.inputs["metadata"]["namespace"] == "istio-system"
    }


def allow(gateway: str, rule: dict[str, Any]) -> dict[str, Any]:
    selector = {"matchLabels": {"istio": gateway}}
    return {"selector": selector, "action": "ALLOW", "rules": [rule]}


@pytest.fixture(scope="module")
def denying() -> Deployment:
    return mesh(**DENY)


def test_by_default_the_mesh_has_no_policy(primaries: Deployment) -> None:
    assert policies(primaries) == {}


def test_a_mesh_that_denies_lets_the_world_in_to_its_ingress_gateways_only(
    denying: Deployment,
) -> None:
    assert policies(denying) == {
        f"{key}-exposure-{name}": spec
        for key in ("primary", "secondary")
        for name, spec in {
            "deny-by-default": {"action": "ALLOW"},
            "allow-ingress": allow("ingressgateway", {}),
        }.items()
    }


def test_remotes_reach_istiod_in_a_mesh_that_denies() -> None:
    ports = {"to": [{"operation": {"ports": ["15012", "15017"]}}]}
    found = policies(mesh(**PRIMARY_REMOTE, **DENY))
    assert found["fra-exposure-allow-istiod"] == allow("eastwestgateway", ports)
    assert all(name.startswith("fra-") for name in found)


def test_an_egress_gateway_serves_the_mesh_and_nobody_else() -> None:
    found = policies(mesh(mesh__istio={"egress": True}, **DENY))
    anyone = {"from": [{"source": {"principals": ["*"]}}]}
    assert found["primary-exposure-allow-egress"] == allow("egressgateway", anyone)


def test_the_samples_answer_each_other_and_the_ingress_gateways() -> None:
    ingress = ingress_identity("mesh.example")
    args = SamplesArgs(
        key="fra",
        version="v1",
        labels={},
        identity={},
        is_primary=True,
        callers=(ingress,),
        requires=[],
    )
    made = deploy(lambda: Samples("fra-sample", args))
    policy = made.one(AUTHORIZATION_POLICY, "fra-sample-helloworld-authorizationpolicy").inputs
    assert policy["metadata"]["namespace"] == "sample"
    assert policy["spec"] == {
        "action": "ALLOW",
        "rules": [
            {
                "from": [
                    {"source": {"namespaces": ["sample"]}},
                    {
                        "source": {
                            "principals": ["mesh.example/ns/istio-system/sa/istio-ingressgateway"]
                        }
                    },
                ]
            }
        ],
    }


def test_what_crosses_networks_can_be_named() -> None:
    hosts = ["*.shop.svc.cluster.local", "api.pay.svc.cluster.local"]
    made = mesh(mesh__eastWest={"hosts": hosts})
    for gateway in made.of(GATEWAY):
        assert [server["hosts"] for server in gateway.inputs["spec"]["servers"]] == [hosts]


@pytest.mark.parametrize("case", CASES)
def test_no_gateway_takes_routes_of_another_namespace(case: str) -> None:
    """But one that passes mTLS on by its SNI, which takes no routes at all."""
    made = inventory_run(case)
    for gateway in made.of(GATEWAY):
        for server in gateway.inputs["spec"]["servers"]:
            if server.get("tls", {}).get("mode") != "AUTO_PASSTHROUGH":
                assert all(host.startswith("./") for host in server["hosts"]), gateway.name


@pytest.mark.parametrize("case", CASES)
def test_every_route_stands_in_the_namespace_of_its_gateway(case: str) -> None:
    made = inventory_run(case)
    places = {
        (g.inputs["metadata"]["namespace"], g.inputs["metadata"]["name"]) for g in made.of(GATEWAY)
    }
    for route in made.of(VIRTUAL_SERVICE):
        for gateway in route.inputs["spec"]["gateways"]:
            if gateway != "mesh":
                assert (route.inputs["metadata"]["namespace"], gateway) in places
