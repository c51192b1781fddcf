"""Node pools: how many nodes, of which kind and where; the nodes follow."""

from __future__ import annotations

from lab.cloud.containerengine.nodes import NodePlan, add_node, end_node, node_view, nodes_of
from lab.cloud.containerengine.offers import check_version
from lab.cloud.containerengine.records import (
    NATIVE,
    Cluster,
    NodePool,
    NodeSource,
    PoolPodNetwork,
)
from lab.cloud.core.compute import check_domain, check_shape
from lab.cloud.core.images import node_images
from lab.cloud.core.records import Node, Subnet, Vcn
from lab.cloud.core.vcn import in_vcn
from lab.cloud.core.vnics import check_groups
from lab.cloud.errors import incorrect_state, invalid, missing
from lab.cloud.lifecycle import hosts
from lab.cloud.records import Json
from lab.cloud.store import Store

_NEEDS_NEW_NODES = (
    "kubernetes_version",
    "node_source_details",
    "node_shape",
    "node_shape_config",
    "node_metadata",
    "ssh_public_key",
    "initial_node_labels",
)
"""Changes that reach only nodes made later, or all of them by cycling."""


def create_pool(store: Store, pool: NodePool) -> None:
    cluster = store.live(Cluster, pool.cluster_id, pool.region)
    if cluster.lifecycle_state not in ("ACTIVE", "UPDATING"):
        state = cluster.lifecycle_state
        raise incorrect_state(f"Cluster {cluster.id} is in state {state}, not ACTIVE.")
    pool.kubernetes_version = pool.kubernetes_version or cluster.kubernetes_version
    _complete(store, pool, cluster)
    store.keep(pool)
    reconcile(store, pool)
    pool.become("CREATING", "ACTIVE", hosts())


def update_pool(store: Store, before: NodePool, change: Json) -> tuple[NodePool, str]:
    """Changes a pool; returns the name of the operation that this turned out to be as well."""
    if before.lifecycle_state not in ("ACTIVE", "UPDATING", "NEEDS_ATTENTION"):
        state = before.lifecycle_state
        raise incorrect_state(f"NodePool {before.id} is in state {state}, not ACTIVE.")
    pool = store.keep(before.changed(change))
    _complete(store, pool, store.live(Cluster, pool.cluster_id))
    renewed = any(getattr(pool, name) != getattr(before, name) for name in _NEEDS_NEW_NODES)
    cycling = renewed and pool.node_pool_cycling_details.is_node_cycling_enabled
    if cycling:
        for node in nodes_of(store, pool.id):
            add_node(store, _plan(pool, replaces=node.id))
    reconcile(store, pool)
    pool.become("UPDATING", "ACTIVE", hosts())
    return pool, "NODEPOOL_CYCLING" if cycling else "NODEPOOL_UPDATE"


def delete_pool(store: Store, pool: NodePool) -> None:
    if pool.lifecycle_state == "DELETING":
        raise incorrect_state(f"NodePool {pool.id} is being deleted.")
    for node in nodes_of(store, pool.id):
        end_node(store, node)
    pool.become("DELETING", "DELETED", hosts())
    store.touch()


def delete_node(store: Store, pool: NodePool, node: Node, *, shrink: bool) -> None:
    """Ends one node; another takes its place unless the pool is to shrink."""
    end_node(store, node)
    if shrink:
        pool.node_config_details.size -= 1
    reconcile(store, pool)
    pool.become("UPDATING", "ACTIVE", hosts())
    store.touch()


def reconcile(store: Store, pool: NodePool) -> None:
    """Makes or ends nodes until the pool has its size."""
    size = pool.node_config_details.size
    staying = [n for n in nodes_of(store, pool.id) if n.lifecycle_state != "TERMINATING"]
    replaced = {node.replaces for node in staying}
    counted = [node for node in staying if node.id not in replaced]
    for _ in range(size - len(counted)):
        add_node(store, _plan(pool))
    for node in counted[size:]:
        end_node(store, node)


def pools_of(store: Store, cluster_id: str) -> list[NodePool]:
    return store.find(NodePool, where=lambda r: r.cluster_id == cluster_id)


def view(store: Store, pool: NodePool) -> Json:
    """A pool with its nodes."""
    return {**pool.shown(), "nodes": [node_view(store, n) for n in nodes_of(store, pool.id)]}


def _plan(pool: NodePool, replaces: str | None = None) -> NodePlan:
    number = pool.made
    pool.made += 1
    placements = pool.node_config_details.placement_configs
    placement = placements[number % len(placements)]
    return NodePlan(pool=pool, number=number, placement=placement, replaces=replaces)


def _complete(store: Store, pool: NodePool, cluster: Cluster) -> None:
    """Checks a pool, and says what follows from what was asked."""
    check_version(pool.kubernetes_version)
    check_shape(pool.node_shape, pool.node_shape_config)
    _describe_source(pool)
    config = pool.node_config_details
    if config.size < 0:
        raise invalid(f"nodeConfigDetails.size must not be negative, got {config.size}.")
    if not config.placement_configs:
        raise missing("nodeConfigDetails.placementConfigs may not be empty.")
    vcn = store.live(Vcn, cluster.vcn_id)
    for placement in config.placement_configs:
        check_domain(placement.availability_domain, cluster.region)
        subnet = in_vcn(store, Subnet, placement.subnet_id, vcn=vcn)
        check_groups(store, subnet, config.nsg_ids)
    # the pod network of the cluster, where the pool does not say
    config.pods = config.pods or PoolPodNetwork(
        cni_type=cluster.cluster_pod_network_options[0].cni_type
    )
    _check_pods(store, cluster, vcn, pods=config.pods)


def _check_pods(store: Store, cluster: Cluster, vcn: Vcn, *, pods: PoolPodNetwork) -> None:
    native = pods.cni_type == NATIVE
    if native != cluster.is_native:
        raise invalid(f"cniType {pods.cni_type} is not the one of cluster {cluster.id}.")
    if native and not pods.pod_subnet_ids:
        raise missing("nodePoolPodNetworkOptionDetails.podSubnetIds may not be empty.")
    for id_ in pods.pod_subnet_ids or ():
        check_groups(store, in_vcn(store, Subnet, id_, vcn=vcn), pods.pod_nsg_ids or ())


def _describe_source(pool: NodePool) -> None:
    image = pool.node_source_details.image_id
    name = dict(node_images(pool.region)).get(image)
    if name is None:
        raise invalid(
            f"nodeSourceDetails.imageId {image} is not an image for nodes in {pool.region}."
        )
    if f"-OKE-{pool.kubernetes_version.removeprefix('v')}-" not in name:
        raise invalid(f"Image {name} is not for Kubernetes version {pool.kubernetes_version}.")
    pool.node_image_id, pool.node_image_name = image, name
    pool.node_source = NodeSource(image_id=image, source_name=name)
