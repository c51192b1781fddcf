"""Kinds and clusters as they come: custom resources, sign-in, and clusters that are gone."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lab.plugins.base.errors import PluginError
from lab.plugins.base.provider import State
from lab.plugins.kubernetes.kinds import CLUSTER_SCOPED, Kind
from tests.lab.plugins.kubernetes_control_plane import ControlPlane
from tests.lab.plugins.kubernetes_engine import CONFIG_MAP, Connect, Engine, Object
from tests.support.ports import free_ports

DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"


# Custom resources.


def definition(group: str, scope: str = "Namespaced") -> Object:
    spec = {"type": "object", "properties": {"size": {"type": "integer"}}}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    return {
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": "Widget", "plural": "widgets"},
            "scope": scope,
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }


@pytest.mark.parametrize("scope", ["Namespaced", "Cluster"])
def test_a_custom_resource_follows_its_definition(engine: Engine, scope: str) -> None:
    group = f"{engine.namespace}.example.org"
    token = f"kubernetes:{group}/v1:Widget"
    made = engine.create(DEFINITION, definition(group, scope))
    widget = engine.create(token, {"metadata": {"name": "w"}, "spec": {"size": 3.0}})
    assert widget.id == ("default/w" if scope == "Namespaced" else "w")
    assert engine.update(token, widget, {"metadata": {"name": "w"}, "spec": {"size": 4.0}}).outputs[
        "spec"
    ] == {"size": 4}
    engine.delete(DEFINITION, made)
    assert engine.read(token, widget) is None


def test_a_namespace_guessed_before_the_definition_was_there_is_no_change(
    engine: Engine,
) -> None:
    group = f"{engine.namespace}.example.org"
    token = f"kubernetes:{group}/v1:Widget"
    news = {"metadata": {"name": "w"}, "spec": {"size": 3.0}}
    guessed = engine.check(token, news)
    assert guessed["metadata"]["namespace"] == "default"
    engine.create(DEFINITION, definition(group, "Cluster"))
    known = engine.check(token, news, guessed)
    found = engine.resource(token).diff(engine.call(token), State("w", guessed, {}), known)
    assert list(found.changes) == []


def test_the_scope_of_every_built_in_kind_is_known_without_asking(engine: Engine) -> None:
    client = engine.provider.cluster.client
    served = [item["preferredVersion"]["groupVersion"] for item in client.get("/apis")["groups"]]
    roots = {f"/apis/{version}": version for version in served if Kind(version, "").is_built_in}
    kinds = {
        item["kind"]: item["namespaced"]
        for root in {**roots, "/api/v1": "v1"}
        for item in client.get(root)["resources"]
        if "/" not in item["name"]
    }
    assert {kind: kind not in CLUSTER_SCOPED for kind in kinds} == kinds


# Reaching the server.


def test_a_client_certificate_signs_in(plane: ControlPlane, connect: Connect) -> None:
    document = json.loads(plane.kubeconfig())
    user = {
        "client-certificate-data": base64.b64encode(plane.certificate).decode(),
        "client-key-data": base64.b64encode(plane.key).decode(),
    }
    document["users"] = [{"name": "admin", "user": user}]
    engine = connect(kubeconfig=json.dumps(document))
    assert engine.get("/api/v1/namespaces/default") is not None


def test_another_server_name_can_be_expected(plane: ControlPlane, connect: Connect) -> None:
    named = plane.kubeconfig(**{"tls-server-name": "apiserver.test"})
    assert connect(kubeconfig=named).get("/api/v1/namespaces/default") is not None


def test_a_certificate_of_another_name_is_refused(plane: ControlPlane, connect: Connect) -> None:
    engine = connect(kubeconfig=plane.kubeconfig(**{"tls-server-name": "elsewhere.test"}))
    assert engine.provider.cluster.fault == (
        f"{plane.server}: hostname 'elsewhere.test' doesn't match either of "
        "'127.0.0.1', 'apiserver.test'"
    )


def gone(plane: ControlPlane, connect: Connect, **config: Any) -> Engine:
    (port,) = free_ports(1)
    engine = connect(kubeconfig=plane.kubeconfig(server=f"https://127.0.0.1:{port}"), **config)
    engine.provider.cluster.client.sleep = lambda seconds: None
    return engine


def test_a_cluster_that_is_gone_fails_an_update_with_a_remedy(
    plane: ControlPlane, connect: Connect
) -> None:
    engine = gone(plane, connect)
    with pytest.raises(PluginError, match=r"^cluster is unreachable: .*deleteUnreachable"):
        engine.create(CONFIG_MAP, engine.config_map(x="1"))


def test_a_cluster_that_is_gone_takes_its_objects_along_where_asked(
    plane: ControlPlane, connect: Connect
) -> None:
    engine = gone(plane, connect, deleteUnreachable=True)
    state = State("default/a", engine.config_map(x="1"), {})
    assert engine.read(CONFIG_MAP, state) is None
    engine.delete(CONFIG_MAP, state)


def test_a_cluster_that_is_gone_leaves_its_objects_alone_where_asked(
    plane: ControlPlane, connect: Connect
) -> None:
    engine = gone(plane, connect, skipUpdateUnreachable=True)
    old = engine.config_map(x="1")
    assert engine.check(CONFIG_MAP, engine.config_map(x="2"), old) == old
    state = State("default/a", old, {})
    assert engine.read(CONFIG_MAP, state) == state
