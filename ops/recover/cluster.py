"""Finds in a cluster what a create has made: an object by its name, a Helm release by its notes."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from ops.errors import OpsError
from ops.recover.deployment import CREATING, Deployment, Document, Operation, Resource
from ops.recover.plan import Found
from ops.verify.kubectl import Kubectl, KubectlError, opened

RELEASE: Final = "kubernetes:helm.sh/v3:Release"
_MANAGER: Final = "pulumi-kubernetes"


@dataclass(slots=True)
class Clusters:
    """Searches with the providers of one state, whose secrets must be in the clear."""

    deployment: Deployment
    files: contextlib.ExitStack
    _known: dict[str, tuple[Kubectl, str]] = field(default_factory=dict)

    def find(self, operation: Operation) -> list[Found]:
        """Return what is there; what was being deleted need not be looked for."""
        resource = operation.resource
        if resource.type == RELEASE and operation.doing in (CREATING, "updating"):
            return list(self._release(resource))
        return list(self._object(resource)) if operation.doing == CREATING else []

    def free(self, resource: Resource) -> None:
        """Remove Helm's notes of what it had under way; what it has installed stays."""
        for note in self._notes(resource):
            if not _is_done(note):
                place = _place(resource.inputs)
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
            yield Found(id=identity, is_locked=not _is_done(notes[-1]))

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
    return _labels(note).get("status") in ("deployed", "superseded")


def _manager(found: Document) -> str | None:
    """Return under which name Pulumi made the object; None if something else did."""
    fields: list[dict[str, Any]] = found["metadata"].get("managedFields") or []
    names = (str(each.get("manager", "")) for each in fields)
    return next((name for name in names if name.startswith(_MANAGER)), None)
