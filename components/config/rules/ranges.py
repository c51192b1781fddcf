"""Ranges: of VCNs, pods and services, and of subnets that the settings choose themselves."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from itertools import combinations
from typing import Final

from components.config.rules.given import Given, Rule, problem
from components.errors import Problem
from components.plan.subnets import (
    LARGEST_VCN_PREFIX,
    SMALLEST_VCN_PREFIX,
    subnet_ranges,
    subnet_roles,
    vcn_ranges,
)
from components.settings.clusters import ClusterSettings, Cni, SubnetRole

# The API server takes no range of services with more than 20 bits of addresses, nor with fewer
# than 8 addresses, https://github.com/kubernetes/kubernetes/tree/master/pkg/controlplane
_LARGEST_SERVICES_PREFIX: Final = 12
_SMALLEST_SERVICES_PREFIX: Final = 29


def _vcn_sizes(given: Given) -> Iterator[Problem]:
    bounds = f"/{LARGEST_VCN_PREFIX} to /{SMALLEST_VCN_PREFIX}"
    for key, cluster in given.clusters.items():
        if not has_layout(cluster):
            yield problem(
                f"clusters.{key}.vcnCidr",
                f"is not from {bounds}",
                got=cluster.vcn_cidr,
                remedy="choose a range that OCI takes and that has room for the subnets",
            )


def has_layout(cluster: ClusterSettings) -> bool:
    """Whether the subnets of `cluster` can be computed from the range of its VCN."""
    return LARGEST_VCN_PREFIX <= cluster.vcn_cidr.prefixlen <= SMALLEST_VCN_PREFIX


def _services_sizes(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        prefix = cluster.services_cidr.prefixlen
        if not _LARGEST_SERVICES_PREFIX <= prefix <= _SMALLEST_SERVICES_PREFIX:
            yield problem(
                f"clusters.{key}.servicesCidr",
                f"is not from /{_LARGEST_SERVICES_PREFIX} to /{_SMALLEST_SERVICES_PREFIX}",
                got=cluster.services_cidr,
                remedy="choose a range that Kubernetes takes, such as a /16",
            )


def _pods_range_given(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        location = f"clusters.{key}.podsCidr"
        if cluster.cni is Cni.FLANNEL and cluster.pods_cidr is None:
            yield problem(
                location, "is missing for flannel", got=None, remedy="add it, such as 10.244.0.0/16"
            )
        if cluster.cni is Cni.VCN_NATIVE and cluster.pods_cidr is not None:
            yield problem(
                location,
                "has no effect on VCN-native pods",
                got=cluster.pods_cidr,
                remedy="remove it, or set cni to flannel",
            )


def _vcns_apart(given: Given) -> Iterator[Problem]:
    for (first, one), (second, other) in combinations(given.clusters.items(), 2):
        if one.vcn_cidr.overlaps(other.vcn_cidr):
            yield problem(
                f"clusters.{second}.vcnCidr",
                f"overlaps clusters.{first}.vcnCidr ({one.vcn_cidr})",
                got=other.vcn_cidr,
                remedy="choose a range outside every other VCN",
            )


def _further_ranges_apart(given: Given) -> Iterator[Problem]:
    """Subnets in further ranges of an existing VCN are routed to like the VCN itself."""
    for key, cluster in given.clusters.items():
        is_existing = cluster.existing is not None and cluster.existing.vcn_id is not None
        for role, subnet in cluster.subnets.given().items() if is_existing else ():
            overlapped = [
                f"{_place(other, peer, taken)} ({taken})"
                for other, peer in given.clusters.items()
                for taken in vcn_ranges(peer)
                if other != key and subnet.overlaps(taken)
            ]
            if overlapped and not subnet.subnet_of(cluster.vcn_cidr):
                yield problem(
                    f"clusters.{key}.subnets.{role}",
                    f"overlaps {' and '.join(overlapped)}",
                    got=subnet,
                    remedy="choose a range outside every other VCN",
                )


def _overlays_outside_vcns(given: Given) -> Iterator[Problem]:
    """Addresses of pods and services that a VCN has too would be routed to the wrong place."""
    for key, cluster in given.clusters.items():
        for name, overlay in _overlays(cluster):
            overlapped = [
                f"{_place(other, peer, taken)} ({taken})"
                for other, peer in given.clusters.items()
                for taken in vcn_ranges(peer)
                if overlay.overlaps(taken)
            ]
            if overlapped:
                yield problem(
                    f"clusters.{key}.{name}",
                    f"overlaps {' and '.join(overlapped)}",
                    got=overlay,
                    remedy="choose a range outside every VCN",
                )


def _place(key: str, cluster: ClusterSettings, taken: IPv4Network) -> str:
    roles = {subnet: f"subnets.{role}" for role, subnet in cluster.subnets.given().items()}
    return f"clusters.{key}.{'vcnCidr' if taken == cluster.vcn_cidr else roles[taken]}"


def _overlays(cluster: ClusterSettings) -> Iterator[tuple[str, IPv4Network]]:
    yield "servicesCidr", cluster.services_cidr
    if cluster.cni is Cni.FLANNEL and cluster.pods_cidr is not None:
        yield "podsCidr", cluster.pods_cidr


def _pods_apart_from_services(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        overlays = dict(_overlays(cluster))
        pods = overlays.get("podsCidr")
        if pods is not None and pods.overlaps(cluster.services_cidr):
            yield problem(
                f"clusters.{key}.podsCidr",
                f"overlaps clusters.{key}.servicesCidr ({cluster.services_cidr})",
                got=pods,
                remedy="choose a range outside the services",
            )


def _pods_apart_on_one_network(given: Given) -> Iterator[Problem]:
    for (first, one), (second, other) in combinations(given.clusters.items(), 2):
        ours, theirs = dict(_overlays(one)).get("podsCidr"), dict(_overlays(other)).get("podsCidr")
        if one.network == other.network and ours and theirs and ours.overlaps(theirs):
            yield problem(
                f"clusters.{second}.podsCidr",
                f"overlaps clusters.{first}.podsCidr ({ours}) on network {one.network!r}",
                got=theirs,
                remedy="choose another range, or another network",
            )


def absent_remedy(key: str, role: SubnetRole) -> str:
    """Return the remedy for a setting of a subnet that cluster `key` does not have."""
    other = {
        SubnetRole.PODS: "set cni to vcnNative",
        SubnetRole.OPERATOR: f"set access.cluster to {key}",
    }[role]
    return f"remove it, or {other}"


def _subnets_needed(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        roles = subnet_roles(cluster, given.has_operator(key))
        for role, subnet in cluster.subnets.given().items():
            if role not in roles:
                yield problem(
                    f"clusters.{key}.subnets.{role}",
                    "is for a subnet that this cluster does not have",
                    got=subnet,
                    remedy=absent_remedy(key, role),
                )


def _subnets_inside_vcn(given: Given) -> Iterator[Problem]:
    """Of an existing VCN all ranges count, which are looked up with its subnets."""
    for key, cluster in given.clusters.items():
        if cluster.existing and cluster.existing.vcn_id:
            continue
        for role, subnet in cluster.subnets.given().items():
            if not subnet.subnet_of(cluster.vcn_cidr):
                yield problem(
                    f"clusters.{key}.subnets.{role}",
                    f"is outside clusters.{key}.vcnCidr ({cluster.vcn_cidr})",
                    got=subnet,
                    remedy="choose a range inside the VCN",
                )


def _subnets_apart(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        if has_layout(cluster):
            yield from _subnets_apart_in(
                key, cluster, subnet_ranges(cluster, given.has_operator(key))
            )


def _subnets_apart_in(
    key: str, cluster: ClusterSettings, ranges: Mapping[SubnetRole, IPv4Network]
) -> Iterator[Problem]:
    """Compare each chosen range with the others; two chosen ones are reported once."""
    chosen = cluster.subnets.given()
    earlier = {role: subnet for role, subnet in ranges.items() if role not in chosen}
    for role in (role for role in ranges if role in chosen):
        overlapped = [
            f"the {other} subnet ({subnet})"
            for other, subnet in earlier.items()
            if subnet.overlaps(ranges[role])
        ]
        earlier[role] = ranges[role]
        if overlapped and ranges[role].subnet_of(cluster.vcn_cidr):
            yield problem(
                f"clusters.{key}.subnets.{role}",
                f"overlaps {' and '.join(overlapped)}",
                got=ranges[role],
                remedy="choose a range outside the other subnets",
            )


RULES: Final[tuple[Rule, ...]] = (
    _vcn_sizes,
    _services_sizes,
    _pods_range_given,
    _vcns_apart,
    _further_ranges_apart,
    _overlays_outside_vcns,
    _pods_apart_from_services,
    _pods_apart_on_one_network,
    _subnets_needed,
    _subnets_inside_vcn,
    _subnets_apart,
)
