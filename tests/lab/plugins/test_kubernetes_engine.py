"""The real engine with the kubernetes plugin: a stack's whole life on a real API server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.errors import LabError
from lab.paths import LabPaths
from lab.plugins.install import write_wrappers
from tests.lab.plugins.kubernetes_control_plane import TOKEN, ControlPlane

PROGRAM = """
import pulumi
import pulumi_kubernetes as k8s

config = pulumi.Config()
provider = k8s.Provider(
    "cluster", kubeconfig=config.require_secret("kubeconfig"), cluster_identifier="one",
    enable_config_map_mutable=True,
)
own = pulumi.ResourceOptions(provider=provider)
namespace = k8s.core.v1.Namespace("namespace", metadata={"name": "probe"}, opts=own)
place = namespace.metadata.name
settings = k8s.core.v1.ConfigMap(
    "settings", metadata={"namespace": place}, data={"colour": config.require("colour")}, opts=own
)
account = k8s.core.v1.ServiceAccount(
    "account", metadata={"name": "reader", "namespace": place}, opts=own
)
token = k8s.core.v1.Secret(
    "token",
    type="kubernetes.io/service-account-token",
    metadata={
        "name": "reader-token",
        "namespace": place,
        "annotations": {
            "kubernetes.io/service-account.name": account.metadata.name,
            "pulumi.com/waitFor": "jsonpath={.data.token}",
        },
    },
    opts=own,
)
secret = k8s.core.v1.Secret(
    "secret",
    metadata={"name": "secret", "namespace": place},
    string_data={"k": "hush-hush", "copy": token.data["token"]},
    opts=own,
)
widgets = k8s.apiextensions.v1.CustomResourceDefinition(
    "widgets",
    metadata={"name": "widgets.example.org"},
    spec={
        "group": "example.org",
        "names": {"kind": "Widget", "plural": "widgets"},
        "scope": "Namespaced",
        "versions": [{
            "name": "v1", "served": True, "storage": True,
            "schema": {"openAPIV3Schema": {
                "type": "object", "x_kubernetes_preserve_unknown_fields": True,
            }},
        }],
    },
    opts=own,
)
k8s.apiextensions.CustomResource(
    "widget", api_version="example.org/v1", kind="Widget",
    metadata={"name": "widget", "namespace": place}, spec={"size": 3, "deep": {"a": [1, 2]}},
    opts=pulumi.ResourceOptions(provider=provider, depends_on=[widgets]),
)
release = k8s.helm.v3.Release(
    "release", name="release", chart="./chart", namespace=place, timeout=60,
    values={"port": 80, "labels": {"a": "b"}}, opts=own,
)
service = k8s.core.v1.Service.get(
    "service", pulumi.Output.concat(release.status.namespace, "/", release.status.name), opts=own
)
pulumi.export("token", token.data["token"])
pulumi.export("port", service.spec.ports[0].port)
pulumi.export("version", release.status.version)
"""

CHART = """
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {{ toJson .Values.labels }}
spec:
  ports: [{port: {{ .Values.port }}}]
"""


def why_no_engine() -> str | None:
    try:
        LabPaths.locate().tool("pulumi")
        LabPaths.locate().tool("helm")
    except LabError as error:
        return str(error)
    return None


pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(why_no_engine() is not None, reason=f"no engine: {why_no_engine()}"),
]


@dataclass(frozen=True)
class Stack:
    """A project of its own with a stack in a local backend."""

    folder: Path
    environment: dict[str, str]

    def run(self, *words: str) -> str:
        done = subprocess.run(  # noqa: S603 - the test's own words
            ["pulumi", *words, "--non-interactive"],  # noqa: S607 - on the test's own PATH
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def preview(self) -> dict[str, list[str]]:
        """The steps that change something: the resource's name and the paths of its diff."""
        steps = json.loads(self.run("preview", "--json"))["steps"]
        return {
            step["urn"].rsplit("::", 1)[-1]: sorted(step.get("detailedDiff") or {})
            for step in steps
            if step["op"] not in ("same", "read")
        }

    def state(self) -> dict[str, dict[str, Any]]:
        resources = json.loads(self.run("stack", "export"))["deployment"].get("resources") or []
        return {item["urn"].rsplit("::", 1)[-1]: item for item in resources}

    def outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = json.loads(
            self.run("stack", "output", "--json", "--show-secrets")
        )
        return outputs


@pytest.fixture(name="stack")
def new_stack(tmp_path: Path, plane: ControlPlane) -> Iterator[Stack]:
    folder = tmp_path / "program"
    (folder / "chart" / "templates").mkdir(parents=True)
    (folder / "chart" / "Chart.yaml").write_text("apiVersion: v2\nname: probe\nversion: 0.3.1\n")
    (folder / "chart" / "templates" / "service.yaml").write_text(CHART)
    (folder / "Pulumi.yaml").write_text("name: probe\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    stack = Stack(folder, environment(tmp_path))
    stack.run("stack", "init", "test")
    stack.run("config", "set", "colour", "red")
    stack.run("config", "set", "--secret", "kubeconfig", plane.kubeconfig())
    yield stack
    stack.run("destroy", "--yes", "--skip-preview")


def environment(folder: Path) -> dict[str, str]:
    paths, path = LabPaths.locate(), folder / "path"
    write_wrappers(path, Path(sys.executable))
    # The engine looks for its language host beside itself, so it is copied, not linked.
    (path / "pulumi").write_bytes(paths.tool("pulumi").read_bytes())
    host = path / "pulumi-language-python"
    script = paths.root / "lab" / "toolchain" / "language_host.py"
    host.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
    for file in (path / "pulumi", host):
        file.chmod(0o755)
    (folder / "state").mkdir()
    return {
        **os.environ,
        "PATH": f"{path}:{paths.tool('helm').parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(paths.root),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "made up",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def test_a_stack_lives_through_all_that_the_engine_does(stack: Stack, plane: ControlPlane) -> None:
    planned = stack.preview()
    stack.run("up", "--yes", "--skip-preview")
    made = stack.state()
    # A preview shows what an update does.
    assert planned.keys() == made.keys() - {"service"}
    outputs = stack.outputs()
    assert (outputs["port"], outputs["version"]) == (80, "0.3.1")
    assert len(outputs["token"]) > 100

    # What is secret is nowhere to be read in the state.
    text = stack.run("stack", "export")
    assert [word for word in ("hush-hush", TOKEN, outputs["token"]) if word in text] == []

    # Nothing changed, so nothing is to be done, also after a look at the cluster.
    assert stack.preview() == {}
    stack.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert stack.preview() == {}

    # One changed setting is one changed field, in place.
    stack.run("config", "set", "colour", "blue")
    assert stack.preview() == {"settings": ["data.colour"]}
    stack.run("up", "--yes", "--skip-preview")
    assert stack.state()["settings"]["outputs"]["data"] == {"colour": "blue"}

    stack.run("destroy", "--yes", "--skip-preview")
    assert stack.state() == {}
