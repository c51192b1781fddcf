"""Who reaches the pods of Istio where policies are enforced, asked as a CNI plugin would answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mesh.support import PRIMARY_REMOTE, cluster_of, mesh
from tests.support.harness import Deployment

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

ISTIOD = {"app": "istiod", "istio": "pilot"}
INGRESS = {"app": "istio-ingressgateway", "istio": "ingressgateway"}
EAST_WEST = {"app": "istio-eastwestgateway", "istio": "eastwestgateway"}
EGRESS = {"app": "istio-egressgateway", "istio": "egressgateway"}
PROMETHEUS = {"app.kubernetes.io/name": "prometheus"}

KNOWN_PORTS = (80, 443, 8080, 9876, 15000, 15010, 15012, 15014, 15017, 15020, 15021, 15090, 15443)


def selects(spec: dict[str, Any], labels: dict[str, str]) -> bool:
    return bool(spec["podSelector"]["matchLabels"].items() <= labels.items())


def lets_in(rule: dict[str, Any], port: int, *, from_pod: bool) -> bool:
    assert rule.get("from") in (None, [{"namespaceSelector": {}}]), "the test knows no other"
    ports = [(entry["protocol"], entry["port"]) for entry in rule["ports"]]
    return ("TCP", port) in ports and (from_pod or "from" not in rule)


def open_ports(
    made: Deployment, key: str, labels: dict[str, str], *, from_pod: bool
) -> set[int] | None:
    """The ports of pods with these labels that others reach; None for every port there is.

    Policies add up, and a pod that none selects is open.
    """
    specs = [
        policy.inputs["spec"] for policy in made.of(POLICY) if cluster_of(made, policy.name) == key
    ]
    chosen = [spec for spec in specs if selects(spec, labels)]
    if not chosen:
        return None
    rules = [rule for spec in chosen for rule in spec["ingress"]]
    return {
        port
        for port in KNOWN_PORTS
        if any(lets_in(rule, port, from_pod=from_pod) for rule in rules)
    }


@pytest.fixture(scope="module")
def served() -> Deployment:
    return mesh(**PRIMARY_REMOTE)


def test_pods_reach_istiod_for_their_configuration_and_its_metrics(primaries: Deployment) -> None:
    assert open_ports(primaries, "primary", ISTIOD, from_pod=True) == {15012, 15014, 15017}


def test_who_is_no_pod_reaches_the_webhooks_of_istiod_alone(primaries: Deployment) -> None:
    """As the API server, whose address nobody documents."""
    assert open_ports(primaries, "primary", ISTIOD, from_pod=False) == {15017}


def test_anyone_reaches_an_ingress_gateway_where_its_load_balancer_leads(
    primaries: Deployment,
) -> None:
    assert open_ports(primaries, "primary", INGRESS, from_pod=False) == {80, 443, 15021}


def test_prometheus_reaches_the_metrics_of_every_gateway(optional: Deployment) -> None:
    for gateway in (INGRESS, EAST_WEST, EGRESS):
        found = open_ports(optional, "primary", gateway, from_pod=True)
        assert found is not None
        assert found >= {15020, 15090}


def test_other_networks_reach_services_through_an_east_west_gateway(
    primaries: Deployment,
) -> None:
    assert open_ports(primaries, "primary", EAST_WEST, from_pod=False) == {15021, 15443}


def test_remotes_reach_istiod_through_the_gateway_of_their_primary(served: Deployment) -> None:
    outside = open_ports(served, "fra", EAST_WEST, from_pod=False)
    assert outside == {15012, 15017, 15021, 15443}
    assert open_ports(served, "ash", EAST_WEST, from_pod=False) == {15021, 15443}
    # The gateway is a pod of the same cluster, and passes both on.
    inside = open_ports(served, "fra", ISTIOD, from_pod=True)
    assert inside is not None
    assert inside >= {15012, 15017}


def test_pods_of_its_cluster_alone_reach_an_egress_gateway(optional: Deployment) -> None:
    assert open_ports(optional, "primary", EGRESS, from_pod=False) == set()
    assert open_ports(optional, "primary", EGRESS, from_pod=True) == {80, 443, 15020, 15021, 15090}


def test_add_ons_in_the_namespace_of_istio_stay_open(optional: Deployment) -> None:
    assert open_ports(optional, "primary", PROMETHEUS, from_pod=False) is None


def test_each_cluster_has_the_policies_of_what_runs_there(served: Deployment) -> None:
    assert served.names(POLICY) == [
        "ash-network-policies-eastwestgateway",
        "ash-network-policies-ingressgateway",
        "fra-network-policies-eastwestgateway",
        "fra-network-policies-ingressgateway",
        "fra-network-policies-istiod",
    ]
    assert {policy.inputs["metadata"]["namespace"] for policy in served.of(POLICY)} == {
        "istio-system"
    }


def test_no_policy_keeps_a_pod_of_istio_from_calling(optional: Deployment) -> None:
    """istiod calls other API servers and JWKS, gateways whatever is behind them."""
    for policy in optional.of(POLICY):
        assert policy.inputs["spec"]["policyTypes"] == ["Ingress"]
        assert "egress" not in policy.inputs["spec"]


def test_without_a_mesh_there_is_none() -> None:
    assert mesh(mesh__enabled=False).of(POLICY) == []
