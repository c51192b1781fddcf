"""What istiod believes of pods, against the pods that are there."""

from __future__ import annotations

from typing import Any

import pytest

from ops.verify.document import mesh_from_outputs
from ops.verify.kubernetes import pods_in
from ops.verify.shards import judge_endpoints, judge_expectations
from tests.ops import verify_answers as answers

MESH = mesh_from_outputs(answers.outputs())
PRIMARY = MESH.clusters["primary"]
NEAR, FAR = "primary-cluster", "secondary-cluster"
PODS = {
    NEAR: pods_in([answers.curl_pod(), answers.hello_pod("v1", "10.1.1.7")]),
    FAR: pods_in([answers.hello_pod("v2", "10.2.1.7")]),
}
GOOD = {NEAR: [answers.endpoint("10.1.1.7")], FAR: [answers.endpoint("10.2.1.7")]}
FOREIGN = "spiffe://cluster.local/ns/sample/sa/default"


def endpoints(**changes: list[dict[str, Any]]) -> str:
    believed = {**GOOD, **{f"{key}-cluster": found for key, found in changes.items()}}
    answer = answers.shardz(believed)
    return judge_endpoints(PRIMARY, pods=PODS, answers={"istiod-a": answer}).seen


def expectations(answer: dict[str, Any]) -> str:
    return judge_expectations(MESH, PRIMARY, answers={"istiod-a": answer}).seen


def test_an_istiod_that_knows_every_pod_is_in_order() -> None:
    assert endpoints() == ""


@pytest.mark.parametrize("found", [[], [answers.endpoint("10.2.1.7", HealthStatus=2)]])
def test_a_pod_that_istiod_does_not_know_as_healthy_is_a_fault(
    found: list[dict[str, Any]],
) -> None:
    assert endpoints(secondary=found) == (
        "istiod-a does not know helloworld-v2-abc of secondary-cluster"
    )


def test_an_istiod_that_knows_nothing_of_the_service_is_a_fault() -> None:
    seen = judge_endpoints(PRIMARY, pods=PODS, answers={"istiod-a": {}}).seen
    assert seen == (
        "istiod-a does not know helloworld-v1-abc of primary-cluster; "
        "istiod-a does not know helloworld-v2-abc of secondary-cluster"
    )


def test_an_endpoint_without_a_pod_is_a_fault() -> None:
    old = answers.endpoint("10.2.1.99")
    assert endpoints(secondary=[*GOOD[FAR], old]) == (
        "istiod-a still has 10.2.1.99 in secondary-cluster, where no pod of helloworld is"
    )


def test_a_pod_that_is_not_ready_may_be_known_or_not() -> None:
    late = answers.hello_pod("v2", "10.2.1.8")
    late["status"]["containerStatuses"][0]["ready"] = False
    pods = {**PODS, FAR: (*PODS[FAR], *pods_in([late]))}
    for believed in (GOOD, {**GOOD, FAR: [*GOOD[FAR], answers.endpoint("10.2.1.8")]}):
        answer = answers.shardz(believed)
        assert judge_endpoints(PRIMARY, pods=pods, answers={"istiod-a": answer}).seen == ""


def test_endpoints_of_a_cluster_that_is_leaving_are_no_fault() -> None:
    leaving = answers.endpoint("10.9.1.7", ServiceAccount=FOREIGN)
    assert endpoints(leaving=[leaving]) == ""
    assert expectations(answers.shardz({**GOOD, "leaving-cluster": [leaving]})) == ""


def test_every_istiod_of_a_primary_is_looked_at() -> None:
    said = {"istiod-a": answers.shardz(GOOD), "istiod-b": answers.shardz({NEAR: GOOD[NEAR]})}
    assert judge_endpoints(PRIMARY, pods=PODS, answers=said).seen == (
        "istiod-b does not know helloworld-v2-abc of secondary-cluster"
    )


def test_identities_of_the_trust_domain_are_in_order() -> None:
    nameless = answers.endpoint("10.2.1.9", ServiceAccount="")
    assert expectations(answers.shardz({**GOOD, FAR: [nameless]})) == ""


def test_another_trust_domain_of_any_service_is_a_fault() -> None:
    foreign = answers.endpoint("10.2.3.4", ServiceAccount=FOREIGN)
    shop = {"shop.shop.svc.cluster.local": {"shop": {"Shards": {f"Kubernetes/{FAR}": [foreign]}}}}
    assert expectations({**answers.shardz(GOOD), **shop}) == (
        "istiod-a expects 1 endpoints of secondary-cluster outside of oke.local, such as "
        f"{FOREIGN} for shop.shop.svc.cluster.local"
    )


def test_services_without_endpoints_have_no_identity() -> None:
    empty = {"x.y.svc.cluster.local": {"y": {"Shards": {f"Kubernetes/{FAR}": None}}}}
    assert expectations({**empty, "z": {"y": {"Shards": None}}}) == ""
