"""What istiod's debug answers say."""

from __future__ import annotations

from typing import Any

import pytest

from ops.verify.checks import Status
from ops.verify.document import Cluster, mesh_from_outputs
from ops.verify.istiod import judge_clusters, judge_proxies, proxy_faults
from tests.ops import verify_answers as answers

MESH = mesh_from_outputs(answers.outputs())
PRIMARY = MESH.clusters["primary"]
NAME = PRIMARY.name


def proxies(*entries: dict[str, Any], expected: tuple[str, ...] = ()) -> str:
    return judge_proxies(PRIMARY, expected=expected, answers=[entries]).seen


def test_a_proxy_that_took_everything_is_in_order() -> None:
    assert proxy_faults(answers.proxy("curl.sample", NAME)) == []


@pytest.mark.parametrize("part", ["cluster", "listener", "route", "endpoint"])
def test_a_configuration_that_was_not_taken_is_a_fault(part: str) -> None:
    late = {f"{part}_sent": "nonce-9", f"{part}_acked": "nonce-8"}
    assert proxy_faults(answers.proxy("curl.sample", NAME, **late)) == [
        f"has not taken the latest {part} configuration"
    ]


def test_a_proxy_without_routes_of_its_own_is_in_order() -> None:
    assert proxy_faults(answers.proxy("gateway.istio-system", NAME, route_sent="")) == []


def test_a_proxy_that_was_sent_nothing_is_a_fault() -> None:
    empty = answers.proxy("curl.sample", NAME, cluster_sent="", listener_sent="")
    assert proxy_faults(empty) == ["has no cluster configuration", "has no listener configuration"]


def test_a_refused_configuration_is_told_in_the_proxys_words() -> None:
    refused = {"type.googleapis.com/x.Listener": {"lastError": "duplicate listener"}}
    assert proxy_faults(answers.proxy("curl.sample", NAME, resources=refused)) == [
        "refused its configuration: duplicate listener"
    ]


def test_a_pod_that_no_istiod_knows_is_a_fault() -> None:
    seen = proxies(answers.proxy("curl.sample", NAME), expected=("curl.sample", "hello.sample"))
    assert seen == "hello.sample is connected to no istiod"


def test_a_proxy_of_the_same_name_in_another_cluster_does_not_count() -> None:
    other = answers.proxy("curl.sample", "secondary-cluster")
    assert proxies(other, expected=("curl.sample",)) == "curl.sample is connected to no istiod"


def test_a_remotes_proxies_are_looked_for_at_every_istiod() -> None:
    first, second = [answers.proxy("a.sample", NAME)], [answers.proxy("b.sample", NAME)]
    check = judge_proxies(PRIMARY, expected=("a.sample", "b.sample"), answers=[first, second])
    assert check.status is Status.OK


def clusters(*states: dict[str, Any], cluster: Cluster = PRIMARY) -> str:
    check = judge_clusters(
        cluster, expected=MESH.clusters.values(), answers={"istiod-a": list(states)}
    )
    return check.seen


OWN, OTHER = "primary-cluster", "secondary-cluster"


def test_an_istiod_that_reads_every_cluster_is_in_order() -> None:
    assert clusters(answers.read_cluster(OWN), answers.read_cluster(OTHER)) == ""


def test_a_cluster_that_is_not_known_is_a_fault() -> None:
    assert clusters(answers.read_cluster(OWN)) == "istiod-a does not know secondary-cluster"


@pytest.mark.parametrize("state", ["syncing", "timeout", "closed"])
def test_a_cluster_in_another_state_than_synced_is_a_fault(state: str) -> None:
    seen = clusters(answers.read_cluster(OWN), answers.read_cluster(OTHER, state))
    assert seen == f"istiod-a has secondary-cluster as {state}"


def test_a_primary_without_istiod_is_a_fault() -> None:
    check = judge_clusters(PRIMARY, expected=MESH.clusters.values(), answers={})
    assert check.seen == "there is no istiod"


def test_each_istiod_of_a_primary_is_looked_at() -> None:
    both = [answers.read_cluster(OWN), answers.read_cluster(OTHER)]
    check = judge_clusters(
        PRIMARY, expected=MESH.clusters.values(), answers={"istiod-a": both, "istiod-b": both[:1]}
    )
    assert check.seen == "istiod-b does not know secondary-cluster"
