"""The subnets of a VCN, computed from its range; pure.

The first quarter of the VCN holds the small subnets, the second the workers, and the upper half
the pods. A subnet's place does not depend on which of the others exist, so that switching an
option on never moves what is there.
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Final

from components.settings.clusters import ClusterSettings, Cni, SubnetRole

# Prefix and place of each small subnet, counted in units of its own size from the VCN's start.
# The Kubernetes API takes one address; a /26 has room for twenty load balancers.
_SMALL: Final[Mapping[SubnetRole, tuple[int, int]]] = {
    SubnetRole.API: (28, 0),
    SubnetRole.OPERATOR: (28, 1),
    SubnetRole.INTERNAL_LB: (26, 1),
    SubnetRole.PUBLIC_LB: (26, 2),
}

# A VCN takes /16 to /30; below a /22 the small subnets would not fit into its first quarter.
LARGEST_VCN_PREFIX: Final = 16
SMALLEST_VCN_PREFIX: Final = 22

# OCI keeps the first two addresses of a subnet and the last one,
# https://docs.oracle.com/iaas/Content/Network/Concepts/overview.htm
RESERVED_ADDRESSES: Final = 3


def usable_addresses(subnet: IPv4Network) -> int:
    """Return how many addresses of `subnet` a host may take."""
    return max(subnet.num_addresses - RESERVED_ADDRESSES, 0)


def subnet_roles(cluster: ClusterSettings, has_operator: bool) -> tuple[SubnetRole, ...]:
    """Return the subnets that `cluster` needs, in a stable order."""
    return tuple(_roles(cluster, has_operator))


def _roles(cluster: ClusterSettings, has_operator: bool) -> Iterator[SubnetRole]:
    yield from (SubnetRole.API, SubnetRole.WORKERS)
    if cluster.cni is Cni.VCN_NATIVE:
        yield SubnetRole.PODS
    yield from (SubnetRole.INTERNAL_LB, SubnetRole.PUBLIC_LB)
    if has_operator:
        yield SubnetRole.OPERATOR


def subnet_ranges(cluster: ClusterSettings, has_operator: bool) -> dict[SubnetRole, IPv4Network]:
    """Return the range of each subnet that `cluster` needs.

    The VCN's range must be from /16 to /22, which the rules of `settings` have checked.
    """
    chosen = cluster.subnets.given()
    return {
        role: chosen.get(role) or _computed(cluster.vcn_cidr, role)
        for role in subnet_roles(cluster, has_operator)
    }


def vcn_ranges(cluster: ClusterSettings) -> tuple[IPv4Network, ...]:
    """Return the ranges where `cluster` has addresses: `vcnCidr` first.

    The others are of subnets in further ranges of an existing VCN.
    """
    outside = {
        subnet
        for subnet in cluster.subnets.given().values()
        if not subnet.subnet_of(cluster.vcn_cidr)
    }
    return (cluster.vcn_cidr, *sorted(outside))


def _computed(vcn: IPv4Network, role: SubnetRole) -> IPv4Network:
    match role:
        case SubnetRole.PODS:
            return list(vcn.subnets(prefixlen_diff=1))[1]
        case SubnetRole.WORKERS:
            return list(vcn.subnets(prefixlen_diff=2))[1]
    prefix, place = _SMALL[role]
    size = 2 ** (32 - prefix)
    return IPv4Network((int(vcn.network_address) + place * size, prefix))
