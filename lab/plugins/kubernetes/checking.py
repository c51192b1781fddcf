"""Makes an object's inputs complete, and finds what is wrong with them without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lab.plugins.base.errors import Failure
from lab.plugins.base.provider import Checked
from lab.plugins.base.values import Path, Properties, Unknown, Value, render_path
from lab.plugins.kubernetes.kinds import Kind
from lab.plugins.kubernetes.objects import (
    AUTONAMED,
    WAIT_FOR,
    dig,
    is_marked,
    name_of,
    wait_expressions,
    with_automatic_name,
    with_metadata,
    without_nulls,
)
from lab.plugins.kubernetes.paths import PathError
from lab.plugins.kubernetes.readiness import parse_condition

WAIT_FOR_PATH: Path = ("metadata", "annotations", WAIT_FOR)


@dataclass(frozen=True, kw_only=True, slots=True)
class Defaults:
    """What the provider adds to an object that does not say it itself."""

    new_name: Callable[[], str]
    namespace: Callable[[], str | None]
    """None for a kind of the whole cluster; to know that may take a question to the server."""


def check_object(kind: Kind, news: Properties, olds: Properties, *, defaults: Defaults) -> Checked:
    """The inputs as they are kept in the state, or their faults."""
    inputs = without_nulls(news)
    inputs = {"apiVersion": kind.api_version, "kind": kind.name, **inputs}
    if failures := list(_faults(kind, inputs)):
        return Checked(inputs, failures)
    metadata = inputs.get("metadata")
    if isinstance(metadata, Unknown):
        return Checked(inputs)
    if not (metadata or {}).get("name"):
        inputs = _named(inputs, olds, defaults)
    if not dig(inputs, "metadata", "namespace"):
        inputs = with_metadata(inputs, namespace=defaults.namespace())
    return Checked(inputs)


def _named(inputs: Properties, olds: Properties, defaults: Defaults) -> Properties:
    kept = name_of(olds) if is_marked(olds, AUTONAMED) else ""
    return with_automatic_name(inputs, kept or defaults.new_name())


def _faults(kind: Kind, inputs: Properties) -> Iterator[Failure]:
    for key, wanted in (("apiVersion", kind.api_version), ("kind", kind.name)):
        if inputs[key] != wanted:
            yield Failure(key, f"must be {wanted!r} for this resource type, got {inputs[key]!r}")
    metadata = inputs.get("metadata", {})
    if isinstance(metadata, Unknown):
        return
    if not isinstance(metadata, dict):
        yield _mismatch(("metadata",), "an object", metadata)
        return
    yield from _metadata_faults(kind, metadata)
    yield from _condition_faults(inputs)


def _metadata_faults(kind: Kind, metadata: Properties) -> Iterator[Failure]:
    for key in ("name", "namespace"):
        value = metadata.get(key)
        if value is not None and not isinstance(value, str | Unknown):
            yield _mismatch(("metadata", key), "a string", value)
    if kind.is_patch and not metadata.get("name"):
        yield Failure("metadata.name", "required property is missing: a patch names its object")
    if metadata.get("generateName"):
        yield Failure(
            "metadata.generateName",
            "not supported with server-side apply; leave out metadata.name to have one made",
        )
    for group in ("labels", "annotations"):
        yield from _map_faults(group, metadata.get(group))


def _map_faults(group: str, values: Value) -> Iterator[Failure]:
    if values is None or isinstance(values, Unknown):
        return
    if not isinstance(values, dict):
        yield _mismatch(("metadata", group), "a map", values)
        return
    for key, value in values.items():
        if not isinstance(value, str | Unknown):
            yield _mismatch(("metadata", group, key), "a string", value)


def _condition_faults(inputs: Properties) -> Iterator[Failure]:
    for text in wait_expressions(inputs):
        try:
            parse_condition(text)
        except PathError as error:
            yield Failure(render_path(WAIT_FOR_PATH), str(error))


def _mismatch(path: Path, wanted: str, value: Value) -> Failure:
    return Failure(render_path(path), f"must be {wanted}, got {type(value).__name__}")
