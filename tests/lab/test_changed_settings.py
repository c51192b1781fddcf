"""Each change of what clusters have, there and back, while everybody goes on asking."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.lab.changing import nobody_fails, until, up, update, urns
from tests.lab.stack_kit import KEYS, Lab

pytestmark = pytest.mark.lab_all

MESH = "oke-mesh:mesh"
SECONDARY = ("oke-mesh:clusters", "secondary")
POOLS = (*SECONDARY, "nodePools")
Changes = dict[tuple[str, ...], Any]
GROWN, SHRUNK, EXCHANGED = "a pool grows", "a pool shrinks", "a pool is exchanged"
ROWS: dict[str, Changes] = {
    "two istiods and two pods of each gateway": {
        (MESH, kind, "replicas"): 2 for kind in ("istio", "ingress", "eastWest")
    },
    EXCHANGED: {POOLS: {"np2": {"size": 1}}},
    GROWN: {POOLS: {"np2": {"size": 2}}},
    SHRUNK: {POOLS: {"np2": {"size": 1}}},
    "log level": {(MESH, "istio", "logLevel"): "all:warn"},
    "bandwidth": {(MESH, "eastWest", "maxMbps"): 200, (MESH, "ingress", "maxMbps"): 200},
    "sampleVersion": {(*SECONDARY, "sampleVersion"): "v9"},
}


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ((MESH, "mtls"), "PERMISSIVE"),
        ((MESH, "istio", "values", "env", "PILOT_DEBOUNCE_MAX"), "5s"),
    ],
    ids=["mtls", "istiod variable"],
)
def test_a_setting_changes_there_and_back_and_no_request_fails(
    lab: Lab, tmp_path: Path, *, at: tuple[str, ...], value: Any
) -> None:
    with nobody_fails(lab) as streams:
        until(streams, {"v1", "v2"})
        up(lab, tmp_path, at, to=value)
        until(streams, {"v1", "v2"})
        update(lab)
        until(streams, {"v1", "v2"})


@pytest.mark.parametrize(
    "resource",
    ["primary-istio-reader-token", "primary-intermediate-cert"],
    ids=["reader", "intermediate"],
)
def test_a_credential_is_made_anew_and_no_request_fails(lab: Lab, *, resource: str) -> None:
    (urn,) = [urn for urn in urns(lab) if urn.endswith(f"::{resource}")]
    with nobody_fails(lab) as streams:
        until(streams, {"v1", "v2"})
        update(lab, "--replace", urn)
        until(streams, {"v1", "v2"})


@pytest.mark.parametrize("exposure", ["public", "internal"])
def test_the_east_west_gateways_move_and_no_request_fails(
    lab: Lab, tmp_path: Path, exposure: str
) -> None:
    before = _addresses(lab, "eastWestAddress")
    with nobody_fails(lab) as streams:
        until(streams, {"v1", "v2"})
        up(lab, tmp_path, (MESH, "eastWest", "exposure"), to=exposure)
        until(streams, {"v1", "v2"})
    after = _addresses(lab, "eastWestAddress")
    assert not after & before
    for key in KEYS:
        assert _balancers(lab, key, "eastwestgateway") <= after


@pytest.mark.parametrize("exposure", ["internal", "public"])
def test_the_ingress_gateways_answer_at_both_addresses_before_one_goes(
    lab: Lab, tmp_path: Path, exposure: str
) -> None:
    """Their addresses change by nature, which no other client may notice."""
    before = _addresses(lab, "ingressAddress")
    with nobody_fails(lab, through=()) as streams, both_seen(lab, "ingressgateway") as seen:
        until(streams, {"v1", "v2"})
        up(lab, tmp_path, (MESH, "ingress", "exposure"), to=exposure)
        until(streams, {"v1", "v2"})
    after = _addresses(lab, "ingressAddress")
    assert not after & before
    for key in KEYS:
        assert any(len(found & before) == len(found & after) == 1 for found in seen[key])
        assert _balancers(lab, key, "ingressgateway") <= after


@pytest.mark.parametrize("row", ROWS)
def test_one_change_after_another_and_no_request_fails(lab: Lab, tmp_path: Path, row: str) -> None:
    """Each comes to those before it, so that node pools change with two of what answers."""
    done = [*ROWS.values()][: [*ROWS].index(row) + 1]
    before = _nodes_of_gateways(lab)
    # The client of a cluster goes with its node.
    with nobody_fails(lab, clients=KEYS[:1] if row == EXCHANGED else KEYS) as streams:
        if row == SHRUNK:
            before = _spread(lab)
        update(lab, "--config-file", str(_settings(lab, tmp_path, *done)))
        until(streams, {"v1", "v9" if "sampleVersion" in [*ROWS][: len(done)] else "v2"})
    after = _nodes_of_gateways(lab)
    assert len(after) == 1
    assert (after != before) == (row in {SHRUNK, EXCHANGED})


def test_all_but_the_pool_changes_back_at_once_and_no_request_fails(
    lab: Lab, tmp_path: Path
) -> None:
    """A pool is not exchanged while one pod alone answers."""
    with nobody_fails(lab) as streams:
        update(lab, "--config-file", str(_settings(lab, tmp_path, ROWS[EXCHANGED])))
        until(streams, {"v1", "v2"})
    update(lab)


def test_what_was_there_before_is_there_again(lab: Lab) -> None:
    said = lab("preview", "--expect-no-changes")
    assert said.code == 0, said.text


def _settings(lab: Lab, folder: Path, *changes: Changes) -> Path:
    """The stack's settings with all of these in them."""
    return lab.settings_with(folder, {at: to for change in changes for at, to in change.items()})


def _spread(lab: Lab) -> set[str]:
    """Makes the gateways anew, for which there are two nodes now."""
    istio = ("--namespace", "istio-system", "rollout")
    for gateway in ("eastwestgateway", "ingressgateway"):
        lab.kubectl("secondary", *istio, "restart", f"deployment/istio-{gateway}")
    for gateway in ("eastwestgateway", "ingressgateway"):
        words = ("status", f"deployment/istio-{gateway}", "--timeout=300s")
        lab.kubectl("secondary", *istio, *words)
    found = _nodes_of_gateways(lab)
    assert len(found) == 2
    return found


def _nodes_of_gateways(lab: Lab) -> set[str]:
    path = "jsonpath={.items[*].spec.nodeName}"
    words = ("get", "pods", "--selector", "istio in (ingressgateway, eastwestgateway)")
    found = lab.kubectl("secondary", "--namespace", "istio-system", *words, "--output", path)
    return set(found.split())


@contextmanager
def both_seen(lab: Lab, gateway: str) -> Iterator[Mapping[str, list[set[str]]]]:
    """The addresses of a kind of gateway by cluster, at each moment of the block."""
    seen: dict[str, list[set[str]]] = {key: [] for key in KEYS}
    over = threading.Event()

    def look() -> None:
        while not over.wait(1):
            for key in KEYS:
                seen[key].append(_balancers(lab, key, gateway))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _balancers(lab: Lab, key: str, gateway: str) -> set[str]:
    path = "jsonpath={.items[*].status.loadBalancer.ingress[*].ip}"
    words = ("get", "services", "--selector", f"istio={gateway}", "--output", path)
    return set(lab.kubectl(key, "--namespace", "istio-system", *words).split())


def _addresses(lab: Lab, name: str) -> set[str]:
    return {cluster[name] for cluster in lab.outputs()["clusters"].values()}
