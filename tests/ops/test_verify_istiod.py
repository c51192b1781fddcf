"""What istiod's debug answers say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.verify.checks import Status
from ops.verify.document import Cluster, mesh_from_outputs
from ops.verify.istiod import (
    entries_of,
    judge_clusters,
    judge_proxies,
    judge_versions,
    proxy_faults,
)
from tests.ops import verify_answers as answers

MESH = mesh_from_outputs(answers.outputs())
PRIMARY = MESH.clusters["primary"]
NAME = PRIMARY.name


NOW = datetime.now(UTC)


def proxies(*entries: dict[str, Any], expected: tuple[str, ...] = ()) -> str:
    found = entries_of(PRIMARY, [entries])
    return judge_proxies(PRIMARY, found, expected=expected, now=NOW).seen


def versions(*found: str, wanted: str = "1.31.4") -> str:
    entries = [answers.proxy(f"shop-{n}.shop", NAME, istio_version=v) for n, v in enumerate(found)]
    return judge_versions(PRIMARY, entries_of(PRIMARY, [entries]), wanted=wanted).seen


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
    found = entries_of(PRIMARY, [first, second])
    check = judge_proxies(PRIMARY, found, expected=("a.sample", "b.sample"), now=NOW)
    assert check.status is Status.OK


def waiting(seconds: int, **changes: Any) -> dict[str, Any]:
    """A user's proxy that was sent something and has not taken it."""
    sent_time = (NOW - timedelta(seconds=seconds)).isoformat()
    clusters = {"sent": "nonce-9", "acked": "nonce-8", "sentTime": sent_time, **changes}
    resources = {"type.googleapis.com/envoy.config.cluster.v3.Cluster": clusters}
    return answers.proxy(
        "shop.shop", NAME, cluster_sent="nonce-9", cluster_acked="nonce-8", resources=resources
    )


def test_a_users_pod_that_is_just_rolling_is_no_fault() -> None:
    new = answers.proxy("shop.shop", NAME, cluster_sent="", listener_sent="")
    assert proxies(new) == ""
    assert proxies(waiting(5)) == ""


def test_a_users_proxy_that_is_stuck_is_a_fault() -> None:
    assert proxies(waiting(300)) == "shop.shop has not taken Cluster for more than 60 s"


def test_a_users_proxy_that_refuses_its_configuration_is_a_fault() -> None:
    assert proxies(waiting(5, lastError="no such filter")) == (
        "shop.shop refused its configuration: no such filter"
    )


def test_proxies_of_the_control_planes_minor_or_the_one_before_are_in_order() -> None:
    assert versions("1.31.4", "1.31.0", "1.30.8") == ""


@pytest.mark.parametrize("version", ["1.29.6", "1.32.0"])
def test_a_proxy_of_any_other_minor_is_a_fault(version: str) -> None:
    assert versions("1.31.4", version) == f"shop-1.shop is of {version}"


def test_a_client_without_a_version_of_istio_is_left_alone() -> None:
    assert versions("", "unknown") == ""


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


@pytest.mark.parametrize("state", ["synced", "syncing", "timeout"])
def test_a_cluster_that_is_leaving_may_be_known_still(state: str) -> None:
    known = [answers.read_cluster(name) for name in (OWN, OTHER)]
    assert clusters(*known, answers.read_cluster("leaving-cluster", state)) == ""
