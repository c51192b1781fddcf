"""An object's inputs: what is filled in, what is refused, what a change means; without a server."""

from __future__ import annotations

from typing import Any

import pytest

from lab.plugins.base.errors import Failure
from lab.plugins.base.provider import Call, Checked, State
from lab.plugins.base.values import UNKNOWN, Secret
from lab.plugins.kubernetes.checking import Defaults, check_object
from lab.plugins.kubernetes.kinds import Kind
from lab.plugins.kubernetes.package import Kubernetes, make_provider

Object = dict[str, Any]
MAP = Kind("v1", "ConfigMap")
NOWHERE = "apiVersion: v1\nkind: Config\n"


def check(
    kind: Kind, news: Object, olds: Object | None = None, *, namespace: str | None = "default"
) -> Checked:
    defaults = Defaults(new_name=lambda: "web-1f", namespace=lambda: namespace)
    return check_object(kind, news, olds or {}, defaults=defaults)


def test_version_and_kind_come_from_the_type() -> None:
    checked = check(MAP, {"metadata": {"name": "a", "namespace": "b"}})
    assert checked.inputs == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "b"},
    }


def test_the_default_namespace_is_filled_in() -> None:
    assert check(MAP, {"metadata": {"name": "a"}}).inputs["metadata"] == {
        "name": "a",
        "namespace": "default",
    }


def test_a_kind_of_the_whole_cluster_gets_no_namespace() -> None:
    checked = check(Kind("v1", "Namespace"), {"metadata": {"name": "a"}}, namespace=None)
    assert checked.inputs["metadata"] == {"name": "a"}


def test_an_object_without_a_name_gets_one() -> None:
    metadata = check(MAP, {"data": {}}).inputs["metadata"]
    assert metadata == {
        "name": "web-1f",
        "namespace": "default",
        "annotations": {"pulumi.com/autonamed": "true"},
    }


def test_an_automatic_name_stays() -> None:
    before = check(MAP, {}).inputs
    defaults = Defaults(new_name=lambda: "another", namespace=lambda: "default")
    after = check_object(MAP, {"data": {"a": "b"}}, before, defaults=defaults).inputs
    assert after["metadata"] == before["metadata"]


def test_a_chosen_name_is_not_kept_as_an_automatic_one() -> None:
    before = check(MAP, {"metadata": {"name": "chosen"}}).inputs
    assert check(MAP, {}, before).inputs["metadata"]["name"] == "web-1f"


def test_metadata_that_is_not_known_yet_stays_so() -> None:
    checked = check(MAP, {"metadata": UNKNOWN})
    assert (checked.inputs["metadata"], list(checked.failures)) == (UNKNOWN, [])


def test_nulls_are_left_out() -> None:
    inputs = check(MAP, {"metadata": {"name": "a"}, "data": {"x": None, "y": "1"}}).inputs
    assert inputs["data"] == {"y": "1"}


@pytest.mark.parametrize(
    ("kind", "news", "failure"),
    [
        (
            MAP,
            {"kind": "Secret"},
            Failure("kind", "must be 'ConfigMap' for this resource type, got 'Secret'"),
        ),
        (
            MAP,
            {"apiVersion": "v2"},
            Failure("apiVersion", "must be 'v1' for this resource type, got 'v2'"),
        ),
        (MAP, {"metadata": "a"}, Failure("metadata", "must be an object, got str")),
        (
            MAP,
            {"metadata": {"name": 3.0}},
            Failure("metadata.name", "must be a string, got float"),
        ),
        (
            MAP,
            {"metadata": {"generateName": "a-"}},
            Failure(
                "metadata.generateName",
                "not supported with server-side apply; leave out metadata.name to have one made",
            ),
        ),
        (
            MAP,
            {"metadata": {"labels": {"example.org/a": True}}},
            Failure('metadata.labels["example.org/a"]', "must be a string, got bool"),
        ),
        (
            MAP,
            {"metadata": {"annotations": []}},
            Failure("metadata.annotations", "must be a map, got list"),
        ),
        (
            Kind("v1", "Namespace", is_patch=True),
            {"metadata": {"labels": {}}},
            Failure("metadata.name", "required property is missing: a patch names its object"),
        ),
        (
            MAP,
            {"metadata": {"name": "a", "annotations": {"pulumi.com/waitFor": "jsonpath=.a"}}},
            Failure(
                'metadata.annotations["pulumi.com/waitFor"]',
                "jsonpath: must be {.path} or {.path}=value, without shell quotes, got '.a'",
            ),
        ),
    ],
)
def test_a_fault_is_told_with_its_property(kind: Kind, news: Object, failure: Failure) -> None:
    assert list(check(kind, news).failures) == [failure]


# Through the provider, with a kubeconfig that leads nowhere.


@pytest.fixture(name="provider")
def offline_provider() -> Kubernetes:
    provider = make_provider()
    provider.configure({"kubeconfig": NOWHERE})
    return provider


def call(urn: str = "urn:pulumi:s::p::kubernetes:core/v1:ConfigMap::web") -> Call:
    return Call(urn=urn, name=urn.rsplit("::", 1)[-1], type=urn.split("::")[2])


def diff(provider: Kubernetes, olds: Object, news: Object) -> dict[str, Any]:
    """The changes as path and whether it replaces, and whether the old object goes first."""
    found = provider.resource(CONFIG_MAP).diff(call(), State("id", olds, {}), news)
    changes = {item.path: (item.kind.value, item.replace) for item in found.changes}
    return {"changes": changes, "first": found.replaces and found.delete_before_replace}


CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


def config_map(name: str = "a", value: str = "1", **metadata: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default", **metadata},
        "data": {"x": value},
    }


def test_equal_inputs_are_no_change(provider: Kubernetes) -> None:
    assert diff(provider, config_map(), config_map())["changes"] == {}


def test_a_namespace_that_was_only_filled_in_is_no_change(provider: Kubernetes) -> None:
    news = config_map()
    del news["metadata"]["namespace"]
    assert diff(provider, config_map(), news)["changes"] == {}


def test_changed_data_replaces_a_config_map_that_has_to_go_first(provider: Kubernetes) -> None:
    assert diff(provider, config_map(), config_map(value="2")) == {
        "changes": {("data", "x"): ("UPDATE", True)},
        "first": True,
    }


def test_a_provider_may_allow_config_maps_to_change() -> None:
    provider = make_provider()
    provider.configure({"kubeconfig": NOWHERE, "enableConfigMapMutable": True})
    assert diff(provider, config_map(), config_map(value="2")) == {
        "changes": {("data", "x"): ("UPDATE", False)},
        "first": False,
    }


def test_another_name_makes_the_new_object_before_the_old_one_goes(provider: Kubernetes) -> None:
    assert diff(provider, config_map(), config_map(name="b")) == {
        "changes": {("metadata", "name"): ("UPDATE", True)},
        "first": False,
    }


def test_an_automatic_name_lets_both_objects_stand(provider: Kubernetes) -> None:
    marked = {"pulumi.com/autonamed": "true"}
    found = diff(
        provider, config_map(annotations=marked), config_map(value="2", annotations=marked)
    )
    assert found["first"] is False


def test_a_changed_label_is_one_field(provider: Kubernetes) -> None:
    old, new = config_map(labels={"a": "1", "b": "2"}), config_map(labels={"a": "1", "b": "3"})
    assert diff(provider, old, new)["changes"] == {("metadata", "labels", "b"): ("UPDATE", False)}


def test_a_secrets_content_is_secret_in_the_inputs_too(provider: Kubernetes) -> None:
    secret = provider.resource("kubernetes:core/v1:Secret")
    checked = secret.check(call(), {"metadata": {"name": "a"}, "stringData": {"k": "v"}}, {})
    assert checked.inputs["stringData"] == Secret({"k": "v"})


def test_a_preview_without_a_cluster_shows_the_inputs_and_warns(provider: Kubernetes) -> None:
    warnings: list[str] = []
    asking = Call(urn="urn", name="web", type=CONFIG_MAP, warn=warnings.append)
    inputs = config_map()
    assert provider.resource(CONFIG_MAP).preview_create(asking, inputs) == inputs
    assert warnings == [
        (
            "cluster is unreachable, so this preview shows the inputs alone: "
            "kubeconfig: has no current-context; name one with `context`"
        )
    ]


def test_inputs_that_are_not_known_yet_are_previewed_as_they_are(provider: Kubernetes) -> None:
    inputs = config_map(value=UNKNOWN)  # type: ignore[arg-type]  # what a preview passes
    assert provider.resource(CONFIG_MAP).preview_create(call(), inputs) == inputs


@pytest.mark.parametrize(
    ("olds", "news", "replaced"),
    [
        ({"clusterIdentifier": "a"}, {"clusterIdentifier": "b"}, {"clusterIdentifier"}),
        (
            {"clusterIdentifier": "a", "kubeconfig": "x"},
            {"clusterIdentifier": "a", "kubeconfig": "y"},
            set(),
        ),
        ({"kubeconfig": "x"}, {"kubeconfig": UNKNOWN}, {"kubeconfig"}),
    ],
)
def test_another_cluster_replaces_the_provider(
    provider: Kubernetes, *, olds: Object, news: Object, replaced: set[str]
) -> None:
    changes = provider.diff_config(olds, news).changes
    assert {change.path[0] for change in changes if change.replace} == replaced


def kubeconfig(server: str, token: str) -> str:
    return (
        "current-context: c\n"
        "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
        f"clusters: [{{name: k, cluster: {{server: '{server}'}}}}]\n"
        f"users: [{{name: u, user: {{token: {token}}}}}]\n"
    )


@pytest.mark.parametrize(
    ("server", "token", "replaces"),
    [("https://a", "two", False), ("https://b", "one", True)],
    ids=["another token", "another server"],
)
def test_a_kubeconfig_replaces_the_provider_only_if_it_leads_elsewhere(
    provider: Kubernetes, server: str, token: str, *, replaces: bool
) -> None:
    old, new = kubeconfig("https://a", "one"), kubeconfig(server, token)
    assert provider.diff_config({"kubeconfig": old}, {"kubeconfig": new}).replaces is replaces


def test_nothing_to_do_needs_no_connection() -> None:
    provider = make_provider()
    provider.configure({"kubeconfig": kubeconfig("https://a", "one")})
    for token in (CONFIG_MAP, "kubernetes:networking.istio.io/v1:Gateway"):
        resource = provider.resource(token)
        inputs = resource.check(call(), {"metadata": {"name": "a", "namespace": "b"}}, {}).inputs
        assert resource.diff(call(), State("b/a", inputs, {}), inputs).changes == []
    assert "client" not in vars(provider.cluster)


def test_an_unknown_provider_setting_is_refused(provider: Kubernetes) -> None:
    (failure,) = provider.check_config({"kubeconfg": "x"}).failures
    assert failure.property == "kubeconfg"


def test_rendering_to_files_is_refused(provider: Kubernetes) -> None:
    assert list(provider.check_config({"renderYamlToDirectory": "out"}).failures) == [
        Failure("renderYamlToDirectory", "the lab's plugin talks to a cluster and renders no files")
    ]
