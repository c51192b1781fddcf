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
from ops import pulumi
from ops.__main__ import main
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
    "release", name="release", chart=config.require("chart"),
    values={"waits": waits, "hook": config.get_bool("hook") or False},
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
{{- if .Values.hook }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}
  annotations: {helm.sh/hook: pre-delete}  # there is no node to run it
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: last, image: none}]
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
    monkeypatch.setattr(pulumi, "PROJECT_FOLDER", made.folder)
    return made


@pytest.fixture
def kubeconfig(tmp_path: Path, plane: ControlPlane) -> Path:
    file = tmp_path / "kubeconfig"
    file.write_text(plane.kubeconfig())
    return file


def kill_once_there_are(stack: Stack, kubeconfig: Path, operation: str, *things: str) -> None:
    """Kills engine and plugins when the cluster has what they wait for."""
    words = [stack.environment["TOOL"], operation, "--yes", "--skip-preview", "--non-interactive"]
    engine = psutil.Popen(
        words,
        cwd=stack.folder,
        env=dict(stack.environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not all(has(kubeconfig, what) for what in things):
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
    stack: Stack, kubeconfig: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stack.run("config", "set", "waits", "true")
    kill_once_there_are(stack, kubeconfig, "up", "deployment/app", "service/release")
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


@pytest.mark.parametrize("then", ["up", "destroy"])
def test_what_helm_was_deleting_is_deleted_to_its_end(
    stack: Stack, kubeconfig: Path, capfd: pytest.CaptureFixture[str], *, then: str
) -> None:
    for key, value in (("waits", "false"), ("hook", "true")):
        stack.run("config", "set", key, value)
    stack.up()
    kill_once_there_are(stack, kubeconfig, "destroy", "job/release")
    assert has(kubeconfig, "configmap/release")
    assert main(["recover", "--stack", "test", "--yes"]) == 0
    plan = capfd.readouterr().err
    assert "release (Release), half deleted as probe/release: delete what Helm has left" in plan
    assert not has(kubeconfig, "configmap/release")

    stack.run("config", "set", "hook", "false")
    if then == "up":
        stack.up()
        assert has(kubeconfig, "configmap/release")
        assert stack.preview() == {}
    stack.destroy()
    assert stack.state() == {}
