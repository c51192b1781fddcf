"""What a program gets to read of an object: the live document, or what a preview knows of it."""

from __future__ import annotations

from lab.plugins.base.values import UNKNOWN, Properties
from lab.plugins.kubernetes.objects import (
    FIELD_MANAGER,
    SERVICE_ACCOUNT_TOKEN,
    dig,
    from_server,
    wait_expressions,
    with_metadata,
)
from lab.plugins.kubernetes.paths import Expression, PathError
from lab.plugins.kubernetes.readiness import parse_condition

SERVER_METADATA = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields")
ALLOCATED_BY_SERVICE = ("clusterIP", "clusterIPs", "healthCheckNodePort")
REVISION = "deployment.kubernetes.io/revision"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def live_outputs(live: Properties, manager: str) -> Properties:
    """The outputs of an object that exists; who owns which field is the server's own book."""
    outputs: Properties = from_server(with_metadata(live, managedFields=None))
    return {**outputs, FIELD_MANAGER: manager}


def created_preview(dry: Properties, inputs: Properties) -> Properties:
    """The outputs of a dry-run creation, without what nobody knows yet.

    The server-made metadata stays, as in the released plugin: an unknown inside would hide the name
    and the namespace beside it from every `apply` of a program.
    """
    bare = with_metadata(dry, managedFields=None)
    bare = {key: value for key, value in bare.items() if key != "status"}
    outputs: Properties = from_server(bare)
    if inputs.get("kind") == "Service":
        outputs = _unallocated(outputs, inputs)
    return {**outputs, **dict.fromkeys(awaited_fields(inputs), UNKNOWN)}


def awaited_fields(inputs: Properties) -> set[str]:
    """Top-level fields that a controller fills in and that the program does not give itself."""
    fields = set()
    if inputs.get("kind") == "Secret" and inputs.get("type") == SERVICE_ACCOUNT_TOKEN:
        fields.add("data")
    for text in wait_expressions(inputs):
        try:
            expression = parse_condition(text)
        except PathError:
            continue
        if isinstance(expression, Expression) and expression.first:
            fields.add(expression.first)
    return fields - inputs.keys()


def imported_inputs(live: Properties) -> Properties:
    """The inputs that would make an object like this one."""
    annotations = dict(dig(live, "metadata", "annotations") or {})
    for own in (REVISION, LAST_APPLIED):
        annotations.pop(own, None)
    bare = with_metadata(live, **dict.fromkeys(SERVER_METADATA), annotations=annotations or None)
    inputs: Properties = from_server({k: v for k, v in bare.items() if k != "status"})
    return inputs


def _unallocated(outputs: Properties, inputs: Properties) -> Properties:
    spec = dict(outputs.get("spec") or {})
    given = inputs.get("spec") or {}
    for name in ALLOCATED_BY_SERVICE:
        if name in spec and name not in given:
            spec[name] = UNKNOWN
    if dig(spec, "type") in ("NodePort", "LoadBalancer"):
        spec["ports"] = [
            {**port, **_node_port(index, port, given)} for index, port in enumerate(spec["ports"])
        ]
    return {**outputs, "spec": spec}


def _node_port(index: int, port: Properties, given: Properties) -> Properties:
    chosen = dig(given, "ports", index, "nodePort")
    return {"nodePort": UNKNOWN} if "nodePort" in port and chosen is None else {}
