"""Node pools: shapes, images, cycling and scaling."""

from collections.abc import Iterator
from typing import Final

from components.config.rules.given import Given, Rule, problem
from components.errors import Problem
from components.settings.clusters import ClusterSettings, ClusterType, Cni
from components.settings.node_pools import NodePoolSettings

# https://docs.oracle.com/iaas/Content/Compute/References/computeshapes.htm#flexible
_LEAST_GB_PER_OCPU: Final = 1
_MOST_GB_PER_OCPU: Final = 64


def _pools(given: Given) -> Iterator[tuple[str, ClusterSettings, NodePoolSettings]]:
    for key, cluster in given.clusters.items():
        for name, pool in cluster.node_pools.items():
            yield f"clusters.{key}.nodePools.{name}", cluster, pool


def _any_node(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        has_node = any(pool.size or pool.autoscaler for pool in cluster.node_pools.values())
        if given.settings.mesh.enabled and not has_node:
            yield problem(
                f"clusters.{key}.nodePools",
                "have no node for the mesh to run on",
                got=cluster.node_pools,
                remedy="give one a size of at least 1, or set mesh.enabled to false",
            )


def _autoscaler_has_a_node(given: Given) -> Iterator[Problem]:
    """The autoscaler is a pod: with no node to run on it can add none."""
    for key, cluster in given.clusters.items():
        pools = cluster.node_pools.values()
        least = [pool.autoscaler.min if pool.autoscaler else pool.size for pool in pools]
        if any(pool.autoscaler for pool in pools) and not any(least):
            yield problem(
                f"clusters.{key}.nodePools",
                "keep no node for the autoscaler itself to run on",
                got=cluster.node_pools,
                remedy="give one a min of at least 1, or add a pool without autoscaler",
            )


def _memory_of_flexible_shapes(given: Given) -> Iterator[Problem]:
    for location, _, pool in _pools(given):
        least, most = _LEAST_GB_PER_OCPU * pool.ocpus, _MOST_GB_PER_OCPU * pool.ocpus
        if pool.is_flexible and not least <= pool.memory_gb <= most:
            yield problem(
                f"{location}.memoryGb",
                f"is not {_LEAST_GB_PER_OCPU} to {_MOST_GB_PER_OCPU} GB for each of "
                f"{pool.ocpus:g} OCPUs",
                got=pool.memory_gb,
                remedy=f"choose {least:g} to {most:g}",
            )


def _fixed_shapes(given: Given) -> Iterator[Problem]:
    for location, _, pool in _pools(given):
        for name, value in (("ocpus", pool.ocpus), ("memoryGb", pool.memory_gb)):
            field = {"ocpus": "ocpus", "memoryGb": "memory_gb"}[name]
            if not pool.is_flexible and field in pool.model_fields_set:
                yield problem(
                    f"{location}.{name}",
                    f"has no effect on the fixed shape {pool.shape}",
                    got=value,
                    remedy="remove it, or choose a shape that ends in .Flex",
                )


def _one_image(given: Given) -> Iterator[Problem]:
    for location, _, pool in _pools(given):
        image = pool.image
        for name, field in (("osVersion", "os_version"), ("build", "build")):
            if image.id is not None and field in image.model_fields_set:
                yield problem(
                    f"{location}.image.{name}",
                    "has no effect beside image.id",
                    got=getattr(image, field),
                    remedy="remove one of the two",
                )


def _scaling(given: Given) -> Iterator[Problem]:
    for location, cluster, pool in _pools(given):
        scaler = pool.autoscaler
        if scaler is None:
            continue
        if cluster.type is ClusterType.BASIC:
            yield problem(
                f"{location}.autoscaler",
                "is an add-on, which a basic cluster does not have",
                got=scaler,
                remedy="remove it, or set type to enhanced",
            )
        if scaler.min > scaler.max:
            yield problem(
                f"{location}.autoscaler.min",
                f"is more than autoscaler.max ({scaler.max})",
                got=scaler.min,
                remedy="choose at most that",
            )
        elif not scaler.min <= pool.size <= scaler.max:
            yield problem(
                f"{location}.size",
                f"is outside the autoscaler's {scaler.min} to {scaler.max}",
                got=pool.size,
                remedy="choose a size that the autoscaler keeps",
            )


def _cycling(given: Given) -> Iterator[Problem]:
    for location, cluster, pool in _pools(given):
        cycling = pool.cycling
        if cluster.type is ClusterType.BASIC and cycling.model_fields_set and cycling.enabled:
            yield problem(
                f"{location}.cycling",
                "is not done on a basic cluster",
                got=cycling,
                remedy="remove it, or set type to enhanced",
            )
        if cluster.cycles(pool) and cycling.max_surge == cycling.max_unavailable == 0:
            yield problem(
                f"{location}.cycling.maxSurge",
                "is 0 as is maxUnavailable, so that no node could be replaced",
                got=cycling.max_surge,
                remedy="choose at least 1 for one of them",
            )


def _placement(given: Given) -> Iterator[Problem]:
    for location, _, pool in _pools(given):
        for name, numbers in (
            ("availabilityDomains", pool.availability_domains),
            ("faultDomains", pool.fault_domains),
        ):
            for number in sorted({n for n in numbers if numbers.count(n) > 1}):
                yield problem(
                    f"{location}.{name}", "has a number twice", got=number, remedy="remove one"
                )


def _pods_per_node(given: Given) -> Iterator[Problem]:
    for location, cluster, pool in _pools(given):
        if cluster.cni is Cni.FLANNEL and "max_pods_per_node" in pool.model_fields_set:
            yield problem(
                f"{location}.maxPodsPerNode",
                "has no effect with flannel",
                got=pool.max_pods_per_node,
                remedy="remove it, or set cni to vcnNative",
            )


RULES: Final[tuple[Rule, ...]] = (
    _any_node,
    _autoscaler_has_a_node,
    _memory_of_flexible_shapes,
    _fixed_shapes,
    _one_image,
    _scaling,
    _cycling,
    _placement,
    _pods_per_node,
)
