"""Ranges of subnets that the settings choose in place of the computed ones."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Final

from components.config.rules.given import Given, Rule, problem
from components.config.rules.ranges import has_layout
from components.errors import Problem
from components.plan.subnets import subnet_ranges, subnet_roles
from components.settings.clusters import ClusterSettings, SubnetRole


def absent_remedy(key: str, role: SubnetRole) -> str:
    """Return the remedy for a setting of a subnet that cluster `key` does not have."""
    other = {
        SubnetRole.PODS: "set cni to vcnNative",
        SubnetRole.OPERATOR: f"set access.cluster to {key}",
    }[role]
    return f"remove it, or {other}"


def _needed(given: Given) -> Iterator[Problem]:
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


def _inside_vcn(given: Given) -> Iterator[Problem]:
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


def _apart(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        if has_layout(cluster):
            yield from _apart_in(key, cluster, subnet_ranges(cluster, given.has_operator(key)))


def _apart_in(
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


RULES: Final[tuple[Rule, ...]] = (_needed, _inside_vcn, _apart)
