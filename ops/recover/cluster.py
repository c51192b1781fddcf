"""Finds in a cluster what a create has made: an object by its name, a Helm release by its notes."""

import base64
import contextlib
import gzip
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from ops.errors import OpsError
from ops.recover.deployment import CREATING, DELETING, Deployment, Document, Operation, Resource
from ops.recover.plan import Found
from ops.verify.kubectl import Kubectl, KubectlError, opened

RELEASE: Final = "kubernetes:helm.sh/v3:Release"
_MANAGER: Final = "pulumi-kubernetes"
_UNINSTALLING: Final = "uninstalling"
_POLICY: Final = "helm.sh/resource-policy"
_PAUSE_SECONDS: Final = 5.0
# A load balancer goes before its Service does.
_PATIENCE_SECONDS: Final = 15 * 60.0


@dataclass(slots=True)
class Clusters:
    """Searches with the providers of one state, whose secrets must be in the clear."""

    deployment: Deployment
    say: Callable[[str], None]
    files: contextlib.ExitStack
    _known: dict[str, tuple[Kubectl, str]] = field(default_factory=dict)

    def find(self, operation: Operation) -> list[Found]:
        """Return what is there; waits for what is being deleted."""
        resource = operation.resource
        if resource.type == RELEASE:
            return list(self._release(resource))
        if operation.doing == DELETING:
            self._await_end(resource)
        return list(self._object(resource)) if operation.doing == CREATING else []

    def free(self, resource: Resource) -> None:
        """Remove Helm's notes of what it had under way; what it has installed stays."""
        for note in self._notes(resource):
            if not _is_done(note):
                place = _place(resource.inputs)
                self._text(resource, "delete", "secret", note["metadata"]["name"], *place)

    def finish(self, resource: Resource) -> None:
        """Delete what Helm was deleting, but for what its chart keeps, and then its notes."""
        place = _place(resource.inputs)
        for note in self._notes(resource):
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                yaml.safe_dump_all(_deleted_with(note), file)
                file.flush()
                self._text(resource, "delete", "--filename", file.name, "--ignore-not-found")
            self._text(resource, "delete", "secret", note["metadata"]["name"], *place)

    def delete(self, resource: Resource, found: Found) -> None:
        """Delete an object."""
        name = found.id.rpartition("/")[2]
        place = _place(resource.inputs.get("metadata") or {})
        self._text(resource, "delete", _kind(resource.inputs), name, *place, "--ignore-not-found")

    def _release(self, resource: Resource) -> Iterator[Found]:
        notes = sorted(self._notes(resource), key=lambda note: int(_labels(note)["version"]))
        if notes:
            inputs = resource.inputs
            identity = f"{inputs['namespace']}/{inputs['name']}"
            is_going = _status(notes[-1]) == _UNINSTALLING
            is_locked = not is_going and not _is_done(notes[-1])
            yield Found(id=identity, is_locked=is_locked, is_going=is_going)

    def _notes(self, resource: Resource) -> list[Document]:
        inputs = resource.inputs
        which = f"owner=helm,name={inputs['name']}"
        words = ("get", "secrets", *_place(inputs), "--selector", which, "--output", "json")
        found: list[Document] = json.loads(self._text(resource, *words))["items"]
        return found

    def _object(self, resource: Resource) -> Iterator[Found]:
        inputs = resource.inputs
        meta = inputs.get("metadata") or {}
        if not meta.get("name"):
            return
        words = ("get", _kind(inputs), meta["name"], *_place(meta), "--ignore-not-found")
        text = self._text(resource, *words, "--show-managed-fields", "--output", "json")
        if not text.strip():
            return
        manager = _manager(json.loads(text))
        if manager:
            place = meta.get("namespace")
            more = {"__fieldManager": manager, "__initialApiVersion": inputs["apiVersion"]}
            yield Found(id=f"{place}/{meta['name']}" if place else meta["name"], more=more)

    def _await_end(self, resource: Resource) -> None:
        meta = resource.inputs.get("metadata") or {}
        words = ("get", _kind(resource.inputs), str(meta.get("name")), *_place(meta))
        deadline = time.monotonic() + _PATIENCE_SECONDS
        is_told = False
        while text := self._text(
            resource, *words, "--ignore-not-found", "--output", "json"
        ).strip():
            if not json.loads(text)["metadata"].get("deletionTimestamp"):
                return
            if time.monotonic() > deadline:
                raise OpsError(
                    f"{resource.name}: is still being deleted, got finalizers "
                    f"{json.loads(text)['metadata'].get('finalizers')}; look at its events, then "
                    "run this again"
                )
            if not is_told:
                is_told = True
                self.say(f"{resource.name}: waits while it is being deleted")
            time.sleep(_PAUSE_SECONDS)

    def _text(self, resource: Resource, *words: str) -> str:
        kubectl, context = self._kubectl(resource)
        try:
            return kubectl.text(context, *words)
        except KubectlError as fault:
            if "the server doesn't have a resource type" in str(fault):
                return ""
            raise OpsError(
                f"{resource.name}: cannot be looked for in its cluster, got {str(fault)!r}; open "
                "the way to it (`python -m ops tunnel open`) and run this again"
            ) from fault

    def _kubectl(self, resource: Resource) -> tuple[Kubectl, str]:
        provider = self.deployment.provider(resource)
        if provider is None:
            raise OpsError(f"{resource.name}: its provider is not in the state; run `pulumi up`")
        if provider.urn not in self._known:
            text = provider.inputs["kubeconfig"]
            kubectl = self.files.enter_context(opened(text))
            self._known[provider.urn] = kubectl, yaml.safe_load(text)["current-context"]
        return self._known[provider.urn]


def _kind(inputs: Document) -> str:
    group, _, version = str(inputs["apiVersion"]).rpartition("/")
    return f"{inputs['kind']}.{version}.{group}" if group else str(inputs["kind"])


def _place(inputs: Document) -> tuple[str, ...]:
    return ("--namespace", inputs["namespace"]) if inputs.get("namespace") else ()


def _labels(note: Document) -> dict[str, str]:
    return dict(note["metadata"]["labels"])


def _is_done(note: Document) -> bool:
    return _status(note) in ("deployed", "superseded")


def _status(note: Document) -> str:
    return _labels(note).get("status", "")


def _deleted_with(note: Document) -> list[Document]:
    """Return the objects of a release that go with it; Helm keeps them packed in its note."""
    packed = base64.b64decode(base64.b64decode(note["data"]["release"]))
    release = json.loads(gzip.decompress(packed))
    objects = [each for each in yaml.safe_load_all(release["manifest"]) if each]
    for each in objects:
        each["metadata"].setdefault("namespace", release["namespace"])
    return [each for each in objects if _policy(each) != "keep"]


def _policy(found: Document) -> str | None:
    return (found["metadata"].get("annotations") or {}).get(_POLICY)


def _manager(found: Document) -> str | None:
    """Return under which name Pulumi made the object; None if something else did."""
    fields: list[dict[str, Any]] = found["metadata"].get("managedFields") or []
    names = (str(each.get("manager", "")) for each in fields)
    return next((name for name in names if name.startswith(_MANAGER)), None)
