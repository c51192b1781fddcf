"""Objects on a real API server, one operation of the engine at a time."""

from __future__ import annotations

import base64
import threading

import pytest

from lab.plugins.base.errors import InitError, PluginError
from lab.plugins.base.provider import State
from lab.plugins.base.values import UNKNOWN, Secret
from lab.plugins.kubernetes.api_errors import ApiError
from tests.lab.plugins.kubernetes_engine import CONFIG_MAP, NAMESPACE, Connect, Engine

SECRET = "kubernetes:core/v1:Secret"
DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"


def path(engine: Engine, name: str = "a", plural: str = "configmaps") -> str:
    return f"/api/v1/namespaces/{engine.namespace}/{plural}/{name}"


# Create.


def test_a_created_object_is_on_the_server_under_its_id(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1"))
    live = engine.get(path(engine))
    assert live is not None
    assert (state.id, live["data"]) == (f"{engine.namespace}/a", {"x": "1"})
    assert state.outputs["metadata"]["uid"] == live["metadata"]["uid"]


def test_an_object_belongs_to_a_field_manager_of_its_own(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1"))
    live = engine.get(path(engine))
    assert live is not None
    assert [item["manager"] for item in live["metadata"]["managedFields"]] == [
        state.outputs["__fieldManager"]
    ]


def test_an_object_of_a_taken_name_is_refused_in_a_preview_and_in_an_update(
    engine: Engine,
) -> None:
    engine.create(CONFIG_MAP, engine.config_map(x="1"))
    fault = (
        f"v1/ConfigMap {engine.namespace}/a: exists already; import it (`pulumi import`), "
        "give this one another name, or set upsertExistingObjects on the provider to take it over"
    )
    for operation in (engine.preview, engine.create):
        with pytest.raises(PluginError) as raised:
            operation(CONFIG_MAP, engine.config_map(x="2"))
        assert str(raised.value) == fault


def test_an_object_of_a_taken_name_can_be_taken_over(connect: Connect) -> None:
    engine = connect(upsertExistingObjects=True)
    engine.create(NAMESPACE, {"metadata": {"name": engine.namespace}})
    engine.create(CONFIG_MAP, engine.config_map(x="1"))
    state = engine.create(CONFIG_MAP, engine.config_map(x="2"))
    assert state.outputs["data"] == {"x": "2"}


def test_a_misspelt_field_is_refused_in_a_preview(engine: Engine) -> None:
    service = {
        "metadata": {"name": "web", "namespace": engine.namespace},
        "spec": {"portz": [{"port": 80.0}]},
    }
    with pytest.raises(ApiError, match=r"\.spec\.portz: field not declared in schema"):
        engine.preview("kubernetes:core/v1:Service", service)


def test_the_token_of_a_service_account_is_awaited_and_secret(engine: Engine) -> None:
    account = {"metadata": {"name": "reader", "namespace": engine.namespace}}
    engine.create("kubernetes:core/v1:ServiceAccount", account)
    annotations = {
        "kubernetes.io/service-account.name": "reader",
        "pulumi.com/waitFor": "jsonpath={.data.token}",
    }
    metadata = {"name": "token", "namespace": engine.namespace, "annotations": annotations}
    news = {"metadata": metadata, "type": "kubernetes.io/service-account-token"}
    assert engine.preview(SECRET, news)["data"] is UNKNOWN
    outputs = engine.create(SECRET, news).outputs
    assert base64.b64decode(outputs["data"]["token"]).count(b".") == 2
    assert engine.resource(SECRET).secret_outputs(outputs) == {("data",)}


def test_an_object_that_does_not_become_ready_is_kept_with_its_last_state(
    engine: Engine,
) -> None:
    annotations = {"pulumi.com/timeoutSeconds": "1"}
    metadata = {"name": "pod", "namespace": engine.namespace, "annotations": annotations}
    news = {"metadata": metadata, "spec": {"containers": [{"name": "a", "image": "b"}]}}
    # A pod is refused until the controllers have made the namespace's own account.
    engine.create(
        "kubernetes:core/v1:ServiceAccountPatch",
        {
            "metadata": {
                "name": "default",
                "namespace": engine.namespace,
                "annotations": {"pulumi.com/waitFor": "jsonpath={.metadata.uid}"},
            }
        },
    )
    with pytest.raises(InitError) as raised:
        engine.create("kubernetes:core/v1:Pod", news)
    assert raised.value.reasons[0] == (
        f"v1/Pod {engine.namespace}/pod: made, but not ready: not ready after 1 s: phase Pending"
    )
    assert raised.value.resource_id == f"{engine.namespace}/pod"
    assert raised.value.outputs["metadata"]["name"] == "pod"


def test_a_cancelled_wait_keeps_the_object(engine: Engine) -> None:
    cancelled = threading.Event()
    cancelled.set()
    annotations = {"pulumi.com/waitFor": "jsonpath={.data.never}"}
    news = engine.config_map(x="1")
    news["metadata"]["annotations"] = annotations
    call = engine.call(CONFIG_MAP, cancelled=cancelled)
    with pytest.raises(InitError) as raised:
        engine.resource(CONFIG_MAP).create(call, engine.check(CONFIG_MAP, news))
    assert str(raised.value) == (
        f"v1/ConfigMap {engine.namespace}/a: made, but not ready: "
        "cancelled; last state: not yet {.data.never}"
    )


def test_a_wait_ends_with_the_change_that_it_waits_for(engine: Engine) -> None:
    news = engine.config_map(x="1")
    news["metadata"]["annotations"] = {"pulumi.com/waitFor": "jsonpath={.data.late}=yes"}
    reports = threading.Event()
    call = engine.call(CONFIG_MAP, report=lambda line: reports.set())
    inputs = engine.check(CONFIG_MAP, news)

    def change_it() -> None:
        reports.wait(timeout=10)
        engine.by_hand(path(engine), {"data": {"late": "yes"}})

    other = threading.Thread(target=change_it)
    other.start()
    state = engine.resource(CONFIG_MAP).create(call, inputs)
    other.join()
    assert state.outputs["data"] == {"x": "1", "late": "yes"}


# Preview.


def test_a_preview_shows_the_servers_defaults_and_changes_nothing(engine: Engine) -> None:
    service = {
        "metadata": {"name": "web", "namespace": engine.namespace},
        "spec": {"ports": [{"port": 80.0}]},
    }
    outputs = engine.preview("kubernetes:core/v1:Service", service)
    assert outputs["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]
    assert outputs["spec"]["clusterIP"] is UNKNOWN
    assert engine.get(path(engine, "web", "services")) is None


def test_a_preview_in_a_namespace_to_come_shows_the_inputs(connect: Connect) -> None:
    engine = connect()
    news = engine.config_map(x="1")
    assert engine.preview(CONFIG_MAP, news) == engine.check(CONFIG_MAP, news)


def test_a_preview_of_a_kind_to_come_shows_the_inputs(engine: Engine) -> None:
    token = "kubernetes:absent.example.org/v1:Widget"
    news = {"metadata": {"name": "w", "namespace": engine.namespace}, "spec": {"size": 1.0}}
    assert engine.preview(token, news) == engine.check(token, news)


# Update, read, delete.


def test_an_update_takes_away_what_the_program_left_out(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1", y="2"))
    assert engine.update(CONFIG_MAP, state, engine.config_map(y="3")).outputs["data"] == {"y": "3"}


def test_an_update_leaves_what_others_added(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1"))
    engine.by_hand(path(engine), {"data": {"theirs": "1"}})
    outputs = engine.update(CONFIG_MAP, state, engine.config_map(x="2")).outputs
    assert outputs["data"] == {"x": "2", "theirs": "1"}


def test_what_was_typed_at_a_terminal_gives_way(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1"))
    engine.by_hand(path(engine), {"data": {"x": "9"}})
    assert engine.update(CONFIG_MAP, state, engine.config_map(x="2")).outputs["data"] == {"x": "2"}


def test_a_field_of_a_controller_is_refused_unless_forced(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1"))
    engine.by_hand(path(engine), {"data": {"x": "9"}}, manager="autoscaler")
    with pytest.raises(PluginError) as raised:
        engine.update(CONFIG_MAP, state, engine.config_map(x="2"))
    assert str(raised.value) == (
        '.data.x: owned by somebody else (conflict with "autoscaler" using v1); '
        'set the annotation pulumi.com/patchForce: "true" to take the fields over'
    )
    news = engine.config_map(x="2")
    news["metadata"]["annotations"] = {"pulumi.com/patchForce": "true"}
    assert engine.update(CONFIG_MAP, state, news).outputs["data"] == {"x": "2"}


def test_an_update_of_an_object_that_is_gone_says_so(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1"))
    engine.delete(CONFIG_MAP, state)
    with pytest.raises(PluginError) as raised:
        engine.update(CONFIG_MAP, state, engine.config_map(x="2"))
    assert str(raised.value) == (
        f"v1/ConfigMap {engine.namespace}/a: deleted behind the program's back; "
        "run `pulumi refresh`, after which an up makes it anew"
    )


def test_a_read_without_a_change_gives_the_inputs_back(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1"))
    assert engine.read(CONFIG_MAP, state) == state


def test_a_read_shows_what_changed(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1"))
    engine.by_hand(path(engine), {"data": {"x": "9"}, "metadata": {"labels": {"not": "ours"}}})
    seen = engine.read(CONFIG_MAP, state)
    assert seen is not None
    assert seen.inputs == {**state.inputs, "data": {"x": "9"}}


def test_a_read_of_what_is_gone_finds_nothing(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1"))
    engine.delete(CONFIG_MAP, state)
    assert engine.read(CONFIG_MAP, state) is None


def test_an_import_finds_the_inputs_that_make_the_object(engine: Engine) -> None:
    state = engine.create(SECRET, {**engine.config_map(), "data": {"k": "dg=="}})
    seen = engine.read(SECRET, State(state.id, {}, {}))
    assert seen is not None
    assert seen.inputs == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "a", "namespace": engine.namespace},
        "type": "Opaque",
        "data": Secret({"k": "dg=="}),
    }


def test_a_deletion_waits_for_finalizers(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1"))
    engine.by_hand(path(engine), {"metadata": {"finalizers": ["example.org/guard"]}})
    lines: list[str] = []
    waiting = threading.Event()

    def report(line: str) -> None:
        lines.append(line)
        waiting.set()

    call = engine.call(CONFIG_MAP, report=report)
    deleting = threading.Thread(target=engine.resource(CONFIG_MAP).delete, args=(call, state))
    deleting.start()
    assert waiting.wait(timeout=10)
    engine.by_hand(path(engine), {"metadata": {"finalizers": None}})
    deleting.join(timeout=10)
    assert not deleting.is_alive()
    assert "waits for finalizer example.org/guard" in lines[0]


def test_a_deletion_that_never_ends_is_told(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1"))
    engine.by_hand(path(engine), {"metadata": {"finalizers": ["example.org/guard"]}})
    with pytest.raises(PluginError, match=r"not ready after 1 s: waits for finalizer"):
        engine.resource(CONFIG_MAP).delete(engine.call(CONFIG_MAP, timeout=1.0), state)
    engine.by_hand(path(engine), {"metadata": {"finalizers": None}})


def test_deleting_what_is_gone_is_no_error(engine: Engine) -> None:
    state = engine.create(CONFIG_MAP, engine.config_map(x="1"))
    engine.delete(CONFIG_MAP, state)
    engine.delete(CONFIG_MAP, state)
    assert engine.get(path(engine)) is None


def test_a_patch_owns_its_fields_and_gives_them_back(engine: Engine) -> None:
    token = "kubernetes:core/v1:NamespacePatch"
    news = {"metadata": {"name": engine.namespace, "labels": {"istio-injection": "enabled"}}}
    state = engine.create(token, news)
    home = f"/api/v1/namespaces/{engine.namespace}"
    live = engine.get(home)
    assert live is not None
    assert live["metadata"]["labels"]["istio-injection"] == "enabled"
    engine.delete(token, state)
    live = engine.get(home)
    assert live is not None
    assert "istio-injection" not in live["metadata"]["labels"]


def test_client_side_apply_sends_only_the_difference(connect: Connect) -> None:
    engine = connect(enableServerSideApply=False)
    engine.create(NAMESPACE, {"metadata": {"name": engine.namespace}})
    state = engine.create(CONFIG_MAP, engine.config_map(x="1", y="2"))
    engine.by_hand(path(engine), {"data": {"theirs": "1"}})
    outputs = engine.update(CONFIG_MAP, state, engine.config_map(y="3")).outputs
    assert outputs["data"] == {"y": "3", "theirs": "1"}
