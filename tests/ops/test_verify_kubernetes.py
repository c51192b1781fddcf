"""What the Kubernetes API says of nodes, pods and load balancers."""

from __future__ import annotations

from typing import Any

import pytest

from ops.verify.document import mesh_from_outputs
from ops.verify.kubernetes import (
    balancers_in,
    has_internal_ingress,
    judge_balancers,
    judge_mode,
    judge_nodes,
    judge_pods,
    modes_in,
    pods_in,
    ways_in,
)
from tests.ops import verify_answers as answers

PRIMARY = mesh_from_outputs(answers.outputs()).clusters["primary"]
INGRESS = answers.balancer("istio-ingressgateway", "198.51.100.1")
EAST_WEST = answers.balancer("istio-eastwestgateway", "10.1.0.66", internal=True)
GATEWAYS = [answers.gateway_pod(f"istio-{kind}gateway") for kind in ("ingress", "eastwest")]
SYSTEM = [answers.istiod_pod(), *GATEWAYS]
SAMPLES = [answers.curl_pod(), answers.hello_pod("v1", "10.1.1.7")]


def nodes(*found: dict[str, Any]) -> str:
    return judge_nodes(PRIMARY, found).seen


def pods(*found: dict[str, Any]) -> str:
    return judge_pods(PRIMARY, pods_in(found)).seen


def balancers(*found: dict[str, Any]) -> str:
    return judge_balancers(PRIMARY, balancers_in(found)).seen


def test_ready_nodes_are_in_order() -> None:
    assert nodes(answers.node("a"), answers.node("b")) == ""


def test_a_cluster_without_nodes_is_a_fault() -> None:
    assert nodes() == "there is no node"


def test_a_node_that_is_not_ready_says_why() -> None:
    late = answers.node("b", "False", "container runtime network not ready")
    assert nodes(answers.node("a"), late) == "b: container runtime network not ready"


def test_a_node_that_says_nothing_is_not_ready() -> None:
    silent = {"kind": "Node", "metadata": {"name": "a"}, "status": {}}
    assert nodes(silent) == "a: Ready is Unknown"


def test_injected_pods_with_all_containers_ready_are_in_order() -> None:
    assert pods(*SAMPLES, *SYSTEM) == ""


def test_a_proxy_that_is_an_init_container_counts() -> None:
    found = pods_in([answers.sidecar_pod("curl-a")])[0]
    assert (found.ready, found.wanted, found.has_proxy) == (2, 2, True)


def test_a_proxy_that_is_not_ready_makes_its_pod_late() -> None:
    late = answers.sidecar_pod("curl-a", is_ready=False)
    assert pods(SAMPLES[1], late, *SYSTEM) == "sample/curl-a is Running with 1 of 2 containers"


def test_a_sample_without_a_proxy_is_a_fault() -> None:
    bare = answers.pod("curl-b", "sample", {"curl": True}, labels={"app": "curl"})
    assert pods(*SAMPLES, bare, *SYSTEM) == "sample/curl-b has no istio-proxy"


def test_a_sample_that_is_missing_is_a_fault() -> None:
    assert pods(SAMPLES[0], *SYSTEM) == "sample has no pod of helloworld"


def test_a_pod_that_has_no_place_yet_is_late() -> None:
    waiting = answers.istiod_pod()
    waiting["status"] = {"phase": "Pending"}
    assert (
        pods(*SAMPLES, *GATEWAYS, waiting)
        == "istio-system/istiod-abc is Pending with 0 of 1 containers"
    )


def test_pods_that_ended_or_are_about_to_do_not_count() -> None:
    ended = answers.pod("job-a", "sample", {"x": False}, status={"phase": "Succeeded"})
    leaving = answers.pod("old", "sample", {"x": False}, metadata={"deletionTimestamp": "now"})
    assert pods(*SAMPLES, *SYSTEM, ended, leaving) == ""


def test_a_gateway_or_istiod_that_has_no_pod_is_a_fault() -> None:
    assert pods(*SAMPLES) == (
        "istio-system has no pod of istiod; istio-system has no pod of istio-ingressgateway; "
        "istio-system has no pod of istio-eastwestgateway"
    )


def test_a_remote_has_no_istiod() -> None:
    entry = answers.entry("primary", 1, role="remote")
    remote = mesh_from_outputs(answers.outputs(clusters={"primary": entry})).clusters["primary"]
    assert judge_pods(remote, pods_in([*SAMPLES, *GATEWAYS])).seen == ""


@pytest.mark.parametrize("namespace", ["sample", "istio-system"])
def test_a_users_own_pod_that_is_rolling_is_no_fault(namespace: str) -> None:
    own = answers.pod("kiali-a", namespace, {"kiali": False}, labels={"app": "kiali"})
    assert pods(*SAMPLES, *SYSTEM, own) == ""


def test_a_users_own_load_balancer_may_wait_for_its_address() -> None:
    assert balancers(INGRESS, EAST_WEST, answers.balancer("shop")) == ""


def modes(*items: dict[str, Any], wanted: str = "STRICT") -> str:
    return judge_mode(PRIMARY, modes_in(items), wanted=wanted).seen


@pytest.mark.parametrize("mode", ["STRICT", "PERMISSIVE"])
def test_the_wanted_mode_is_in_order(mode: str) -> None:
    assert modes(answers.policy(mode), wanted=mode) == ""


def test_without_a_policy_for_the_whole_mesh_the_mode_is_not_the_wanted_one() -> None:
    gateway = answers.policy(spec={"selector": {"matchLabels": {"app": "x"}}})
    assert modes(gateway) == "mesh.mtls is STRICT, got no PeerAuthentication for the whole mesh"


def test_a_weaker_mode_is_a_fault() -> None:
    assert modes(answers.policy("PERMISSIVE")) == "mesh.mtls is STRICT, got PERMISSIVE"


def test_a_policy_without_a_mode_is_a_fault() -> None:
    assert modes(answers.policy(spec={})) == "mesh.mtls is STRICT, got UNSET"


def test_of_several_policies_the_oldest_counts() -> None:
    older = {"name": "mine", "creationTimestamp": "2026-10-01T00:00:00Z"}
    weak = answers.policy("PERMISSIVE", metadata=older)
    assert modes(answers.policy(), weak) == "mesh.mtls is STRICT, got PERMISSIVE"


def test_load_balancers_with_the_outputs_addresses_are_in_order() -> None:
    assert balancers(INGRESS, EAST_WEST) == ""


def test_a_load_balancer_without_an_address_is_a_fault() -> None:
    bare = answers.balancer("istio-eastwestgateway")
    assert balancers(INGRESS, bare) == "istio-eastwestgateway has no address"


def test_an_address_that_is_not_the_outputs_is_a_fault() -> None:
    moved = answers.balancer("istio-ingressgateway", "198.51.100.77")
    assert balancers(moved, EAST_WEST) == (
        "istio-ingressgateway should have 198.51.100.1, got 198.51.100.77"
    )


def test_a_gateway_that_is_not_there_is_a_fault() -> None:
    assert balancers(INGRESS) == (
        "istio-eastwestgateway should have 10.1.0.66, got no such Service"
    )


def test_on_one_network_no_east_west_gateway_is_asked_for() -> None:
    entry = answers.entry("primary", 1, eastWestAddress=None)
    alone = mesh_from_outputs(answers.outputs(clusters={"primary": entry}))
    check = judge_balancers(alone.clusters["primary"], balancers_in([INGRESS]))
    assert check.seen == ""


def test_other_kinds_of_services_are_left_alone() -> None:
    inner = {"kind": "Service", "metadata": {"name": "istiod"}, "spec": {"type": "ClusterIP"}}
    assert balancers_in([inner]) == ()


def test_an_internal_ingress_gateway_is_recognised() -> None:
    inside = answers.balancer("istio-ingressgateway", "198.51.100.1", internal=True)
    assert has_internal_ingress(PRIMARY, balancers_in([inside, EAST_WEST]))
    assert not has_internal_ingress(PRIMARY, balancers_in([INGRESS, EAST_WEST]))


def test_while_an_address_moves_the_one_that_stays_counts() -> None:
    """Before the former Service goes there are two, of which the outputs name the new one."""
    former = answers.balancer("istio-ingressgateway", "10.1.0.9", internal=True, name="former")
    found = balancers_in([former, INGRESS, EAST_WEST])
    assert judge_balancers(PRIMARY, found).seen == ""
    assert not has_internal_ingress(PRIMARY, found)


def test_others_come_in_at_every_address_of_the_east_west_gateway() -> None:
    former = answers.balancer("istio-eastwestgateway", "203.0.113.9", name="former")
    assert ways_in(balancers_in([INGRESS, EAST_WEST, former])) == ("10.1.0.66", "203.0.113.9")
