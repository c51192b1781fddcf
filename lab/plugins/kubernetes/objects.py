"""Objects as plain documents: access, annotations, names, and the form that an API server takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from secrets import token_hex
from typing import Any

from lab.plugins.base.values import Path, Properties, Unknown, Value

AUTONAMED = "pulumi.com/autonamed"
SKIP_AWAIT = "pulumi.com/skipAwait"
WAIT_FOR = "pulumi.com/waitFor"
TIMEOUT_SECONDS = "pulumi.com/timeoutSeconds"
PATCH_FORCE = "pulumi.com/patchForce"
PATCH_FIELD_MANAGER = "pulumi.com/patchFieldManager"
DELETION_PROPAGATION = "pulumi.com/deletionPropagationPolicy"
TRUE = "true"

FIELD_MANAGER = "__fieldManager"
"""The output that keeps the manager's name, so that a renamed resource keeps its fields."""

SERVICE_ACCOUNT_TOKEN = "kubernetes.io/service-account-token"  # noqa: S105 - a type, not a token


def dig(value: Value, *path: str | int) -> Value:
    """The value at a path; None where the path ends early."""
    for step in path:
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def annotation(document: Properties, key: str) -> str | None:
    """The annotation's value; None if it is absent or not known yet."""
    value = dig(document, "metadata", "annotations", key)
    return value if isinstance(value, str) else None


def is_marked(document: Properties, key: str) -> bool:
    return annotation(document, key) == TRUE


def name_of(document: Properties) -> str:
    return str(dig(document, "metadata", "name") or "")


def namespace_of(document: Properties) -> str | None:
    value = dig(document, "metadata", "namespace")
    return value if isinstance(value, str) and value else None


def with_metadata(document: Properties, **fields: Value) -> Properties:
    """A copy with some fields of its metadata set; None removes a field."""
    metadata = {**(dig(document, "metadata") or {}), **fields}
    return {**document, "metadata": {k: v for k, v in metadata.items() if v is not None}}


def automatic_name(name: str) -> str:
    """The resource's name with a tail that differs between two creations."""
    return f"{name.lower()}-{token_hex(4)}"


def with_automatic_name(document: Properties, name: str) -> Properties:
    """A copy that carries the name and says that nobody chose it."""
    annotations = dig(document, "metadata", "annotations") or {}
    if isinstance(annotations, Unknown):
        return with_metadata(document, name=name)
    return with_metadata(document, name=name, annotations={**annotations, AUTONAMED: TRUE})


def field_manager(urn: str) -> str:
    """A name of its own for each resource: two stacks never own each other's fields."""
    return f"pulumi-kubernetes-{sha256(urn.encode()).hexdigest()[:8]}"


def for_server(value: Value) -> Value:
    """The document as an API server takes it: integers as such, and nothing that is null."""
    if isinstance(value, dict):
        return {_dashed(k): for_server(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [for_server(item) for item in value]
    # The engine's numbers are all floating, and a server refuses 80.0 for a port.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def from_server(value: Value) -> Value:
    """The document with the names that the SDKs use."""
    if isinstance(value, dict):
        return {_underscored(k): from_server(v) for k, v in value.items()}
    if isinstance(value, list):
        return [from_server(item) for item in value]
    return value


def without_nulls(value: Value) -> Value:
    """The document without what is null: to an API server that is the same."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def secret_paths(document: Properties) -> frozenset[Path]:
    """What is secret by its nature: the content of a Secret."""
    if document.get("kind") != "Secret":
        return frozenset()
    return frozenset({("data",), ("stringData",)} & {(key,) for key in document})


def wait_expressions(document: Properties) -> list[str]:
    """The expressions of the wait-for annotation: one, or a JSON list of them."""
    text = annotation(document, WAIT_FOR)
    if not text:
        return []
    try:
        values: Any = json.loads(text)
    except ValueError:
        return [text]
    return [str(item) for item in values] if isinstance(values, list) else [text]


def _dashed(key: str) -> str:
    return key.replace("_", "-") if key.startswith("x_kubernetes_") else key


def _underscored(key: str) -> str:
    return key.replace("-", "_") if key.startswith("x-kubernetes-") else key
