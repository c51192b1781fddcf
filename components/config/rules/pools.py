"""Node pools: shapes, images, cycling and scaling."""

from collections.abc import Iterable, Iterator
from typing import Final

from components.config.rules.given import Given, Rule, problem
from components.config.rules.shapes import shape_problems
from components.errors import Problem
from components.settings.clusters import ClusterSettings, ClusterType, Cni
from components.settings.node_pools import NodePoolSettings


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


def _shapes(given: Given) -> Iterator[Problem]:
    for location, _, pool in _pools(given):
        yield from shape_problems(location, pool)


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


# What other settings say, or OKE itself.
_KUBELET_OWNED: Final = {
    "register-with-taints": "use taints",
    "node-labels": "use labels",
    "max-pods": "use maxPodsPerNode",
    "kubeconfig": "it is OKE's",
    "cloud-provider": "it is OKE's",
    "node-ip": "it is OKE's",
}


def _kubelet(given: Given) -> Iterator[Problem]:
    for location, _, pool in _pools(given):
        for name, value in pool.kubelet_arguments.items():
            if name in _KUBELET_OWNED:
                yield problem(
                    f"{location}.kubeletArguments.{name}",
                    "is set in another way",
                    got=value,
                    remedy=f"remove it; {_KUBELET_OWNED[name]}",
                )


def _capacity(given: Given) -> Iterator[Problem]:
    for location, cluster, pool in _pools(given):
        reserved = pool.capacity_reservation_id
        if reserved and pool.preemptible:
            yield problem(
                f"{location}.preemptible",
                "is not possible with nodes out of a capacity reservation",
                got=pool.preemptible,
                remedy="remove one of the two",
            )
        if reserved and len(pool.availability_domains) != 1:
            yield problem(
                f"{location}.availabilityDomains",
                "are not the one in which the capacity reservation lies",
                got=list(pool.availability_domains) or None,
                remedy="name that one alone",
            )
        others = [p for p in cluster.node_pools.values() if not p.preemptible]
        if given.settings.mesh.enabled and pool.preemptible and not _have_node(others):
            yield problem(
                f"{location}.preemptible",
                "would let the mesh run on nothing but nodes that may end at any time",
                got=pool.preemptible,
                remedy="add a pool whose nodes stay",
            )


def _have_node(pools: Iterable[NodePoolSettings]) -> bool:
    return any(pool.size or pool.autoscaler for pool in pools)


def _untainted(given: Given) -> Iterator[Problem]:
    """Istio's pods, and OKE's, tolerate no taint of one's own."""
    for key, cluster in given.clusters.items():
        pools = cluster.node_pools.values()
        soft = [p for p in pools if all("PreferNoSchedule" in taint for taint in p.taints)]
        if given.settings.mesh.enabled and _have_node(pools) and not _have_node(soft):
            yield problem(
                f"clusters.{key}.nodePools",
                "have no node without taints, which Istio's pods do not tolerate",
                got=cluster.node_pools,
                remedy="add a pool without taints",
            )


# Those that other settings make, or that would be a second Istio.
_OTHER_ADDONS: Final = {
    "ClusterAutoscaler": "use autoscaler of the node pools",
    "Istio": "the mesh is the program's own",
}


def _addons(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        location = f"clusters.{key}.addons"
        if cluster.addons and cluster.type is ClusterType.BASIC:
            yield problem(
                location,
                "are add-ons, which a basic cluster does not have",
                got=cluster.addons,
                remedy="remove them, or set type to enhanced",
            )
        for name in cluster.addons.keys() & _OTHER_ADDONS.keys():
            yield problem(
                f"{location}.{name}",
                "is no add-on of the settings' own",
                got=cluster.addons[name],
                remedy=f"remove it; {_OTHER_ADDONS[name]}",
            )


RULES: Final[tuple[Rule, ...]] = (
    _any_node,
    _autoscaler_has_a_node,
    _shapes,
    _one_image,
    _scaling,
    _cycling,
    _placement,
    _pods_per_node,
    _kubelet,
    _capacity,
    _untainted,
    _addons,
)
