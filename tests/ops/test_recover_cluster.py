"""What is looked for in a cluster; kubectl is a stand-in that answers by a part of its words."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.errors import OpsError
from ops.recover import cluster
from ops.recover.cluster import Clusters
from ops.recover.deployment import CREATING, Deployment, Operation, Resource
from ops.recover.plan import Found
from ops.verify.kubectl import KubectlError
from tests.ops.recover_world import (
    NAMESPACE,
    RELEASE,
    SECRET,
    Document,
    provider,
    resource,
    state,
)

SAID: list[str] = []
KUBECONFIG = "current-context: a-context\n"
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "gateway", "namespace": "istio-system"},
}
ISTIOD = {"name": "istiod", "namespace": "istio-system"}


@dataclass(slots=True)
class Kubectl:
    answers: Mapping[str, str | Exception | list[str]] = field(default_factory=dict)
    """By a part of the words; of a list one after the other."""
    calls: list[str] = field(default_factory=list)

    def text(self, context: str, *words: str) -> str:
        self.calls.append(f"{context}: {' '.join(words)}")
        answer = next((a for part, a in self.answers.items() if part in self.calls[-1]), "")
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def kubectl(monkeypatch: pytest.MonkeyPatch) -> Kubectl:
    made = Kubectl()

    @contextlib.contextmanager
    def opened(kubeconfig: str) -> Iterator[Kubectl]:
        assert kubeconfig == KUBECONFIG
        yield made

    monkeypatch.setattr(cluster, "opened", opened)
    return made


def clusters() -> Clusters:
    kubeconfig = {**SECRET, "plaintext": json.dumps(KUBECONFIG)}
    known = provider("kubernetes", kubeconfig=kubeconfig)
    return Clusters(Deployment(state(known)), SAID.append, contextlib.ExitStack())


def find(document: Document, doing: str = CREATING) -> list[Found]:
    return clusters().find(Operation(doing=doing, resource=Resource(document=document)))


def live(manager: str) -> str:
    return json.dumps({"metadata": {"managedFields": [{"manager": manager}]}})


def note(version: int, status: str) -> Document:
    labels = {"version": str(version), "status": status}
    return {"metadata": {"name": f"sh.helm.release.v1.istiod.v{version}", "labels": labels}}


def notes(*items: Document) -> dict[str, str | Exception]:
    return {"get secrets": json.dumps({"items": items})}


def test_an_object_is_found_by_its_name_and_keeps_its_manager(kubectl: Kubectl) -> None:
    kubectl.answers = {"get Service gateway": live("pulumi-kubernetes-1a2b")}
    (found,) = find(resource("kubernetes:core/v1:Service", "x", **SERVICE))
    assert found.id == "istio-system/gateway"
    assert found.more == {
        "__fieldManager": "pulumi-kubernetes-1a2b",
        "__initialApiVersion": "v1",
    }
    (call,) = kubectl.calls
    assert call == (
        "a-context: get Service gateway --namespace istio-system --ignore-not-found "
        "--show-managed-fields --output json"
    )


def test_an_object_that_somebody_else_made_is_not_ours(kubectl: Kubectl) -> None:
    kubectl.answers = {"get Service": live("kubectl-create")}
    assert find(resource("kubernetes:core/v1:Service", "x", **SERVICE)) == []


def test_an_object_without_a_namespace_is_asked_for_by_group(kubectl: Kubectl) -> None:
    kubectl.answers = {"get ": live("pulumi-kubernetes-1")}
    inputs = {"apiVersion": "g.io/v2", "kind": "Thing", "metadata": {"name": "t"}}
    (found,) = find(resource("kubernetes:g.io/v2:Thing", "x", **inputs))
    assert found.id == "t"
    assert kubectl.calls[0].startswith("a-context: get Thing.v2.g.io t --ignore-not-found")


@pytest.mark.parametrize(
    "answer",
    ["", KubectlError('error: the server doesn\'t have a resource type "Thing"')],
    ids=["no object", "no such kind"],
)
def test_what_is_not_there_is_not_found(kubectl: Kubectl, answer: str | Exception) -> None:
    kubectl.answers = {"get ": answer}
    assert find(resource(NAMESPACE, "x", apiVersion="v1", kind="N", metadata={"name": "n"})) == []


def test_a_cluster_that_does_not_answer_is_an_error_and_not_an_absence(kubectl: Kubectl) -> None:
    kubectl.answers = {"get ": KubectlError("dial tcp: i/o timeout")}
    with pytest.raises(OpsError) as failure:
        find(resource("kubernetes:core/v1:Service", "x", **SERVICE))
    assert str(failure.value) == (
        "x: cannot be looked for in its cluster, got 'dial tcp: i/o timeout'; open the way to it "
        "(`python -m ops tunnel open`) and run this again"
    )


@pytest.mark.parametrize(
    ("found", "is_locked"),
    [
        ([note(1, "deployed")], False),
        ([note(1, "pending-install")], True),
        ([note(10, "pending-upgrade"), note(9, "deployed")], True),
        ([note(10, "deployed"), note(9, "superseded")], False),
    ],
    ids=["installed", "half installed", "half upgraded", "upgraded"],
)
def test_a_release_is_as_its_last_note_says(
    kubectl: Kubectl, found: list[Document], *, is_locked: bool
) -> None:
    kubectl.answers = notes(*found)
    seen = find(resource(RELEASE, "x", **ISTIOD), "updating")
    assert [(one.id, one.is_locked) for one in seen] == [("istio-system/istiod", is_locked)]


def test_a_release_without_a_note_is_not_there(kubectl: Kubectl) -> None:
    kubectl.answers = notes()
    assert find(resource(RELEASE, "x", **ISTIOD)) == []


def test_freeing_a_release_removes_the_notes_of_what_was_under_way_only(kubectl: Kubectl) -> None:
    kubectl.answers = notes(note(1, "superseded"), note(2, "deployed"), note(3, "pending-upgrade"))
    clusters().free(Resource(document=resource(RELEASE, "x", **ISTIOD)))
    assert kubectl.calls[1:] == [
        "a-context: delete secret sh.helm.release.v1.istiod.v3 --namespace istio-system"
    ]


def test_what_was_changed_is_there_anyway(kubectl: Kubectl) -> None:
    assert find(resource("kubernetes:core/v1:Service", "x", **SERVICE), "updating") == []
    assert kubectl.calls == []


def going(*finalizers: str) -> str:
    return json.dumps({"metadata": {"deletionTimestamp": "now", "finalizers": finalizers}})


@pytest.mark.parametrize(
    ("answers", "waits"),
    [([""], 0), ([live("pulumi-kubernetes-1")], 0), ([going("lb"), going("lb"), ""], 2)],
    ids=["gone", "its deletion has not begun", "on its way"],
)
def test_what_is_being_deleted_is_waited_for(
    kubectl: Kubectl, monkeypatch: pytest.MonkeyPatch, *, answers: list[str], waits: int
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    SAID.clear()
    kubectl.answers = {"get Service gateway --namespace istio-system": list(answers)}
    assert find(resource("kubernetes:core/v1:Service", "x", **SERVICE), "deleting") == []
    assert len(pauses) == waits
    assert ["x: waits while it is being deleted"] * bool(waits) == SAID


def test_what_does_not_go_is_told_with_what_holds_it(
    kubectl: Kubectl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE_SECONDS", -1)
    kubectl.answers = {"get Service": going("lb")}
    with pytest.raises(OpsError, match=r"^x: is still being deleted, got finalizers \['lb'\]; "):
        find(resource("kubernetes:core/v1:Service", "x", **SERVICE), "deleting")


def test_a_release_that_is_half_deleted_is_deleted_to_its_end(
    kubectl: Kubectl, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = """
---
kind: Service
metadata: {name: istiod}
---
kind: Role
metadata: {name: reader, namespace: kube-system}
---
kind: CustomResourceDefinition
metadata: {name: gateways, annotations: {helm.sh/resource-policy: keep}}
"""
    release = {"namespace": "istio-system", "manifest": manifest}
    packed = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(release).encode())))
    kubectl.answers = notes({**note(1, "uninstalling"), "data": {"release": packed.decode()}})
    (found,) = find(resource(RELEASE, "x", **ISTIOD), "deleting")
    assert (found.is_going, found.is_locked) == (True, False)

    deleted: list[Document] = []
    text = kubectl.text

    def read(context: str, *words: str) -> str:
        if "--filename" in words:
            file = Path(words[words.index("--filename") + 1])
            deleted.extend(yaml.safe_load_all(file.read_text()))
        return text(context, *words)

    monkeypatch.setattr(Kubectl, "text", lambda _, *words: read(*words))
    clusters().finish(Resource(document=resource(RELEASE, "x", **ISTIOD)))
    assert [(each["kind"], each["metadata"]["namespace"]) for each in deleted] == [
        ("Service", "istio-system"),
        ("Role", "kube-system"),
    ]
    assert kubectl.calls[-1].endswith(
        "delete secret sh.helm.release.v1.istiod.v1 --namespace istio-system"
    )


def test_a_surplus_object_is_deleted_by_its_name(kubectl: Kubectl) -> None:
    document: Any = resource("kubernetes:core/v1:Service", "x", **SERVICE)
    clusters().delete(Resource(document=document), Found(id="istio-system/gateway"))
    assert kubectl.calls == [
        "a-context: delete Service gateway --namespace istio-system --ignore-not-found"
    ]
