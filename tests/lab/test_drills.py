"""Every drill once, and the page about the mesh, as an operator has them.

The lab has one of each gateway and one istiod, so what their drills lose is told and not judged;
helloworld answers in the other cluster meanwhile, so there nothing may fail.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.environment import environment
from lab.stack import STACK
from tests.lab.stack_kit import KEYS, Lab

# Takes minutes: in `make test-lab-all`.
pytestmark = pytest.mark.lab_all

PATIENCE_SECONDS = 120
INTERRUPTED = 130
RULE = "virtualservices.networking.istio.io"
ISTIO = {
    "ingress": "istio-ingressgateway",
    "istiod": "istiod",
    "east-west": "istio-eastwestgateway",
}


@pytest.fixture(autouse=True)
def _as_before(lab: Lab) -> Iterator[None]:
    """Whatever a drill has done, it left the mesh as it was."""
    before = _known(lab)
    yield
    assert _known(lab) == before


def _known(lab: Lab) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in KEYS:
        replicas = "jsonpath={.items[*].spec.replicas}"
        for namespace in ("sample", "istio-system"):
            words = ("--namespace", namespace, "get", "deployments", "--output", replicas)
            found[f"{namespace} of {key}"] = lab.kubectl(key, *words)
        found[f"rules of {key}"] = lab.kubectl(key, "get", RULE, "-A", "--output", "name")
    return found


def drill(lab: Lab, name: str, key: str, *words: str) -> dict[str, Any]:
    """What a drill came to, which must have passed."""
    said = lab.ops("drill", name, "--cluster", key, "--yes", "--json", "--seconds", "10", *words)
    assert said.code == 0, said.text
    found: dict[str, Any] = json.loads(said.out)
    ways = {f"through {lab.outputs()['clusters'][key]['ingressAddress']} ({key})" for key in KEYS}
    assert set(found["places"]) == {*(f"from {key}" for key in KEYS), *ways}
    for place in found["places"].values():
        # Those that wait for three seconds are few.
        assert place["requests"] > (5 if name == "latency" else 50), found
        assert place["breaks"] == [], found
    return found


def pods(lab: Lab, key: str, *, namespace: str, app: str) -> set[str]:
    place = ("--namespace", namespace, "--selector", f"app={app}")
    return set(lab.kubectl(key, "get", "pods", *place, "--output", "name").split())


@pytest.mark.parametrize("name", ISTIO)
def test_a_part_of_istio_goes_and_the_mesh_comes_back(lab: Lab, name: str) -> None:
    before = pods(lab, "primary", namespace="istio-system", app=ISTIO[name])
    found = drill(lab, name, "primary")
    assert found["maxFailed"] is None
    after = pods(lab, "primary", namespace="istio-system", app=ISTIO[name])
    assert after - before
    if name == "istiod":
        # No request goes through it.
        assert found["failed"] == 0, found


def test_no_request_fails_while_a_pod_goes(lab: Lab) -> None:
    before = pods(lab, "secondary", namespace="sample", app="helloworld")
    found = drill(lab, "pod", "secondary")
    assert (found["maxFailed"], found["failed"]) == (0, 0)
    assert pods(lab, "secondary", namespace="sample", app="helloworld") - before


def test_no_request_fails_while_a_region_has_no_pod(lab: Lab) -> None:
    found = drill(lab, "region", "primary")
    assert (found["maxFailed"], found["failed"]) == (0, 0)


def test_a_delay_is_waited_for_by_the_clients_of_one_cluster_alone(lab: Lab) -> None:
    places = drill(lab, "latency", "primary", "--delay", "3")["places"]
    assert places["from primary"]["slowestSeconds"] >= 3
    assert places["from secondary"]["slowestSeconds"] < 3


def test_a_service_of_ones_own_is_drilled_too(lab: Lab) -> None:
    words = ("--service", "sample/helloworld", "--path", "/hello", "--yes", "--seconds", "5")
    image = "jsonpath={.spec.template.spec.containers[0].image}"
    given = lab.kubectl("primary", "-n", "sample", "get", "deployment", "curl", "-o", image)
    said = lab.ops("drill", "pod", *words, "--image", given)
    assert said.code == 0, said.text
    assert "makes a pod in sample of each to ask from, and deletes it" in said.err


def test_an_interrupted_drill_takes_its_rule_back(lab: Lab) -> None:
    process = subprocess.Popen(  # noqa: S603 the checkout's own command
        [
            # A shell that puts the tests into the background has them ignore this signal.
            *("env", "--default-signal=INT"),
            *(sys.executable, "-m", "ops", "drill", "latency", "--cluster", "primary"),
            *("--stack", STACK, "--yes", "--seconds", "120"),
        ],
        cwd=lab.paths.root,
        env=os.environ | environment(lab.paths),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while "oke-mesh-drill-latency" not in lab.kubectl("primary", "get", RULE, "-A"):
                assert process.poll() is None, process.stdout and process.stdout.read()
                assert time.monotonic() < deadline
                time.sleep(1)
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE_SECONDS) == INTERRUPTED
        finally:
            process.kill()
    assert "oke-mesh-drill-latency" not in lab.kubectl("primary", "get", RULE, "-A")


def test_nobody_to_ask_is_no_consent(lab: Lab) -> None:
    said = lab.ops("drill", "pod")
    assert said.code == 2, said.text
    assert said.err.endswith("nobody can be asked here; look at the plan, then give --yes\n")


def test_the_page_about_the_mesh_has_what_is_there_and_no_secret(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    said = lab.ops("report", "--output", str(file))
    assert said.code == 0, said.text
    text, outputs = file.read_text(), lab.outputs()
    assert "**Verified.**" in text
    assert "- [x] every client is answered by every cluster (2 of 2)" in text
    for cluster in outputs["clusters"].values():
        for name in ("ingressAddress", "eastWestAddress", "privateEndpoint"):
            assert f"`{cluster[name]}`" in text
    assert '-->|"peering, PEERED"|' in text
    shown = lab.outputs(with_secrets=True)
    for user in yaml.safe_load(shown["mergedKubeconfig"])["users"]:
        token = user["user"].get("token")
        assert not token or token not in text
    assert "apiVersion" not in text
    assert "PRIVATE KEY" not in text


def test_the_mesh_is_verified_after_all_of_it(lab: Lab) -> None:
    said = lab.verify()
    assert said.code == 0, said.text
