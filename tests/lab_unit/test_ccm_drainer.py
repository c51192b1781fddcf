"""Nodes that are about to go are emptied first, as OKE does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lab.ccm.drainer import SILENCE_SECONDS, Drainer, seconds
from lab.errors import LabError
from lab.hosts.api import ApiError

NAME = "10.0.64.2"


def pod(name: str, *, owner: str = "ReplicaSet", phase: str = "Running") -> dict[str, Any]:
    metadata = {"name": name, "namespace": "here", "ownerReferences": [{"kind": owner}]}
    return {"metadata": metadata, "status": {"phase": phase}}


class FakeKube:
    """One node with pods; an eviction takes its pod away unless a budget holds it."""

    def __init__(self, *pods: dict[str, Any]) -> None:
        self.pods = list(pods)
        self.node: dict[str, Any] | None = {"spec": {}}
        self.held: set[str] = set()
        self.evicted: list[str] = []
        self.is_silent = False

    def get(self, path: str) -> Any:
        if self.is_silent:
            raise ApiError(0, "no answer from the API server")
        if path == f"/api/v1/nodes/{NAME}":
            return self.node
        assert path == f"/api/v1/pods?fieldSelector=spec.nodeName%3D{NAME}"
        return {"items": list(self.pods)}

    def merge(self, path: str, patch: dict[str, Any]) -> None:
        assert path == f"/api/v1/nodes/{NAME}"
        assert self.node is not None
        self.node["spec"] |= patch["spec"]

    def create(self, path: str, document: dict[str, Any]) -> None:
        name = document["metadata"]["name"]
        assert path == f"/api/v1/namespaces/here/pods/{name}/eviction"
        if name in self.held:
            raise ApiError(429, "a disruption budget")
        self.evicted.append(name)
        self.pods = [pod for pod in self.pods if pod["metadata"]["name"] != name]


class Kept(Drainer):
    """A drainer of one node, without a cloud behind it."""

    def __init__(self, kube: FakeKube, grace: float) -> None:
        super().__init__(kube, SimpleNamespace(), "cluster")  # type: ignore[arg-type]
        self.grace = grace

    def is_over(self, now: float) -> bool:
        node = SimpleNamespace(id="node")
        return self._is_over(node, NAME, now=now, grace=self.grace)  # type: ignore[arg-type]


def drainer(*pods: dict[str, Any], grace: float = 60) -> tuple[Kept, FakeKube]:
    kube = FakeKube(*pods)
    return Kept(kube, grace), kube


def test_a_node_takes_no_new_pods_and_loses_those_that_can_run_elsewhere() -> None:
    made, kube = drainer(
        pod("web"),
        pod("proxy", owner="DaemonSet"),
        pod("api", owner="Node"),
        pod("a", phase="Failed"),
    )
    assert not made.is_over(0)
    assert kube.node == {"spec": {"unschedulable": True}}
    assert kube.evicted == ["web"]
    assert made.is_over(1)


def test_a_budget_holds_a_pod_until_it_lets_go() -> None:
    made, kube = drainer(pod("web"))
    kube.held = {"web"}
    assert not made.is_over(0)
    assert not made.is_over(1)
    kube.held = set()
    assert not made.is_over(2)
    assert made.is_over(3)


def test_a_pod_that_ends_already_is_waited_for() -> None:
    ending = pod("web")
    ending["metadata"]["deletionTimestamp"] = "2026-11-26T19:00:00Z"
    made, kube = drainer(ending)
    assert not made.is_over(0)
    assert kube.evicted == []


def test_a_pod_that_may_never_go_is_waited_for_as_long_as_the_pool_says() -> None:
    made, kube = drainer(pod("web"), grace=30)
    kube.held = {"web"}
    assert [made.is_over(now) for now in (0, 29, 30)] == [False, False, True]


def test_a_node_that_is_gone_needs_no_draining() -> None:
    made, kube = drainer(pod("web"))
    kube.node = None
    assert made.is_over(0)


def test_an_api_server_that_is_silent_holds_no_node_for_long() -> None:
    made, kube = drainer(pod("web"), grace=3600)
    kube.is_silent = True
    assert not made.is_over(0)
    assert made.is_over(SILENCE_SECONDS)


@pytest.mark.parametrize(
    ("text", "length"), [("PT60M", 3600), ("PT0M", 0), ("PT1H5M", 3900), ("PT30S", 30)]
)
def test_a_grace_is_a_duration(text: str, length: float) -> None:
    assert seconds(text) == length


def test_what_is_no_duration_is_refused() -> None:
    with pytest.raises(LabError, match="evictionGraceDuration: is not a duration, got '5 minutes'"):
        seconds("5 minutes")
