"""Ranges of subnets that the settings choose in place of the computed ones."""

from collections.abc import Iterator
from typing import Final

from components.errors import Problem
from components.settings.cluster import ClusterSettings, SubnetRole
from components.settings.layout import subnet_ranges, subnet_roles
from components.settings.rules.given import Given, Rule, problem
from components.settings.rules.ranges import has_layout


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
    for key, cluster in given.clusters.items():
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
            yield from _apart_in(key, cluster, given.has_operator(key))


def _apart_in(key: str, cluster: ClusterSettings, has_operator: bool) -> Iterator[Problem]:
    """Compare each chosen range with the others, a pair of chosen ones once."""
    chosen = cluster.subnets.given()
    ranges = subnet_ranges(cluster, has_operator)
    order = list(ranges)
    for role in (role for role in order if role in chosen):
        for other, taken in ranges.items():
            is_said_there = other in chosen and order.index(other) >= order.index(role)
            if not is_said_there and other != role and ranges[role].overlaps(taken):
                yield problem(
                    f"clusters.{key}.subnets.{role}",
                    f"overlaps the {other} subnet ({taken})",
                    got=ranges[role],
                    remedy="choose a range outside the other subnets",
                )


RULES: Final[tuple[Rule, ...]] = (_needed, _inside_vcn, _apart)
