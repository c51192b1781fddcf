"""The mesh: gateways, and values of charts that belong to the plan."""

from collections.abc import Iterator, Mapping
from typing import Final

from components.config.report import path, show
from components.config.rules.given import Given, Rule, problem
from components.errors import Problem

# What the program sets itself, and what to do instead of setting it here.
_OWNED: Final[Mapping[tuple[str, ...], str]] = {
    ("autoscaleEnabled",): "and use mesh.istio.replicas",
    ("cni", "enabled"): "and use mesh.istio.cni",
    ("configMap",): "so that every cluster has the mesh's configuration",
    ("env", "CLUSTER_ID"): "and use clusters.<key>.name",
    ("env", "EXTERNAL_ISTIOD"): "and use clusters.<key>.role",
    ("env", "REVISION"): "and use mesh.istio.revision",
    ("global", "configCluster"): "and use clusters.<key>.role",
    ("global", "externalIstiod"): "and use clusters.<key>.role",
    ("global", "istioNamespace"): "and leave Istio in istio-system",
    ("global", "logging", "level"): "and use mesh.istio.logLevel",
    ("global", "meshID"): "and use mesh.id",
    ("global", "multiCluster", "clusterName"): "and use clusters.<key>.name",
    ("global", "network"): "and use clusters.<key>.network",
    ("global", "profile"): "and use clusters.<key>.role",
    ("global", "remotePilotAddress"): "and use clusters.<key>.primary",
    ("istiodRemote", "enabled"): "and use clusters.<key>.role",
    ("istiodRemote", "injectionPath"): "and use clusters.<key>.primary",
    ("meshConfig", "defaultConfig", "discoveryAddress"): "and use clusters.<key>.primary",
    ("meshConfig", "defaultConfig", "meshId"): "and use mesh.id",
    ("meshConfig", "defaultConfig", "proxyMetadata", "ISTIO_META_CLUSTER_ID"): (
        "and use clusters.<key>.name"
    ),
    ("meshConfig", "defaultConfig", "proxyMetadata", "ISTIO_META_NETWORK"): (
        "and use clusters.<key>.network"
    ),
    ("meshConfig", "rootNamespace"): "and leave what is for the whole mesh in istio-system",
    ("meshConfig", "trustDomain"): "and use mesh.trustDomain",
    ("profile",): "and use clusters.<key>.role",
    ("replicaCount",): "and use mesh.istio.replicas",
    ("resources", "requests", "cpu"): "and use mesh.istio.cpuRequest",
    ("resources", "requests", "memory"): "and use mesh.istio.memoryRequest",
    ("revision",): "and use mesh.istio.revision",
    # Without these two the root certificate could never be replaced without an outage.
    ("env", "ISTIO_MULTIROOT_MESH"): "so that the root can be replaced",
    ("meshConfig", "defaultConfig", "proxyMetadata", "PROXY_CONFIG_XDS_AGENT"): (
        "so that the root can be replaced"
    ),
}

# Other roads to the same values: the chart merges what is below them over, or under, all others,
# https://github.com/istio/istio/tree/master/manifests/zzz_profile.yaml
_ROADS: Final = ("_internal_defaults_do_not_set", "defaults", "pilot")

# As many as a good mesh needs not to be red by chance; ops/verify/answers.py has the sum.
LEAST_FOR_EACH_CLUSTER: Final = 18

_SAMPLES: Final = ".sample.svc.cluster.local"


def _bandwidths(given: Given) -> Iterator[Problem]:
    mesh = given.settings.mesh
    for name, gateway in (("ingress", mesh.ingress), ("eastWest", mesh.east_west)):
        if gateway.min_mbps > gateway.max_mbps:
            yield problem(
                f"mesh.{name}.minMbps",
                f"is more than maxMbps ({gateway.max_mbps})",
                got=gateway.min_mbps,
                remedy="choose at most that",
            )


def _crossing(given: Given) -> Iterator[Problem]:
    if not given.settings.mesh.east_west.hosts:
        yield problem(
            "mesh.eastWest.hosts",
            "has no entries, which no gateway may have",
            got=(),
            remedy="name the services that cross, or leave it out",
        )


def _owned_values(given: Given) -> Iterator[Problem]:
    values = given.settings.mesh.istio.values
    for place, instead in _OWNED.items():
        found = _reach(values, place)
        if found is None:
            continue
        location, value = found
        is_owned = location == place
        yield problem(
            f"mesh.istio.values.{'.'.join(location)}",
            "is set by the program" if is_owned else "is not a map, as the chart has it",
            got=value,
            remedy=f"remove it {instead}" if is_owned else "write its keys below it",
        )


def _other_roads(given: Given) -> Iterator[Problem]:
    values = given.settings.mesh.istio.values
    for road in _ROADS:
        if road in values:
            yield problem(
                f"mesh.istio.values.{road}",
                "is merged with all other values",
                got=values[road],
                remedy="write its keys beside it, as the chart of today has them",
            )


def _dotted_keys(given: Given) -> Iterator[Problem]:
    """Yield the keys that look like a path, which the chart does not take for one.

    Elsewhere a dot is part of a name, such as that of an annotation.
    """
    places = {".".join(place[:depth]) for place in _OWNED for depth in range(1, len(place) + 1)}
    roots = ("global", "meshConfig", *{place[0] for place in _OWNED}, *_ROADS)
    for location, value in _keys(given.settings.mesh.istio.values):
        *above, name = location
        first = ".".join(location).partition(".")[0]
        is_path = ".".join(location) in places or (not above and first in roots)
        if "." in name and is_path:
            yield Problem(
                path=path(("mesh", "istio", "values", *location)),
                fault="is a path where the chart has keys",
                got=show(value, *location),
                remedy="write its keys below each other",
            )


def _keys(
    values: Mapping[str, object], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in values.items():
        yield (*above, name), value
        if isinstance(value, Mapping):
            yield from _keys(value, (*above, name))


def _reach(
    values: Mapping[str, object], place: tuple[str, ...]
) -> tuple[tuple[str, ...], object] | None:
    """Return the value at `place`, or what stands in the way to it; None if it is free."""
    found: object = values
    for depth, name in enumerate(place):
        if not isinstance(found, Mapping):
            return place[:depth], found
        if name not in found:
            return None
        found = found[name]
    return place, found


def _requests(given: Given) -> Iterator[Problem]:
    verification = given.settings.verification
    least = LEAST_FOR_EACH_CLUSTER * len(given.clusters)
    # Not set means as many as it takes.
    is_chosen = "requests" in verification.model_fields_set
    if _is_verified(given) and is_chosen and verification.requests < least:
        yield problem(
            "verification.requests",
            f"is less than {LEAST_FOR_EACH_CLUSTER} for each cluster, so that one could be missed",
            got=verification.requests,
            remedy=f"write at least {least}, or leave it out",
        )


def _samples_cross(given: Given) -> Iterator[Problem]:
    """What crosses between networks must have the samples in it, or nothing could be verified."""
    hosts = given.settings.mesh.east_west.hosts
    if _is_verified(given) and given.spans_networks and hosts and not any(map(_has_samples, hosts)):
        yield problem(
            "mesh.eastWest.hosts",
            "leaves out the samples, which the verification asks across networks",
            got=list(hosts),
            remedy=f"add '*{_SAMPLES}', or set verification.enabled to false",
        )


def _has_samples(host: str) -> bool:
    return host.startswith("*.") and _SAMPLES.endswith(host[1:])


def _is_verified(given: Given) -> bool:
    mesh = given.settings.mesh
    return given.settings.verification.enabled and mesh.enabled and mesh.samples


RULES: Final[tuple[Rule, ...]] = (
    _bandwidths,
    _crossing,
    _owned_values,
    _other_roads,
    _dotted_keys,
    _requests,
    _samples_cross,
)
