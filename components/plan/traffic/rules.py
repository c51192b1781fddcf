"""Istio's objects for the settings of traffic; pure.

Fields: https://istio.io/latest/docs/reference/config/networking/virtual-service/ and
https://istio.io/latest/docs/reference/config/networking/destination-rule/
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from components.plan.traffic.names import (
    CLUSTER_LABEL,
    ROOT,
    host_of,
    object_name,
    place_of,
    subset_name,
)
from components.plan.traffic.policy import outliers, policy
from components.settings.clusters import ClusterSettings
from components.settings.traffic import (
    Destination,
    Fault,
    Pods,
    RequestMatch,
    Retries,
    Route,
    ServiceTraffic,
    TrafficSettings,
)
from components.settings.units import of_hundred

Spec = dict[str, Any]

_ALL_WEIGHT: Final = 100

# With as many destinations each has a weight.
_SPLIT: Final = 2

# From a client's own proxy to the service; what gateways lead in has routes of its own.
_MESH_GATEWAYS: Final = ("mesh",)

MESH_HOST: Final = "*.local"
"""Every service of Kubernetes in the mesh."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrafficRule:
    """The objects of one host; every primary has the same ones."""

    name: str
    namespace: str
    objects: Mapping[str, Spec]
    """By kind."""


def traffic_rules(
    traffic: TrafficSettings, clusters: Mapping[str, ClusterSettings]
) -> tuple[TrafficRule, ...]:
    """Return the rules that the settings ask for, in the order of the settings."""
    return tuple(_rules(traffic, clusters))


def _rules(
    traffic: TrafficSettings, clusters: Mapping[str, ClusterSettings]
) -> Iterator[TrafficRule]:
    if traffic.mesh.locality_first:
        found = {"trafficPolicy": {"outlierDetection": outliers(traffic.mesh.outlier_detection)}}
        whole = {"DestinationRule": {"host": MESH_HOST, **found}}
        yield TrafficRule(name="mesh", namespace=ROOT, objects=whole)
    for key, service in traffic.services.items():
        host = host_of(key)
        objects = {
            "VirtualService": virtual_service(host, service),
            "DestinationRule": destination_rule(host, service, traffic, clusters=clusters),
        }
        yield TrafficRule(
            name=object_name(host),
            namespace=place_of(host),
            objects={kind: spec for kind, spec in objects.items() if spec},
        )


def virtual_service(host: str, service: ServiceTraffic) -> Spec | None:
    """Return who answers requests of which kind; None if nothing is said of it."""
    if not (service.routes or service.timeout or service.retries):
        return None
    routes = service.routes or (Route(),)
    return {
        "hosts": [host],
        "gateways": [*_MESH_GATEWAYS],
        "http": [_route(host, route, service) for route in routes],
    }


def destinations(route: Route) -> tuple[Destination, ...]:
    """Return who answers: as the route says, or all pods."""
    return route.to or (Destination(),)


def _route(host: str, route: Route, service: ServiceTraffic) -> Spec:
    retries, timeout = route.retries or service.retries, route.timeout or service.timeout
    found: Spec = {
        "match": [_match(match) for match in route.match],
        "route": [
            _destination(host, to, alone=len(route.to) < _SPLIT) for to in destinations(route)
        ],
        "timeout": timeout,
        "retries": _retries(retries) if retries else None,
        "fault": _fault(route.fault) if route.fault else None,
    }
    if route.mirror:
        found["mirror"] = _pods(host, route.mirror)
        found["mirrorPercentage"] = {"value": of_hundred(route.mirror.percent)}
    return _without_nothing(found)


def _match(match: RequestMatch) -> Spec:
    headers: Spec = {name: text.given for name, text in match.headers.items()}
    if match.cookie:
        headers["cookie"] = {"regex": cookie_regex(match.cookie.name, match.cookie.value)}
    return _without_nothing({"uri": match.path.given if match.path else None, "headers": headers})


def cookie_regex(name: str, value: str) -> str:
    """Return what a header `cookie` is like that holds this cookie, perhaps among others."""
    return rf"^(.*;\s*)?{name}={value}(;.*)?$"


def _destination(host: str, to: Destination, *, alone: bool) -> Spec:
    weight = _ALL_WEIGHT if alone else to.weight
    return {"destination": _pods(host, to), "weight": weight}


def _pods(host: str, pods: Pods) -> Spec:
    return _without_nothing({"host": host, "subset": subset_name(pods)})


def _retries(retries: Retries) -> Spec:
    return _without_nothing(
        {
            "attempts": retries.attempts,
            "perTryTimeout": retries.per_try_timeout,
            "retryOn": ",".join(retries.on),
            "retryRemoteLocalities": retries.remote_localities,
        }
    )


def _fault(fault: Fault) -> Spec:
    found: Spec = {}
    if fault.delay:
        share = {"value": of_hundred(fault.delay.percent)}
        found["delay"] = {"fixedDelay": fault.delay.duration, "percentage": share}
    if fault.abort:
        share = {"value": of_hundred(fault.abort.percent)}
        found["abort"] = {"httpStatus": fault.abort.status, "percentage": share}
    return found


def destination_rule(
    host: str,
    service: ServiceTraffic,
    traffic: TrafficSettings,
    *,
    clusters: Mapping[str, ClusterSettings],
) -> Spec | None:
    """Return how pods are chosen and which subsets there are; None if nothing is said of it.

    A rule for a host takes the place of that for the whole mesh, so it says what that one does.
    """
    subsets = [
        {"name": name, "labels": _labels(pods, clusters)}
        for name, pods in subsets_of(service).items()
    ]
    found = policy(service, traffic)
    is_asked = subsets or policy(service, None)
    return (
        _without_nothing({"host": host, "trafficPolicy": found, "subsets": subsets})
        if (is_asked)
        else None
    )


def subsets_of(service: ServiceTraffic) -> dict[str, Pods]:
    """Return every subset that a route names, by its name."""
    named: list[Pods] = [to for route in service.routes for to in route.to]
    named += [route.mirror for route in service.routes if route.mirror]
    return {name: pods for pods in named if (name := subset_name(pods))}


def _labels(pods: Pods, clusters: Mapping[str, ClusterSettings]) -> dict[str, str]:
    inside = {CLUSTER_LABEL: clusters[pods.cluster].name} if pods.cluster else {}
    return {**({"version": pods.version} if pods.version else {}), **inside}


def _without_nothing(spec: Spec) -> Spec:
    """Return what is said: neither None nor empty."""
    return {key: value for key, value in spec.items() if value not in (None, [], {}, "")}
