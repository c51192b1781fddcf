"""`ops verify` of a mesh that has no samples: all but traffic is proven, and the rest told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.ops import verify_answers as answers
from tests.ops.verify_world import (
    NUMBERS,
    Verify,
    World,
    checks,
    proxies,
    system_items,
    system_pods,
)

WHY = "not asked: mesh.samples is false; `ops verify --service namespace/name` asks one of yours"


@pytest.fixture(autouse=True)
def _without(world: World) -> None:
    world.outputs["mesh"]["samples"] = False
    for key in NUMBERS:
        own = [proxy for name, proxy in proxies(key).items() if name.endswith(".istio-system")]
        world.set(key, "debug/syncz", json.dumps(own))
        for part in ("get pods --namespace sample", "curl --silent", "--connect-to ::helloworld"):
            del world.answers[f"{key}-cluster"][part]


def scaler(status: str, message: str = "") -> dict[str, Any]:
    condition = {"type": "ScalingActive", "status": status, "message": message}
    metadata = {"name": "istio-ingressgateway"}
    kind = "HorizontalPodAutoscaler"
    return {"kind": kind, "metadata": metadata, "status": {"conditions": [condition]}}


def test_it_is_green_and_says_what_it_skipped(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify("--json") == 0
    out, err = capsys.readouterr()
    kinds = ("answers", "path", "mtls", "plaintext", "ingress", "endpoints")
    assert checks(out, "skipped") == {f"{kind} {key}": WHY for kind in kinds for key in NUMBERS}
    assert err.splitlines()[-1] == "oke-mesh: verified, but for traffic"
    assert [line for line in world.lines if "namespace sample" in line] == []


def test_what_it_can_prove_it_proves(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    unsynced = [answers.read_cluster("primary-cluster")]
    world.set("primary", "debug/clusterz", json.dumps(unsynced))
    pods = [pod for pod in system_pods() if "istiod" not in pod["metadata"]["name"]]
    world.set("secondary", "get nodes,pods,services", answers.listing(answers.node(), *pods))
    assert verify("--json") == 1
    failed = checks(capsys.readouterr().out, "FAILED")
    assert "remoteClusters primary" in failed
    assert failed["pods secondary"] == "istio-system has no pod of istiod"


@pytest.mark.parametrize(("status", "kind"), [("True", "ok"), ("False", "skipped")])
def test_a_gateway_that_cannot_scale_is_told(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str], *, status: str, kind: str
) -> None:
    items = [*system_items("primary"), scaler(status, "no metrics")]
    world.set("primary", "get nodes,pods,services", answers.listing(*items))
    assert verify("--json") == 0
    seen = checks(capsys.readouterr().out, kind)["scaling primary"]
    remedy = "install a metrics server, such as the add-on KubernetesMetricsServer with CertManager"
    assert seen == (
        f"istio-ingressgateway stays as it is: no metrics; {remedy}" if kind == "skipped" else ""
    )
