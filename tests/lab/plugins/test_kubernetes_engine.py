"""The engine with the vendor's Kubernetes plugin: a stack's whole life on a real API server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.plugins.engine import Stack, new_stack, why_not_here
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

COMPONENT = """
import pulumi
import pulumi_kubernetes as k8s

kubeconfig = pulumi.Config().require_secret("kubeconfig")
provider = k8s.Provider("cluster", kubeconfig=kubeconfig)
manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "probe"}}
k8s.yaml.v2.ConfigGroup("group", objs=[manifest], opts=pulumi.ResourceOptions(provider=provider))
"""

WHY_NOT = why_not_here()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=f"no engine: {WHY_NOT}")


@pytest.fixture(name="stack")
def stack_on_the_plane(tmp_path: Path, plane: ControlPlane) -> Iterator[Stack]:
    stack = new_stack(tmp_path, PROGRAM)
    templates = stack.folder / "chart" / "templates"
    templates.mkdir(parents=True)
    (templates.parent / "Chart.yaml").write_text("apiVersion: v2\nname: probe\nversion: 0.3.1\n")
    (templates / "service.yaml").write_text(CHART)
    stack.run("config", "set", "colour", "red")
    stack.run("config", "set", "--secret", "kubeconfig", plane.kubeconfig())
    yield stack
    stack.destroy()


def test_a_stack_lives_through_all_that_the_engine_does(stack: Stack, plane: ControlPlane) -> None:
    planned = stack.preview()
    stack.up()
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
    stack.up()
    assert stack.state()["settings"]["outputs"]["data"] == {"colour": "blue"}

    stack.destroy()
    assert stack.state() == {}


def test_a_component_resource_is_refused_with_a_remedy(stack: Stack) -> None:
    (stack.folder / "__main__.py").write_text(COMPONENT)
    told = stack.run("preview", fails=True)
    assert "Namespace group:probe of v1: the lab's Kubernetes plugin makes no component" in told
    assert "install the vendor's release of the plugin" in told
