"""Nodes: instances that belong to a pool, with a second VNIC for VCN-native pods."""

from __future__ import annotations

from dataclasses import dataclass

from lab.cloud.containerengine.records import (
    NATIVE,
    Cluster,
    NodePool,
    Placement,
    PoolPodNetwork,
)
from lab.cloud.core.compute import equip
from lab.cloud.core.records import Node, Subnet, VnicDetails
from lab.cloud.core.vnics import Attachment, attach, reserve_range, vnics_of
from lab.cloud.ids import region_code
from lab.cloud.lifecycle import hosts
from lab.cloud.records import Json
from lab.cloud.store import Store

MAX_PODS = 31
"""Pods of a node where the pool does not say, the vendor's default."""
_STATES = {
    "PROVISIONING": "CREATING",
    "RUNNING": "ACTIVE",
    "TERMINATING": "DELETING",
    "TERMINATED": "DELETED",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NodePlan:
    """What a node should be."""

    pool: NodePool
    number: int
    placement: Placement
    replaces: str | None = None
    """The node that goes when this one is ready."""


def add_node(store: Store, plan: NodePlan) -> None:
    """A new instance in a pool."""
    pool = plan.pool
    domains = plan.placement.fault_domains or [f"FAULT-DOMAIN-{n}" for n in (1, 2, 3)]
    node = Node(
        region=pool.region,
        compartment_id=pool.compartment_id,
        display_name=f"oke-c{pool.cluster_id[-11:]}-n{pool.id[-11:]}-{plan.number}",
        availability_domain=plan.placement.availability_domain,
        fault_domain=domains[plan.number % len(domains)],
        shape=pool.node_shape,
        shape_config=pool.node_shape_config,
        image_id=pool.node_image_id,
        metadata=pool.node_metadata,
        pool_id=pool.id,
        cluster_id=pool.cluster_id,
        kubernetes_version=pool.kubernetes_version,
        replaces=plan.replaces,
    )
    config = pool.node_config_details
    network = VnicDetails(subnet_id=plan.placement.subnet_id, nsg_ids=config.nsg_ids)
    vnic = equip(store, node, network)
    if config.pods is not None and config.pods.cni_type == NATIVE:
        _add_pod_network(store, node, config.pods)
    node.labels = _labels(node, pool, vnic.private_ip)
    node.become("PROVISIONING", "RUNNING", hosts())
    store.keep(node)


def end_node(store: Store, node: Node) -> None:
    """Begins the end of a node: its pods leave it, then the machine goes."""
    if node.lifecycle_state != "TERMINATING":
        # A node that never ran has no pods.
        node.drained = not store.drains or node.lifecycle_state != "RUNNING"
        node.become("TERMINATING", "TERMINATED", hosts())


def is_draining(store: Store, node: Node) -> bool:
    """Whether pods are still to leave it; those of a cluster that goes have nowhere to go."""
    if node.drained:
        return False
    cluster = store.find(Cluster, where=lambda r: r.id == node.cluster_id)
    return any(found.lifecycle_state in ("ACTIVE", "UPDATING") for found in cluster)


def nodes_of(store: Store, pool_id: str) -> list[Node]:
    """The live nodes of a pool, oldest first."""
    return store.find(Node, where=lambda r: r.pool_id == pool_id)


def node_view(store: Store, node: Node) -> Json:
    """An instance as the node pool shows it."""
    view: Json = {
        "id": node.id,
        "name": node.display_name,
        "kubernetesVersion": node.kubernetes_version,
        "availabilityDomain": node.availability_domain,
        "faultDomain": node.fault_domain,
        "nodePoolId": node.pool_id,
        "lifecycleState": _STATES[node.lifecycle_state],
        "freeformTags": node.freeform_tags,
        "definedTags": node.defined_tags,
    }
    for vnic in vnics_of(store, node)[:1]:
        view |= {
            "subnetId": vnic.subnet_id,
            "privateIp": vnic.private_ip,
            "publicIp": vnic.public_ip,
        }
    return view


def _add_pod_network(store: Store, node: Node, pods: PoolPodNetwork) -> None:
    subnet = store.live(Subnet, (pods.pod_subnet_ids or [""])[0], node.region)
    attach(
        store,
        Attachment(
            subnet_id=subnet.id,
            name=f"{node.display_name} pods",
            owner=node,
            nsg_ids=pods.pod_nsg_ids or (),
            primary=False,
        ),
    )
    node.pod_range = reserve_range(store, subnet, pods.max_pods_per_node or MAX_PODS)
    node.pod_subnet_id = subnet.id


def _labels(node: Node, pool: NodePool, address: str) -> dict[str, str]:
    """What the vendor's nodes are labelled with, and what the pool adds."""
    given = {label.key: label.value for label in pool.initial_node_labels}
    return {
        "topology.kubernetes.io/region": region_code(node.region),
        "topology.kubernetes.io/zone": node.availability_domain.partition(":")[2],
        "node.kubernetes.io/instance-type": node.shape,
        "oci.oraclecloud.com/fault-domain": node.fault_domain,
        "displayName": node.display_name,
        "hostname": node.display_name,
        "internal_addr": address,
        "name": pool.name,
        **given,
    }
