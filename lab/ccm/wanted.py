"""What a Service's annotations ask of its load balancer; the vendor's names and rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lab.ccm.lists import Mode
from lab.cloud.loadbalancer.models import FLEXIBLE, MAX_MBPS, MIN_MBPS, POLICIES
from lab.cloud.loadbalancer.records import (
    IDLE_SECONDS,
    Backend,
    BackendSet,
    Connection,
    HealthChecker,
    Listener,
    ShapeDetails,
)
from lab.cloud.records import Json

LB = "service.beta.kubernetes.io/oci-load-balancer-"
OCI = "oci.oraclecloud.com/"
INTERNAL = f"{LB}internal"
SHAPE, FLEX_MIN, FLEX_MAX = f"{LB}shape", f"{LB}shape-flex-min", f"{LB}shape-flex-max"
SUBNET1 = f"{LB}subnet1"
SECURITY_MODE = f"{LB}security-list-management-mode"
IDLE_TIMEOUT = f"{LB}connection-idle-timeout"
BACKEND_PROTOCOL = f"{LB}backend-protocol"
TYPE = f"{OCI}load-balancer-type"
GROUPS = f"{OCI}oci-network-security-groups"
POLICY = f"{OCI}loadbalancer-policy"
TAGS = f"{OCI}initial-freeform-tags-override"
DEFINED_TAGS = f"{OCI}initial-defined-tags-override"

ABSENT = (f"{LB}ssl-ports", f"{LB}tls-secret", f"{LB}connection-proxy-protocol-version")
"""The vendor has these; the lab's load balancers only pass TCP on."""
HEALTH_PORT = 10256
HEALTH_PATH = "/healthz"
MAX_GROUPS = 5
DEFAULT_SHAPE = "100Mbps"

_TAGS = TypeAdapter(dict[str, str])
_DEFINED_TAGS = TypeAdapter(dict[str, dict[str, str]])
_BANDWIDTH = re.compile(r"(\d+)(?:Mbps)?", re.IGNORECASE)


class ServiceError(Exception):
    """Why no load balancer can be made of a Service; becomes an event on it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """The load balancer that a Service asks for."""

    name: str
    private: bool
    shape: ShapeDetails
    subnet_id: str
    nsg_ids: tuple[str, ...]
    address: str | None
    """A reserved public address."""
    backend_sets: dict[str, BackendSet]
    listeners: dict[str, Listener]
    tags: dict[str, str]
    defined_tags: dict[str, dict[str, str]]
    list_mode: Mode
    source_ranges: tuple[str, ...]
    """Who may call, where the controller manages security lists."""


def read(service: Json, nodes: Sequence[Json], default_subnets: Sequence[str]) -> Wanted:
    """The load balancer for a Service, with the nodes as its backends."""
    notes: Mapping[str, str] = service["metadata"].get("annotations") or {}
    _check_offered(notes)
    private = _flag(notes, INTERNAL)
    address = service["spec"].get("loadBalancerIP") or None
    if private and address:
        raise ServiceError(
            "invalid service: cannot create a private load balancer with reserved IP"
        )
    sets: dict[str, BackendSet] = {}
    listeners: dict[str, Listener] = {}
    for port in service["spec"]["ports"]:
        name = f"TCP-{port['port']}"
        if port.get("protocol", "TCP") != "TCP":
            raise ServiceError(f"OCI load balancers do not support protocol {port['protocol']}")
        sets[name] = _backend_set(service, notes, port, nodes=nodes)
        listeners[name] = _listener(notes, name, port["port"])
    return Wanted(
        name=service["metadata"]["uid"],
        private=private,
        shape=_shape(notes),
        subnet_id=_subnet(notes, default_subnets),
        nsg_ids=_groups(notes),
        address=address,
        backend_sets=sets,
        listeners=listeners,
        tags=_tags(notes),
        defined_tags=_defined_tags(notes),
        list_mode=_list_mode(notes),
        source_ranges=tuple(service["spec"].get("loadBalancerSourceRanges") or ("0.0.0.0/0",)),
    )


def addresses(nodes: Sequence[Json]) -> list[str]:
    """The private addresses of the nodes that take traffic."""
    found = []
    for node in nodes:
        labels = node["metadata"].get("labels") or {}
        if "node.kubernetes.io/exclude-from-external-load-balancers" in labels:
            continue
        for address in node.get("status", {}).get("addresses", ()):
            if address["type"] == "InternalIP":
                found.append(address["address"])
    return sorted(found)


def _check_offered(notes: Mapping[str, str]) -> None:
    if notes.get(TYPE, "lb") != "lb":
        raise ServiceError(f"{TYPE}: only lb is part of the lab, got {notes[TYPE]}")
    for name in ABSENT:
        if name in notes:
            raise ServiceError(f"{name}: not part of the lab; its load balancers pass TCP on")


def _list_mode(notes: Mapping[str, str]) -> Mode:
    mode = notes.get(SECURITY_MODE, Mode.ALL)
    if mode not in set(Mode):
        raise ServiceError(f'invalid value: "{mode}" provided for annotation: {SECURITY_MODE}')
    return Mode(mode)


def _flag(notes: Mapping[str, str], name: str) -> bool:
    value = notes.get(name, "false")
    if value not in ("true", "false"):
        raise ServiceError(f"invalid value: {value} provided for annotation: {name}: {value!r}")
    return value == "true"


def _shape(notes: Mapping[str, str]) -> ShapeDetails:
    name = notes.get(SHAPE, DEFAULT_SHAPE)
    if name.lower() != FLEXIBLE:
        raise ServiceError(f"{SHAPE}: fixed shapes cannot be created any more, got {name}")
    if FLEX_MIN not in notes or FLEX_MAX not in notes:
        raise ServiceError(
            f"error parsing service annotation: {SHAPE}={FLEXIBLE} requires "
            f"{FLEX_MIN} and {FLEX_MAX} to be set"
        )
    low, high = _bandwidth(notes, FLEX_MIN), _bandwidth(notes, FLEX_MAX)
    return ShapeDetails(minimum_bandwidth_in_mbps=low, maximum_bandwidth_in_mbps=max(low, high))


def _bandwidth(notes: Mapping[str, str], name: str) -> int:
    """Brought into the vendor's bounds, as its controller does."""
    found = _BANDWIDTH.fullmatch(notes[name])
    if found is None:
        raise ServiceError(f"invalid format for {name} annotation : {notes[name]}")
    return min(max(int(found[1]), MIN_MBPS), MAX_MBPS)


def _subnet(notes: Mapping[str, str], defaults: Sequence[str]) -> str:
    found = notes.get(SUBNET1) or next(iter(defaults), "")
    if not found:
        raise ServiceError("a subnet must be specified for creating a load balancer")
    return found


def _groups(notes: Mapping[str, str]) -> tuple[str, ...]:
    given = [item.strip() for item in notes.get(GROUPS, "").split(",")]
    found = tuple(dict.fromkeys(item for item in given if item))
    if len(found) > MAX_GROUPS:
        raise ServiceError(
            f"invalid number of Network Security Groups (Max: {MAX_GROUPS}) provided"
        )
    return found


def _tags(notes: Mapping[str, str]) -> dict[str, str]:
    try:
        return _TAGS.validate_json(notes.get(TAGS, "{}"))
    except ValidationError as fault:
        why = fault.errors()[0]["msg"]
        raise ServiceError(f"failed to parse free form tags override annotation: {why}") from fault


def _defined_tags(notes: Mapping[str, str]) -> dict[str, dict[str, str]]:
    try:
        return _DEFINED_TAGS.validate_json(notes.get(DEFINED_TAGS, "{}"))
    except ValidationError as fault:
        why = fault.errors()[0]["msg"]
        raise ServiceError(f"failed to parse defined tags override annotation: {why}") from fault


def _listener(notes: Mapping[str, str], name: str, port: int) -> Listener:
    protocol = notes.get(BACKEND_PROTOCOL, "TCP").upper()
    if protocol not in ("TCP", "HTTP"):
        raise ServiceError(f'invalid backend protocol "{protocol}" requested for load balancer')
    idle = notes.get(IDLE_TIMEOUT, str(IDLE_SECONDS))
    if not idle.isdecimal():
        raise ServiceError(f"error parsing service annotation: {IDLE_TIMEOUT}={idle}")
    return Listener(
        default_backend_set_name=name,
        port=port,
        protocol=protocol,
        connection_configuration=Connection(idle_timeout=int(idle)),
    )


def _backend_set(
    service: Json, notes: Mapping[str, str], port: Mapping[str, Any], *, nodes: Sequence[Json]
) -> BackendSet:
    policy = notes.get(POLICY, "ROUND_ROBIN")
    if policy not in POLICIES:
        raise ServiceError(f'loadbalancer policy "{policy}" is not valid')
    local = service["spec"].get("externalTrafficPolicy") == "Local"
    health = service["spec"].get("healthCheckNodePort") if local else HEALTH_PORT
    return BackendSet(
        policy=policy,
        backends=[Backend(ip_address=ip, port=port["nodePort"]) for ip in addresses(nodes)],
        health_checker=HealthChecker(
            protocol="HTTP",
            url_path=HEALTH_PATH,
            port=health,
            retries=_number(notes, f"{LB}health-check-retries", 3),
            timeout_in_millis=_number(notes, f"{LB}health-check-timeout", 3000),
            interval_in_millis=_number(notes, f"{LB}health-check-interval", 10000),
        ),
    )


def _number(notes: Mapping[str, str], name: str, default: int) -> int:
    value = notes.get(name, str(default))
    if not value.isdecimal():
        raise ServiceError(f"invalid value: {value} provided for annotation: {name}")
    return int(value)
