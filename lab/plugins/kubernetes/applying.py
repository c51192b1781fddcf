"""Brings one object to an API server: server-side apply, a merge patch, or the server's dry run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lab.plugins.base.errors import PluginError
from lab.plugins.base.values import Properties, Value
from lab.plugins.kubernetes.api_errors import ApiError
from lab.plugins.kubernetes.client import APPLY, MERGE, Client, Request
from lab.plugins.kubernetes.discovery import Resource
from lab.plugins.kubernetes.objects import PATCH_FORCE, for_server, name_of, namespace_of

BY_HAND = re.compile(
    r'conflict with "(kubectl[^"]*|before-first-apply|pulumi(-resource)?-kubernetes)"'
    r"(?! with subresource)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Applier:
    """Writes objects of one kind under one field manager."""

    client: Client
    resource: Resource
    manager: str
    force: bool = False

    def find(self, document: Properties) -> Properties | None:
        return self.client.find(self._path(document))

    def apply(self, document: Properties, *, dry_run: bool = False) -> Properties:
        """Make the object, or bring the fields that this manager owns to what is given."""
        try:
            return self._apply(document, force=self.force, dry_run=dry_run)
        except ApiError as error:
            if not error.is_conflict:
                raise
            if not all(_is_by_hand(cause) for cause in error.status.causes):
                raise _conflict(error) from error
        # As the released plugin does: what was typed at a terminal gives way to the program.
        return self._apply(document, force=True, dry_run=dry_run)

    def _apply(self, document: Properties, *, force: bool, dry_run: bool) -> Properties:
        query = {
            "fieldManager": self.manager,
            "force": "true" if force else "false",
            # A misspelt field is refused, not dropped in silence.
            "fieldValidation": "Strict",
            **({"dryRun": "All"} if dry_run else {}),
        }
        request = Request(
            method="PATCH",
            path=self._path(document),
            query=query,
            body=for_server(document),
            content_type=APPLY,
        )
        return self.client.send(request)

    def create(self, document: Properties) -> Properties:
        """Make the object without server-side apply."""
        collection = self.resource.collection(namespace_of(document))
        query = {"fieldManager": self.manager, "fieldValidation": "Strict"}
        body = for_server(document)
        return self.client.send(Request(method="POST", path=collection, query=query, body=body))

    def merge(self, old: Properties, new: Properties) -> Properties:
        """Send the difference of two sets of inputs, without server-side apply."""
        body = merge_patch(for_server(old), for_server(new))
        query = {"fieldManager": self.manager, "fieldValidation": "Strict"}
        return self.client.send(
            Request(
                method="PATCH", path=self._path(new), query=query, body=body, content_type=MERGE
            )
        )

    def relinquish(self, document: Properties) -> None:
        """Give up every field that this manager owns; fields that nobody else owns vanish."""
        metadata = {"name": name_of(document), "namespace": namespace_of(document)}
        self.apply(
            {
                "apiVersion": self.resource.kind.api_version,
                "kind": self.resource.kind.name,
                "metadata": metadata,
            }
        )

    def delete(self, document: Properties, propagation: str) -> None:
        """Ask for the deletion; an object that is gone already is fine."""
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        try:
            self.client.send(Request(method="DELETE", path=self._path(document), body=options))
        except ApiError as error:
            if not error.is_not_found:
                raise

    def _path(self, document: Properties) -> str:
        return self.resource.path(namespace_of(document), name_of(document))


def merge_patch(old: Value, new: Value) -> Properties:
    """What turns the old document into the new one: null takes a field away, lists go whole."""
    patch: Properties = {key: None for key in old if key not in new}
    for key, value in new.items():
        before = old.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            if inner := merge_patch(before, value):
                patch[key] = inner
        elif before != value:
            patch[key] = value
    return patch


def _is_by_hand(cause: Mapping[str, Value]) -> bool:
    return BY_HAND.match(str(cause.get("message"))) is not None


def _conflict(error: ApiError) -> PluginError:
    fields = ", ".join(str(cause.get("field")) for cause in error.status.causes)
    owners = "; ".join(str(cause.get("message")) for cause in error.status.causes)
    return PluginError(
        f"{fields}: owned by somebody else ({owners}); "
        f'set the annotation {PATCH_FORCE}: "true" to take the fields over'
    )
