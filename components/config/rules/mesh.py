"""The mesh: gateways, and values of charts that belong to the plan."""

from collections.abc import Iterator, Mapping
from typing import Final

from components.config.rules.given import Given, Rule, problem
from components.errors import Problem

# What the program sets itself, and what to do instead of setting it here.
_OWNED: Final[Mapping[tuple[str, ...], str]] = {
    ("autoscaleEnabled",): "and use mesh.istio.replicas",
    ("cni", "enabled"): "and use mesh.istio.cni",
    ("global", "meshID"): "and use mesh.id",
    ("global", "network"): "and use clusters.<key>.network",
    ("global", "multiCluster", "clusterName"): "and use clusters.<key>.name",
    ("global", "externalIstiod"): "and use clusters.<key>.role",
    ("global", "configCluster"): "and use clusters.<key>.role",
    ("global", "remotePilotAddress"): "and use clusters.<key>.primary",
    ("global", "logging", "level"): "and use mesh.istio.logLevel",
    ("istiodRemote", "enabled"): "and use clusters.<key>.role",
    ("istiodRemote", "injectionPath"): "and use clusters.<key>.primary",
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


RULES: Final[tuple[Rule, ...]] = (_bandwidths, _owned_values)
