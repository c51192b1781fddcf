"""The engine killed over a cluster: an object that is not ready yet, a release half installed."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from lab.paths import LabPaths
from ops.__main__ import main
from ops.recover import locks, orphans, pulumi
from tests.lab.plugins.engine import Stack, new_stack, why_not_here
from tests.lab.plugins.kubernetes_control_plane import ControlPlane

PROGRAM = """
import pulumi
import pulumi_kubernetes as k8s

config = pulumi.Config()
waits = config.require_bool("waits")
cluster = k8s.Provider(
    "k8s", kubeconfig=config.require_secret("kubeconfig"), enable_server_side_apply=True
)
on = pulumi.ResourceOptions(provider=cluster)
space = k8s.core.v1.Namespace("space", metadata={"name": "probe"}, opts=on)
within = {"namespace": space.metadata["name"]}
labels = {"app": "app"}
pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "none"}]}}
skip = {} if waits else {"pulumi.com/skipAwait": "true"}
k8s.apps.v1.Deployment(
    "app", metadata={"name": "app", "annotations": skip, **within},
    spec={"selector": {"matchLabels": labels}, "template": pod}, opts=on,
)
k8s.helm.v3.Release(
    "release", name="release", chart=config.require("chart"), values={"waits": waits},
    timeout=300, skip_await=False, atomic=False, opts=on, **within,
)
"""
CHART = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
{{- if .Values.waits }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  type: LoadBalancer  # nobody gives it an address
  ports: [{port: 80}]
{{- end }}
"""

WHY_NOT = why_not_here()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=f"no engine: {WHY_NOT}")


@pytest.fixture
def stack(tmp_path: Path, plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Stack:
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: probe\nversion: 0.1.0\n")
    (chart / "templates" / "all.yaml").write_text(CHART)
    made = new_stack(tmp_path, PROGRAM)
    made.run("config", "set", "--secret", "kubeconfig", plane.kubeconfig())
    made.run("config", "set", "chart", str(chart))
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    for module in (locks, orphans, pulumi):
        monkeypatch.setattr(module, "PROJECT_FOLDER", made.folder)
    return made


def kill_while_both_wait(stack: Stack, kubeconfig: Path) -> None:
    """Kills engine and plugins once the cluster has what the two creates ask for."""
    words = [stack.environment["TOOL"], "up", "--yes", "--skip-preview", "--non-interactive"]
    engine = psutil.Popen(
        words,
        cwd=stack.folder,
        env=dict(stack.environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not all(has(kubeconfig, what) for what in ("deployment/app", "service/release")):
        assert engine.poll() is None, "it has ended by itself"
        time.sleep(0.5)
    for process in (engine, *engine.children()):
        process.kill()
    engine.wait()


def has(kubeconfig: Path, what: str) -> bool:
    words = ("--namespace", "probe", "get", what, "--ignore-not-found")
    said = subprocess.run(  # noqa: S603 words of this file
        [LabPaths.locate().tool("kubectl"), "--kubeconfig", kubeconfig, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    return bool(said.stdout)


def test_an_object_is_taken_in_and_a_release_installed_over(
    stack: Stack, plane: ControlPlane, *, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(plane.kubeconfig())
    stack.run("config", "set", "waits", "true")
    kill_while_both_wait(stack, kubeconfig)
    assert main(["recover", "--stack", "test", "--yes"]) == 0
    plan = capfd.readouterr().err
    assert "app (Deployment), made as probe/app: take it into the state" in plan
    assert "release (Release), half made as probe/release: remove Helm's note of it" in plan

    stack.run("config", "set", "waits", "false")
    planned: dict[str, Any] = {
        step["urn"].rpartition("::")[2]: step["op"]
        for step in json.loads(stack.run("preview", "--json"))["steps"]
    }
    assert (planned["app"], planned["release"]) == ("update", "create")
    stack.up()
    assert stack.preview() == {}
    stack.destroy()
    assert stack.state() == {}
