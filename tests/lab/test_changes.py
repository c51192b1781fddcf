"""The second update: clusters join and leave while everybody goes on asking."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from oci.container_engine import ContainerEngineClient
from oci.core import VirtualNetworkClient
from oci.load_balancer import LoadBalancerClient

from lab.stack import STACK
from tests.lab.record import note
from tests.lab.stack_kit import KEYS, Lab
from tests.lab.stream import Answers, traffic

# Seen green once (docs/changes.md) and eight minutes long: in `make test-lab-all` for now.
pytestmark = pytest.mark.lab_all
log = logging.getLogger(__name__)

CLUSTERS = ("oke-mesh:clusters",)
THIRD = "third"
THIRD_REGION = "us-ashburn-1"
LEAST_A_SECOND = 5
"""Fewer requests would show nothing; fifteen are asked for, on a machine that is at rest."""


def third_cluster(lab: Lab, *, enabled: bool) -> dict[str, Any]:
    """A cluster in a region of its own, beside the two of `Pulumi.lab.yaml`."""
    settings = yaml.safe_load(lab.paths.stack_settings.read_text())["config"]
    clusters: dict[str, Any] = settings["oke-mesh:clusters"]
    own = {
        "region": THIRD_REGION,
        "vcnCidr": "10.2.0.0/16",
        "servicesCidr": "10.98.0.0/16",
        "sampleVersion": "v3",
        "enabled": enabled,
    }
    return {**clusters, THIRD: clusters[KEYS[0]] | own}


def up(lab: Lab, folder: Path, at: Sequence[str], *, to: Any) -> None:
    """An update with one setting changed, which must succeed."""
    update(lab, "--config-file", str(lab.changed_settings(folder, at, to)))


def update(lab: Lab, *words: str) -> None:
    """An update, which must succeed."""
    said = lab.pulumi("up", "--yes", "--skip-preview", "--stack", STACK, *words)
    assert said.code == 0, said.text


@contextmanager
def nobody_fails(lab: Lab, through: Sequence[str] = KEYS) -> Iterator[Mapping[str, Answers]]:
    """Requests from both clusters and through gateways; not one may fail meanwhile."""
    with traffic(lab, KEYS, through=through) as streams:
        yield streams
        rates = {name: answers.a_second for name, answers in streams.items()}
        note(streams)
    for name, answers in streams.items():
        log.info("%s: %d answers, %.1f a second", name, answers.count, rates[name])
        for fault in answers.failed:
            log.info("%s failed %s", name, fault)
    assert {name: answers.failed for name, answers in streams.items() if answers.failed} == {}
    assert min(rates.values()) > LEAST_A_SECOND


def until(streams: Mapping[str, Answers], versions: set[str]) -> None:
    for answers in streams.values():
        answers.until(versions)


def test_a_cluster_joins_and_no_request_fails(lab: Lab, tmp_path: Path) -> None:
    with nobody_fails(lab) as streams:
        until(streams, {"v1", "v2"})
        up(lab, tmp_path, CLUSTERS, to=third_cluster(lab, enabled=True))
        until(streams, {"v1", "v2", "v3"})


def test_a_cluster_leaves_in_one_update_and_no_request_fails(lab: Lab, tmp_path: Path) -> None:
    with nobody_fails(lab) as streams:
        until(streams, {"v1", "v2", "v3"})
        up(lab, tmp_path, CLUSTERS, to=third_cluster(lab, enabled=False))
        until(streams, {"v1", "v2"})
    assert _left_in(lab, THIRD_REGION) == []
    assert [urn for urn in _urns(lab) if THIRD in urn] == []


@pytest.mark.parametrize("exposure", ["public", "internal"])
def test_the_east_west_gateways_move_and_no_request_fails(
    lab: Lab, tmp_path: Path, exposure: str
) -> None:
    before = _addresses(lab, "eastWestAddress")
    with nobody_fails(lab) as streams:
        until(streams, {"v1", "v2"})
        up(lab, tmp_path, ("oke-mesh:mesh", "eastWest", "exposure"), to=exposure)
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
        up(lab, tmp_path, ("oke-mesh:mesh", "ingress", "exposure"), to=exposure)
        until(streams, {"v1", "v2"})
    after = _addresses(lab, "ingressAddress")
    assert not after & before
    for key in KEYS:
        assert any(len(found & before) == len(found & after) == 1 for found in seen[key])
        assert _balancers(lab, key, "ingressgateway") <= after


@pytest.mark.parametrize(
    ("at", "value", "versions"),
    [
        (("oke-mesh:mesh", "mtls"), "PERMISSIVE", {"v1", "v2"}),
        (
            ("oke-mesh:mesh", "istio", "values", "env", "PILOT_DEBOUNCE_MAX"),
            "5s",
            {"v1", "v2"},
        ),
        (("oke-mesh:mesh", "eastWest", "replicas"), 2, {"v1", "v2"}),
        (("oke-mesh:clusters", "secondary", "sampleVersion"), "v9", {"v1", "v9"}),
    ],
    ids=["mtls", "istiod variable", "two east-west pods", "sampleVersion"],
)
def test_a_setting_changes_there_and_back_and_no_request_fails(
    lab: Lab, tmp_path: Path, *, at: tuple[str, ...], value: Any, versions: set[str]
) -> None:
    with nobody_fails(lab) as streams:
        until(streams, {"v1", "v2"})
        up(lab, tmp_path, at, to=value)
        until(streams, versions)
        update(lab)
        until(streams, {"v1", "v2"})


@pytest.mark.parametrize(
    "resource",
    ["primary-istio-reader-token", "primary-intermediate-cert"],
    ids=["reader", "intermediate"],
)
def test_a_credential_is_made_anew_and_no_request_fails(lab: Lab, *, resource: str) -> None:
    (urn,) = [urn for urn in _urns(lab) if urn.endswith(f"::{resource}")]
    with nobody_fails(lab) as streams:
        until(streams, {"v1", "v2"})
        update(lab, "--replace", urn)
        until(streams, {"v1", "v2"})


def test_what_was_there_before_is_there_again(lab: Lab) -> None:
    said = lab("preview", "--expect-no-changes")
    assert said.code == 0, said.text


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


def _urns(lab: Lab) -> list[str]:
    state = json.loads(lab.pulumi("stack", "export", "--stack", STACK).out)
    return [resource["urn"] for resource in state["deployment"]["resources"]]


def _left_in(lab: Lab, region: str) -> list[str]:
    """What of a stack's large things is in a region."""
    compartment = lab.compartment_id
    network = lab.client(VirtualNetworkClient, region)
    found = [
        *network.list_vcns(compartment).data,
        *network.list_drgs(compartment).data,
        *network.list_remote_peering_connections(compartment).data,
        *lab.client(LoadBalancerClient, region).list_load_balancers(compartment).data,
        *lab.client(ContainerEngineClient, region).list_clusters(compartment).data,
        *lab.client(ContainerEngineClient, region).list_node_pools(compartment).data,
    ]
    return [one.id for one in found if one.lifecycle_state not in ("DELETED", "TERMINATED")]
