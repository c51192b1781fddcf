"""The mesh: gateways, and values of charts that belong to the plan."""

from collections.abc import Iterator, Mapping
from typing import Final

from components.errors import Problem
from components.settings.rules.given import Given, Rule, problem

# What the program derives for each cluster, and the setting that says it.
_OWNED: Final[Mapping[tuple[str, ...], str]] = {
    ("global", "meshID"): "mesh.id",
    ("global", "network"): "clusters.<key>.network",
    ("global", "multiCluster", "clusterName"): "clusters.<key>.name",
    ("global", "externalIstiod"): "clusters.<key>.role",
    ("global", "configCluster"): "clusters.<key>.role",
    ("global", "remotePilotAddress"): "clusters.<key>.primary",
    ("global", "logging", "level"): "mesh.istio.logLevel",
    ("istiodRemote", "enabled"): "clusters.<key>.role",
    ("istiodRemote", "injectionPath"): "clusters.<key>.primary",
    ("meshConfig", "trustDomain"): "mesh.trustDomain",
    ("profile",): "clusters.<key>.role",
    ("replicaCount",): "mesh.istio.replicas",
    ("resources", "requests", "cpu"): "mesh.istio.cpuRequest",
    ("resources", "requests", "memory"): "mesh.istio.memoryRequest",
    ("revision",): "mesh.istio.revision",
}

# Without it the root certificate could never be replaced without an outage.
_MULTI_ROOT: Final = ("env", "ISTIO_MULTIROOT_MESH")


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
    for place, setting in _OWNED.items():
        found = _reach(values, place)
        if found:
            location, value = found
            yield problem(
                f"mesh.istio.values.{'.'.join(location)}",
                "is derived from other settings" if location == place else "is not a map",
                got=value,
                remedy=f"remove it and use {setting}"
                if location == place
                else "write keys below it",
            )
    multi_root = _reach(values, _MULTI_ROOT)
    if multi_root and multi_root[0] == _MULTI_ROOT:
        yield problem(
            f"mesh.istio.values.{'.'.join(_MULTI_ROOT)}",
            "is always on, so that the root can be replaced",
            got=multi_root[1],
            remedy="remove it",
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
