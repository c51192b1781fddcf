"""Whether subnets and flannel's range have an address for all that may be in them at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from components.config.rules.given import Given, Rule, problem
from components.config.rules.ranges import has_layout
from components.errors import Problem
from components.plan.subnets import subnet_ranges, usable_addresses
from components.settings.clusters import ClusterSettings, Cni, SubnetRole
from components.settings.mesh import Exposure, MeshSettings

# OKE gives each node a /25 of flannel's range,
# https://docs.oracle.com/iaas/Content/ContEng/Concepts/contengcidrblocks.htm
_FLANNEL_NODE_PREFIX: Final = 25

# A load balancer has a standby beside it, and a third address while one of them is replaced.
_ADDRESSES_PER_LOAD_BALANCER: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    key: str
    role: SubnetRole
    subnet: IPv4Network


def _subnets_large_enough(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        if not has_layout(cluster):
            continue
        needs = _needs(cluster, given.settings.mesh)
        for role, subnet in subnet_ranges(cluster, given.has_operator(key)).items():
            count, what = needs[role]
            if usable_addresses(subnet) < count:
                place = _Place(key=key, role=role, subnet=subnet)
                yield _too_small(place, cluster, f"{count} for {what}")


def _needs(cluster: ClusterSettings, mesh: MeshSettings) -> dict[SubnetRole, tuple[int, str]]:
    """Return how many addresses each subnet has to have, and for what."""
    pools = cluster.node_pools.values()
    nodes = sum(cluster.most_nodes(pool) for pool in pools)
    pods = sum(cluster.most_nodes(pool) * pool.max_pods_per_node for pool in pools)
    exposures = [mesh.ingress.exposure, mesh.east_west.exposure]
    internal = exposures.count(Exposure.INTERNAL) * _ADDRESSES_PER_LOAD_BALANCER
    public = exposures.count(Exposure.PUBLIC) * _ADDRESSES_PER_LOAD_BALANCER
    return {
        SubnetRole.API: (1, "the Kubernetes API"),
        SubnetRole.WORKERS: (nodes, "nodes"),
        SubnetRole.PODS: (pods, "pods"),
        SubnetRole.INTERNAL_LB: (internal, "load balancers"),
        SubnetRole.PUBLIC_LB: (public, "load balancers"),
        SubnetRole.OPERATOR: (1, "the operator host"),
    }


def _too_small(place: _Place, cluster: ClusterSettings, need: str) -> Problem:
    usable = usable_addresses(place.subnet)
    if place.role in cluster.subnets.given():
        return problem(
            f"clusters.{place.key}.subnets.{place.role}",
            f"has {usable} free addresses but needs {need}",
            got=place.subnet,
            remedy="choose a larger range, or fewer of them",
        )
    return problem(
        f"clusters.{place.key}.vcnCidr",
        f"leaves the {place.role} subnet ({place.subnet}) {usable} free addresses, "
        f"which needs {need}",
        got=cluster.vcn_cidr,
        remedy=f"choose a larger range, give subnets.{place.role}, or have fewer of them",
    )


def _flannel_large_enough(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        if cluster.cni is not Cni.FLANNEL or cluster.pods_cidr is None:
            continue
        nodes = sum(cluster.most_nodes(pool) for pool in cluster.node_pools.values())
        room = 2 ** max(_FLANNEL_NODE_PREFIX - cluster.pods_cidr.prefixlen, 0)
        if cluster.pods_cidr.prefixlen > _FLANNEL_NODE_PREFIX or room < nodes:
            yield problem(
                f"clusters.{key}.podsCidr",
                f"has too little room for {nodes} nodes, each of which takes a "
                f"/{_FLANNEL_NODE_PREFIX}",
                got=cluster.pods_cidr,
                remedy="choose a larger range, or fewer nodes",
            )


RULES: Final[tuple[Rule, ...]] = (_subnets_large_enough, _flannel_large_enough)
