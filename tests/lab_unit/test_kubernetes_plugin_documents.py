"""Objects as documents: tokens, ids, the server's form, drift, replacement, previews."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from lab.plugins.base.errors import PluginError
from lab.plugins.base.values import UNKNOWN, Path
from lab.plugins.kubernetes.applying import merge_patch
from lab.plugins.kubernetes.drifting import drifted_object
from lab.plugins.kubernetes.kinds import Kind, object_id, parse_token, split_id
from lab.plugins.kubernetes.objects import (
    field_manager,
    for_server,
    from_server,
    secret_paths,
    with_automatic_name,
)
from lab.plugins.kubernetes.outputs import awaited_fields, created_preview, imported_inputs
from lab.plugins.kubernetes.replacing import Mutability, fixed_fields, forces_replace

Object = dict[str, Any]
LOCKED = Mutability()
OPEN = Mutability(secrets=True, config_maps=True)


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("kubernetes:core/v1:Namespace", Kind("v1", "Namespace")),
        ("kubernetes:apps/v1:Deployment", Kind("apps/v1", "Deployment")),
        ("kubernetes:core/v1:ServiceAccountPatch", Kind("v1", "ServiceAccount", is_patch=True)),
        (
            "kubernetes:networking.istio.io/v1:Gateway",
            Kind("networking.istio.io/v1", "Gateway"),
        ),
    ],
)
def test_a_token_names_an_api_version_and_a_kind(token: str, kind: Kind) -> None:
    assert parse_token(token) == kind


@pytest.mark.parametrize(
    "token", ["kubernetes:Namespace", "kubernetes:core:Namespace", "oci:a/b:C"]
)
def test_a_token_of_another_form_is_refused(token: str) -> None:
    with pytest.raises(PluginError) as raised:
        parse_token(token)
    assert str(raised.value) == (
        f"resource type: must be kubernetes:<group>/<version>:<Kind>, got {token!r}"
    )


def test_a_list_cannot_be_created() -> None:
    with pytest.raises(PluginError) as raised:
        parse_token("kubernetes:core/v1:ConfigMapList")
    assert str(raised.value) == (
        "resource type kubernetes:core/v1:ConfigMapList: "
        "a list cannot be created; declare its items one by one"
    )


@pytest.mark.parametrize(("namespace", "name"), [("mesh", "gateway"), (None, "mesh")])
def test_an_id_names_the_namespace_where_there_is_one(namespace: str | None, name: str) -> None:
    assert split_id(object_id(namespace, name)) == (namespace, name)


@pytest.mark.parametrize("identity", ["", "a/", "a/b/c"])
def test_an_id_of_another_form_is_refused(identity: str) -> None:
    with pytest.raises(PluginError) as raised:
        split_id(identity)
    assert str(raised.value) == f"id: must be `namespace/name` or `name`, got {identity!r}"


def test_a_server_gets_integers_and_no_nulls() -> None:
    given = {"port": 80.0, "share": 0.5, "gone": None, "items": [{"a": None, "b": True}]}
    taken = for_server(given)
    assert taken == {"port": 80, "share": 0.5, "items": [{"b": True}]}
    assert isinstance(taken["port"], int)


def test_schema_extensions_keep_their_dashes_on_the_server_only() -> None:
    inputs = {"schema": {"x_kubernetes_preserve_unknown_fields": True}}
    assert from_server(for_server(inputs)) == inputs
    assert for_server(inputs) == {"schema": {"x-kubernetes-preserve-unknown-fields": True}}


def test_a_field_manager_is_the_resources_own() -> None:
    one, two = field_manager("urn:a"), field_manager("urn:b")
    assert one.startswith("pulumi-kubernetes-")
    assert one != two


def test_an_automatic_name_is_marked_as_such() -> None:
    named = with_automatic_name({"metadata": {"annotations": {"a": "b"}}}, "web-12")
    assert named == {
        "metadata": {"name": "web-12", "annotations": {"a": "b", "pulumi.com/autonamed": "true"}}
    }


def test_annotations_that_are_not_known_yet_stay_unknown_under_an_automatic_name() -> None:
    named = with_automatic_name({"metadata": {"annotations": UNKNOWN}}, "web-12")
    assert named == {"metadata": {"annotations": UNKNOWN, "name": "web-12"}}


def test_the_content_of_a_secret_is_secret() -> None:
    assert secret_paths({"kind": "Secret", "data": {}, "type": "Opaque"}) == {("data",)}
    assert secret_paths({"kind": "ConfigMap", "data": {}}) == frozenset()


def test_a_merge_patch_takes_away_adds_and_changes() -> None:
    old = {"keep": 1, "gone": 2, "map": {"a": 1, "b": 2}, "list": [1]}
    new = {"keep": 1, "map": {"a": 1, "b": 3}, "list": [1, 2], "more": {"c": 4}}
    assert merge_patch(old, new) == {
        "gone": None,
        "map": {"b": 3},
        "list": [1, 2],
        "more": {"c": 4},
    }


# Drift: inputs, the recorded outputs, and what lives now.


def deployment(cpu: Any, replicas: int = 1, **labels: str) -> Object:
    container = {"name": "web", "resources": {"requests": {"cpu": cpu}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": labels},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [container]}}},
    }


def test_a_value_that_the_server_writes_its_own_way_is_no_drift() -> None:
    inputs = deployment("1000m")
    assert drifted_object(inputs, deployment("1"), deployment("1")) == inputs


def test_a_changed_field_is_drift_and_nothing_beside_it() -> None:
    inputs = deployment("1000m")
    seen = drifted_object(inputs, deployment("1"), deployment("1", replicas=3))
    assert seen == deployment("1000m", replicas=3)


def test_a_field_that_vanished_is_drift() -> None:
    inputs = deployment("1", tier="a")
    assert drifted_object(inputs, deployment("1", tier="a"), deployment("1")) == deployment("1")


def test_what_others_add_is_no_drift() -> None:
    inputs = deployment("1")
    live = deployment("1", added="by somebody")
    live["status"] = {"replicas": 1}
    live["spec"]["template"]["spec"]["containers"].insert(0, {"name": "sidecar"})
    assert drifted_object(inputs, deployment("1"), live) == inputs


def test_ports_are_matched_by_their_number_whatever_its_type() -> None:
    inputs = {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80.0}]}}
    recorded = {**inputs, "spec": {"ports": [{"port": 80.0, "nodePort": 30001.0}]}}
    live = {**inputs, "spec": {"ports": [{"port": 80, "nodePort": 30002}]}}
    assert drifted_object(inputs, recorded, live) == inputs


def test_a_list_of_plain_values_drifts_as_a_whole() -> None:
    def role(*verbs: str) -> Object:
        return {"apiVersion": "v1", "kind": "R", "rules": [{"verbs": list(verbs)}]}

    seen = drifted_object(role("get"), role("get"), role("get", "list"))
    assert seen == role("get", "list")


def test_the_strings_of_a_secret_are_compared_with_its_data() -> None:
    def stored(text: str) -> Object:
        data = {"key": base64.b64encode(text.encode()).decode()}
        return {"apiVersion": "v1", "kind": "Secret", "data": data}

    inputs = {"apiVersion": "v1", "kind": "Secret", "stringData": {"key": "old"}}
    assert drifted_object(inputs, stored("old"), stored("old")) == inputs
    assert drifted_object(inputs, stored("old"), stored("new"))["stringData"] == {"key": "new"}


# Replacement.


@pytest.mark.parametrize(
    ("kind", "path", "mutable", "replaces"),
    [
        (Kind("v1", "ConfigMap"), ("metadata", "name"), OPEN, True),
        (Kind("v1", "ConfigMap"), ("metadata", "labels", "a"), LOCKED, False),
        (Kind("v1", "ConfigMap"), ("data", "key"), LOCKED, True),
        (Kind("v1", "ConfigMap"), ("data", "key"), OPEN, False),
        (Kind("v1", "Secret"), ("type",), OPEN, True),
        (Kind("v1", "Secret"), ("stringData", "key"), LOCKED, True),
        (Kind("v1", "Secret"), ("data", "key"), OPEN, False),
        (Kind("apps/v1", "Deployment"), ("spec", "selector", "matchLabels", "app"), OPEN, True),
        (Kind("apps/v1", "Deployment"), ("spec", "replicas"), OPEN, False),
        (Kind("apps/v1", "Deployment"), ("spec",), OPEN, True),
        (Kind("batch/v1", "Job"), ("spec", "template", "spec", "containers", 0), OPEN, True),
        (Kind("v1", "Pod"), ("spec", "containers", 1, "image"), OPEN, True),
        (Kind("v1", "Pod"), ("spec", "containers", 1, "name"), OPEN, False),
        (Kind("v1", "Service"), ("spec", "clusterIP"), OPEN, True),
        (
            Kind("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
            ("roleRef", "name"),
            OPEN,
            True,
        ),
        (Kind("apps/v1", "Deployment", is_patch=True), ("spec", "selector"), OPEN, False),
        (Kind("example.org/v1", "Widget"), ("spec", "size"), OPEN, False),
    ],
)
def test_a_fixed_field_forces_a_new_object(
    kind: Kind, path: Path, mutable: Mutability, *, replaces: bool
) -> None:
    assert forces_replace(path, fixed_fields(kind, {}, mutable)) is replaces


def test_a_config_map_that_says_so_is_immutable_whatever_the_provider_allows() -> None:
    fixed = fixed_fields(Kind("v1", "ConfigMap"), {"immutable": True}, OPEN)
    assert forces_replace(("data", "key"), fixed)


# Previews and imports.


def test_a_previewed_service_does_not_show_the_addresses_of_the_dry_run() -> None:
    inputs = {
        "kind": "Service",
        "spec": {"type": "LoadBalancer", "ports": [{"port": 80}, {"port": 81, "nodePort": 30081}]},
    }
    dry = {
        "kind": "Service",
        "metadata": {"name": "web", "managedFields": []},
        "spec": {
            "type": "LoadBalancer",
            "clusterIP": "10.96.0.9",
            "clusterIPs": ["10.96.0.9"],
            "ports": [{"port": 80, "nodePort": 31111}, {"port": 81, "nodePort": 30081}],
        },
        "status": {"loadBalancer": {}},
    }
    assert created_preview(dry, inputs) == {
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {
            "type": "LoadBalancer",
            "clusterIP": UNKNOWN,
            "clusterIPs": UNKNOWN,
            "ports": [{"port": 80, "nodePort": UNKNOWN}, {"port": 81, "nodePort": 30081}],
        },
    }


@pytest.mark.parametrize(
    ("inputs", "fields"),
    [
        ({"kind": "Secret", "type": "kubernetes.io/service-account-token"}, {"data"}),
        ({"kind": "Secret", "type": "Opaque"}, set()),
        (
            {
                "kind": "Widget",
                "metadata": {
                    "annotations": {
                        "pulumi.com/waitFor": '["jsonpath={.status.url}", "condition=Ready"]'
                    }
                },
            },
            {"status"},
        ),
    ],
)
def test_what_a_controller_fills_in_is_unknown_in_a_preview(
    inputs: Object, fields: set[str]
) -> None:
    assert awaited_fields(inputs) == fields


def test_an_import_leaves_out_what_the_server_made() -> None:
    live = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "a",
            "uid": "1",
            "resourceVersion": "2",
            "creationTimestamp": "now",
            "managedFields": [],
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
        },
        "data": {"k": "v"},
        "status": {},
    }
    assert imported_inputs(live) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "data": {"k": "v"},
    }
