"""Node pools: how many nodes, of which kind and where; the nodes follow."""

from __future__ import annotations

from lab.cloud.containerengine.nodes import NodePlan, add_node, end_node, node_view, nodes_of
from lab.cloud.containerengine.offers import NATIVE, check_version, is_native
from lab.cloud.core.compute import check_domain, check_shape
from lab.cloud.core.images import node_images
from lab.cloud.core.vcn import in_region, in_vcn
from lab.cloud.core.vnics import check_groups
from lab.cloud.errors import incorrect_state, invalid, missing
from lab.cloud.lifecycle import hosts
from lab.cloud.resources import require
from lab.cloud.router import Call
from lab.cloud.store import Json, Record, Store

_EVICTION: Json = {"evictionGraceDuration": "PT60M", "isForceDeleteAfterGraceDuration": False}
_CYCLING: Json = {
    "isNodeCyclingEnabled": False,
    "maximumSurge": "1",
    "maximumUnavailable": "0",
}
_NEEDS_NEW_NODES = (
    "kubernetesVersion",
    "nodeSourceDetails",
    "nodeShape",
    "nodeShapeConfig",
    "nodeMetadata",
    "sshPublicKey",
    "initialNodeLabels",
)
"""Changes that reach only nodes made later, or all of them by cycling."""


def create_pool(store: Store, call: Call, body: Json) -> Record:
    cluster = in_region(store, "cluster", body["clusterId"], region=call.region)
    if cluster.state not in ("ACTIVE", "UPDATING"):
        raise incorrect_state(f"Cluster {cluster.id} is in state {cluster.state}, not ACTIVE.")
    require(body, "nodeConfigDetails")
    body = {
        "kubernetesVersion": cluster.body["kubernetesVersion"],
        "initialNodeLabels": [],
        "nodeMetadata": {},
        "sshPublicKey": "",
        "nodeEvictionNodePoolSettings": dict(_EVICTION),
        "nodePoolCyclingDetails": dict(_CYCLING),
        **body,
    }
    body["nodeConfigDetails"] = _with_network(cluster, {"nsgIds": [], **body["nodeConfigDetails"]})
    _check(store, cluster, body)
    pool = store.create("nodepool", call.region, body, made=0)
    del pool.body["timeCreated"]
    _describe_source(pool)
    reconcile(store, pool)
    pool.become("CREATING", "ACTIVE", hosts())
    return pool


def update_pool(store: Store, pool: Record, change: Json) -> str:
    """Changes a pool; returns the name of the operation that this turned out to be."""
    if pool.state not in ("ACTIVE", "UPDATING", "NEEDS_ATTENTION"):
        raise incorrect_state(f"NodePool {pool.id} is in state {pool.state}, not ACTIVE.")
    cluster = store.live("cluster", pool.body["clusterId"])
    config = _with_network(
        cluster, {**pool.body["nodeConfigDetails"], **change.get("nodeConfigDetails", {})}
    )
    after = {**pool.body, **change, "nodeConfigDetails": config}
    _check(store, cluster, after)
    renewed = any(after.get(name) != pool.body.get(name) for name in _NEEDS_NEW_NODES)
    pool.body.update(after)
    _describe_source(pool)
    cycling = renewed and bool(pool.body["nodePoolCyclingDetails"]["isNodeCyclingEnabled"])
    if cycling:
        for node in nodes_of(store, pool.id):
            add_node(store, _plan(pool, replaces=node.id))
    reconcile(store, pool)
    pool.become("UPDATING", "ACTIVE", hosts())
    store.touch()
    return "NODEPOOL_CYCLING" if cycling else "NODEPOOL_UPDATE"


def delete_pool(store: Store, pool: Record) -> None:
    if pool.state == "DELETING":
        raise incorrect_state(f"NodePool {pool.id} is being deleted.")
    for node in nodes_of(store, pool.id):
        end_node(node)
    pool.become("DELETING", "DELETED", hosts())
    store.touch()


def delete_node(store: Store, pool: Record, node: Record, *, shrink: bool) -> None:
    """Ends one node; another takes its place unless the pool is to shrink."""
    end_node(node)
    if shrink:
        pool.body["nodeConfigDetails"]["size"] -= 1
    reconcile(store, pool)
    pool.become("UPDATING", "ACTIVE", hosts())
    store.touch()


def reconcile(store: Store, pool: Record) -> None:
    """Makes or ends nodes until the pool has its size."""
    size = pool.body["nodeConfigDetails"]["size"]
    staying = [node for node in nodes_of(store, pool.id) if node.state != "TERMINATING"]
    replaced = {node.hidden.get("replaces") for node in staying}
    counted = [node for node in staying if node.id not in replaced]
    for _ in range(size - len(counted)):
        add_node(store, _plan(pool))
    for node in counted[size:]:
        end_node(node)


def pools_of(store: Store, cluster_id: str) -> list[Record]:
    return store.find("nodepool", where=lambda r: r.body["clusterId"] == cluster_id)


def view(store: Store, pool: Record) -> Json:
    """A pool with its nodes."""
    return {**pool.body, "nodes": [node_view(store, node) for node in nodes_of(store, pool.id)]}


def _plan(pool: Record, replaces: str | None = None) -> NodePlan:
    number = pool.hidden["made"]
    pool.hidden["made"] += 1
    placements = pool.body["nodeConfigDetails"]["placementConfigs"]
    placement = placements[number % len(placements)]
    return NodePlan(pool=pool, number=number, placement=placement, replaces=replaces)


def _check(store: Store, cluster: Record, body: Json) -> None:
    check_version(body["kubernetesVersion"])
    check_shape(body["nodeShape"], body.get("nodeShapeConfig"))
    _check_image(cluster.region, body)
    config = body["nodeConfigDetails"]
    if config["size"] < 0:
        raise invalid(f"nodeConfigDetails.size must not be negative, got {config['size']}.")
    if not config["placementConfigs"]:
        raise missing("nodeConfigDetails.placementConfigs may not be empty.")
    vcn = store.live("vcn", cluster.body["vcnId"])
    for placement in config["placementConfigs"]:
        check_domain(placement["availabilityDomain"], cluster.region)
        subnet = in_vcn(store, "subnet", placement["subnetId"], vcn=vcn)
        check_groups(store, subnet, config["nsgIds"])
    _check_pods(store, cluster, vcn, options=config["nodePoolPodNetworkOptionDetails"])


def _check_pods(store: Store, cluster: Record, vcn: Record, *, options: Json) -> None:
    native = options["cniType"] == NATIVE
    if native != is_native(cluster):
        raise invalid(f"cniType {options['cniType']} is not the one of cluster {cluster.id}.")
    if native and not options.get("podSubnetIds"):
        raise missing("nodePoolPodNetworkOptionDetails.podSubnetIds may not be empty.")
    for id_ in options.get("podSubnetIds", []):
        check_groups(store, in_vcn(store, "subnet", id_, vcn=vcn), options.get("podNsgIds", []))


def _check_image(region: str, body: Json) -> None:
    image = require(body, "nodeSourceDetails")["imageId"]
    names = dict(node_images(region))
    if image not in names:
        raise invalid(f"nodeSourceDetails.imageId {image} is not an image for nodes in {region}.")
    if f"-OKE-{body['kubernetesVersion'].removeprefix('v')}-" not in names[image]:
        raise invalid(
            f"Image {names[image]} is not for Kubernetes version {body['kubernetesVersion']}."
        )


def _with_network(cluster: Record, config: Json) -> Json:
    """The pod network of the cluster, where the pool does not say."""
    given = config.get("nodePoolPodNetworkOptionDetails")
    options = cluster.body["clusterPodNetworkOptions"]
    return {**config, "nodePoolPodNetworkOptionDetails": given or dict(options[0])}


def _describe_source(pool: Record) -> None:
    image = pool.body["nodeSourceDetails"]["imageId"]
    name = dict(node_images(pool.region))[image]
    pool.body |= {
        "nodeImageId": image,
        "nodeImageName": name,
        "nodeSource": {"sourceType": "IMAGE", "imageId": image, "sourceName": name},
    }
