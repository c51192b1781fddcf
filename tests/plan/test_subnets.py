"""Subnets are computed from the VCN's range, and stay where they are."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest

from components.plan.subnets import (
    LARGEST_VCN_PREFIX,
    SMALLEST_VCN_PREFIX,
    subnet_ranges,
    subnet_roles,
    usable_addresses,
)
from components.settings.clusters import ClusterSettings, SubnetRole
from tests.support.documents import settings

PREFIXES = range(LARGEST_VCN_PREFIX, SMALLEST_VCN_PREFIX + 1)


def cluster_of(vcn: str, **changes: object) -> ClusterSettings:
    changed = {f"clusters__primary__{name}": value for name, value in changes.items()}
    return settings(clusters__primary__vcnCidr=vcn, **changed).clusters["primary"]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_subnets_are_disjoint_and_inside_the_vcn(prefix: int) -> None:
    vcn = IPv4Network(f"10.0.0.0/{prefix}")
    ranges = subnet_ranges(cluster_of(str(vcn)), has_operator=True)
    assert set(ranges) == set(SubnetRole)
    assert all(subnet.subnet_of(vcn) for subnet in ranges.values())
    assert not [pair for pair in combinations(ranges.values(), 2) if pair[0].overlaps(pair[1])]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("has_operator", [True, False])
def test_an_option_moves_no_subnet_that_is_there(prefix: int, has_operator: bool) -> None:
    every = subnet_ranges(cluster_of(f"10.0.0.0/{prefix}"), has_operator=True)
    flannel = cluster_of(f"10.0.0.0/{prefix}", cni="flannel", podsCidr="172.20.0.0/16")
    fewer = subnet_ranges(flannel, has_operator)
    assert {role: every[role] for role in fewer} == fewer


def test_the_ranges_of_a_vcn_of_16_bits() -> None:
    ranges = subnet_ranges(cluster_of("10.0.0.0/16"), has_operator=True)
    assert {role.value: str(subnet) for role, subnet in ranges.items()} == {
        "api": "10.0.0.0/28",
        "operator": "10.0.0.16/28",
        "internalLb": "10.0.0.64/26",
        "publicLb": "10.0.0.128/26",
        "workers": "10.0.64.0/18",
        "pods": "10.0.128.0/17",
    }


def test_flannel_has_no_subnet_of_pods() -> None:
    roles = subnet_roles(cluster_of("10.0.0.0/16", cni="flannel", podsCidr="172.20.0.0/16"), False)
    assert SubnetRole.PODS not in roles


def test_a_chosen_range_moves_no_other_subnet() -> None:
    computed = subnet_ranges(cluster_of("10.0.0.0/16"), has_operator=True)
    chosen = cluster_of("10.0.0.0/16", subnets={"api": "10.0.32.0/28"})
    moved = subnet_ranges(chosen, has_operator=True)
    assert {role for role in computed if computed[role] != moved[role]} == {SubnetRole.API}


@pytest.mark.parametrize(
    ("subnet", "count"), [("10.0.0.0/28", 13), ("10.0.0.0/30", 1), ("10.0.0.0/31", 0)]
)
def test_oci_keeps_three_addresses_of_a_subnet(subnet: str, count: int) -> None:
    assert usable_addresses(IPv4Network(subnet)) == count
