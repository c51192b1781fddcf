"""The other description in the lab: one control plane for two clusters, met at public gateways."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from oci.core import VirtualNetworkClient

from lab.paths import CLIENT_ADDRESS, LabPaths
from lab.stack import STACK
from ops.verify.answers import REQUESTS_TO_SINGLE, single_words
from tests.lab import stack_kit
from tests.lab.changing import nobody_fails, until, update, urns
from tests.lab.stack_kit import Lab

pytestmark = pytest.mark.lab

REGIONS = {"fra": "eu-frankfurt-1", "ash": "us-ashburn-1"}
DEADLINE_SECONDS = 3
NEW_PODS_SECONDS = 30


def settings(lab: Lab) -> dict[str, Any]:
    """The clusters and the gateways of `Pulumi.primary-remote.yaml`, in the lab's sizes."""
    found: dict[str, Any] = yaml.safe_load(lab.paths.stack_settings.read_text())
    asked = yaml.safe_load((lab.paths.root / "Pulumi.primary-remote.yaml").read_text())["config"]
    own = found["config"]["oke-mesh:clusters"]["primary"]
    sizes = {key: own[key] for key in ("kubernetesVersion", "nodePools")}
    more = {**sizes, "allowedCidrs": [f"{CLIENT_ADDRESS}/32"]}
    clusters = asked["oke-mesh:clusters"]
    found["config"]["oke-mesh:clusters"] = {key: entry | more for key, entry in clusters.items()}
    # Its endpoints are public, so it has neither host nor tunnel.
    del found["config"]["oke-mesh:access"]
    found["config"]["oke-mesh:mesh"]["eastWest"] |= asked["oke-mesh:mesh"]["eastWest"]
    return found


@pytest.fixture(scope="module")
def lab_of_two(checkout: LabPaths) -> Iterator[Lab]:
    started = stack_kit.lab(checkout, "up")
    assert started.code == 0, started.text
    lab = Lab(checkout, started, "")
    yield lab
    stack_kit.lab(checkout, "down")


@pytest.fixture(scope="module")
def file(lab_of_two: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings' file, once the stack is what it says and verified."""
    made = tmp_path_factory.mktemp("settings") / "Pulumi.lab.yaml"
    made.write_text(yaml.safe_dump(settings(lab_of_two)))
    said = pulumi(lab_of_two, "up", "--yes", "--skip-preview", file=made)
    assert said.code == 0, said.text
    words = ("stack", "output", "mergedKubeconfig", "--show-secrets", "--stack", STACK)
    lab_of_two.paths.kubeconfig.write_text(lab_of_two.pulumi(*words).out)
    return made


def pulumi(lab: Lab, *words: str, file: Path) -> stack_kit.Said:
    return lab.pulumi(*words, "--stack", STACK, "--config-file", str(file))


@pytest.mark.usefixtures("file")
def test_every_cluster_is_answered_by_every_other(lab_of_two: Lab) -> None:
    found = lab_of_two.outputs()["verification"]
    assert found["passed"]
    for client in REGIONS:
        assert set(found["pairs"][client]) == set(REGIONS)
        assert min(found["pairs"][client].values()) >= found["requests"] * 0.3


@pytest.mark.usefixtures("file")
def test_a_service_of_the_remote_alone_answers_both_sides_after_its_pods_are_new(
    lab_of_two: Lab,
) -> None:
    """With another trust domain for the remote, the certificates of new pods are refused."""
    rollout = ("--namespace", "sample", "rollout")
    lab_of_two.kubectl("ash", *rollout, "restart", "deployment/helloworld-v2")
    lab_of_two.kubectl("ash", *rollout, "status", "deployment/helloworld-v2", "--timeout=180s")
    for client in REGIONS:
        assert asked_until_answered(lab_of_two, client) == REQUESTS_TO_SINGLE
    said = lab_of_two.verify("--json")
    assert said.code == 0, said.err


def asked_until_answered(lab: Lab, client: str) -> int:
    """How many requests the remote's own service answers, once the client knows the new pods."""
    where = ("--namespace", "sample", "exec", "deployment/curl", "--container", "curl", "--")
    end = time.monotonic() + NEW_PODS_SECONDS
    while True:
        answers = lab.kubectl(client, *where, *single_words(["ash"])).count("Hello version: v2")
        if answers == REQUESTS_TO_SINGLE or time.monotonic() > end:
            return answers
        time.sleep(1)


@pytest.mark.usefixtures("file")
def test_the_remote_has_its_primarys_mesh_configuration(lab_of_two: Lab) -> None:
    """istiod takes a cluster's trust domain from there."""
    place = ("--namespace", "istio-system", "get", "configmap", "istio", "--output")
    texts = [lab_of_two.kubectl(key, *place, "jsonpath={.data.mesh}") for key in REGIONS]
    found = [yaml.safe_load(text) for text in texts]
    assert {document["trustDomain"] for document in found} == {"oke.local"}


@pytest.mark.usefixtures("file")
def test_public_east_west_gateways_let_in_the_mesh_alone(lab_of_two: Lab) -> None:
    clusters = lab_of_two.outputs()["clusters"]
    for key in REGIONS:
        assert answers(clusters[key]["ingressAddress"], 80)
        assert not answers(clusters[key]["eastWestAddress"], 15443)
    assert not answers(clusters["fra"]["eastWestAddress"], 15012)


def answers(address: str, port: int) -> bool:
    """Whether somebody outside of every VCN gets a connection."""
    try:
        with socket.create_connection((address, port), timeout=DEADLINE_SECONDS):
            return True
    except TimeoutError:
        return False


def test_a_preview_of_what_is_there_is_empty(lab_of_two: Lab, file: Path) -> None:
    said = pulumi(lab_of_two, "preview", "--expect-no-changes", file=file)
    assert said.code == 0, said.text


@pytest.mark.lab_all
def test_the_remote_leaves_and_no_request_fails(
    lab_of_two: Lab, file: Path, tmp_path: Path
) -> None:
    asked = yaml.safe_load(file.read_text())
    asked["config"]["oke-mesh:clusters"]["ash"]["enabled"] = False
    without = tmp_path / "Pulumi.lab.yaml"
    without.write_text(yaml.safe_dump(asked))
    with nobody_fails(lab_of_two, clients=["fra"], through=["fra"]) as streams:
        until(streams, {"v1", "v2"})
        update(lab_of_two, "--config-file", str(without))
        until(streams, {"v1"})
    assert [urn for urn in urns(lab_of_two) if "::ash-" in urn] == []
    network = lab_of_two.client(VirtualNetworkClient, REGIONS["ash"])
    assert network.list_vcns(lab_of_two.compartment_id).data == []


def test_a_destroy_leaves_no_network(lab_of_two: Lab, file: Path) -> None:
    said = pulumi(lab_of_two, "destroy", "--yes", "--skip-preview", file=file)
    assert said.code == 0, said.text
    for region in REGIONS.values():
        network = lab_of_two.client(VirtualNetworkClient, region)
        assert network.list_vcns(lab_of_two.compartment_id).data == []
        assert network.list_drgs(lab_of_two.compartment_id).data == []
