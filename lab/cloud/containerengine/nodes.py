"""Nodes: instances that belong to a pool, with a second VNIC for VCN-native pods."""

from __future__ import annotations

from dataclasses import dataclass

from lab.cloud.containerengine.offers import NATIVE
from lab.cloud.core.compute import attach_to
from lab.cloud.core.vnics import Attachment, attach, reserve_range, vnics_of
from lab.cloud.ids import region_code
from lab.cloud.lifecycle import hosts
from lab.cloud.store import Json, Record, Store

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

    pool: Record
    number: int
    placement: Json
    replaces: str | None = None
    """The node that goes when this one is ready."""


def add_node(store: Store, plan: NodePlan) -> Record:
    """A new instance in a pool."""
    pool = plan.pool
    domains = plan.placement.get("faultDomains") or [f"FAULT-DOMAIN-{n}" for n in (1, 2, 3)]
    name = f"oke-c{pool.body['clusterId'][-11:]}-n{pool.id[-11:]}-{plan.number}"
    node = store.create(
        "instance",
        pool.region,
        {
            "compartmentId": pool.body["compartmentId"],
            "displayName": name,
            "availabilityDomain": plan.placement["availabilityDomain"],
            "faultDomain": domains[plan.number % len(domains)],
            "region": pool.region,
            "shape": pool.body["nodeShape"],
            "shapeConfig": pool.body.get("nodeShapeConfig", {}),
            "imageId": pool.body["nodeImageId"],
            "metadata": pool.body["nodeMetadata"],
            "launchMode": "NATIVE",
            "freeformTags": {},
            "definedTags": {},
        },
        role="node",
        pool=pool.id,
        cluster=pool.body["clusterId"],
        version=pool.body["kubernetesVersion"],
        replaces=plan.replaces,
    )
    config = pool.body["nodeConfigDetails"]
    network = {"subnetId": plan.placement["subnetId"], "nsgIds": config["nsgIds"]}
    subnet = store.live("subnet", network["subnetId"])
    vnic = attach_to(store, node, network, public=not subnet.body["prohibitPublicIpOnVnic"])
    _add_pod_network(store, node, config["nodePoolPodNetworkOptionDetails"])
    node.hidden["labels"] = _labels(node, pool, vnic.body["privateIp"])
    node.become("PROVISIONING", "RUNNING", hosts())
    return node


def end_node(node: Record) -> None:
    if node.state != "TERMINATING":
        node.become("TERMINATING", "TERMINATED", hosts())


def nodes_of(store: Store, pool_id: str) -> list[Record]:
    """The live nodes of a pool, oldest first."""
    return store.find("instance", where=lambda r: r.hidden.get("pool") == pool_id)


def node_view(store: Store, node: Record) -> Json:
    """An instance as the node pool shows it."""
    vnics = vnics_of(store, node.id)
    view: Json = {
        "id": node.id,
        "name": node.body["displayName"],
        "kubernetesVersion": node.hidden["version"],
        "availabilityDomain": node.body["availabilityDomain"],
        "faultDomain": node.body["faultDomain"],
        "nodePoolId": node.hidden["pool"],
        "lifecycleState": _STATES[node.state],
        "freeformTags": node.body["freeformTags"],
        "definedTags": node.body["definedTags"],
    }
    if vnics:
        view["subnetId"] = vnics[0].body["subnetId"]
        view["privateIp"] = vnics[0].body["privateIp"]
        view["publicIp"] = vnics[0].body.get("publicIp")
    return view


def _add_pod_network(store: Store, node: Record, options: Json) -> None:
    if options["cniType"] != NATIVE:
        return
    subnet = store.live("subnet", options["podSubnetIds"][0], node.region)
    vnic = attach(
        store,
        Attachment(
            subnet_id=subnet.id,
            name=f"{node.body['displayName']} pods",
            owner=node.id,
            region=node.region,
            compartment_id=node.body["compartmentId"],
            nsg_ids=options.get("podNsgIds", []),
        ),
    )
    vnic.body["isPrimary"] = False
    node.hidden["pod_range"] = reserve_range(store, subnet, options.get("maxPodsPerNode", MAX_PODS))
    node.hidden["pod_subnet"] = subnet.id


def _labels(node: Record, pool: Record, address: str) -> dict[str, str]:
    """What the vendor's nodes are labelled with, and what the pool adds."""
    given = {pair["key"]: pair["value"] for pair in pool.body["initialNodeLabels"]}
    return {
        "topology.kubernetes.io/region": region_code(node.region),
        "topology.kubernetes.io/zone": node.body["availabilityDomain"].partition(":")[2],
        "node.kubernetes.io/instance-type": node.body["shape"],
        "oci.oraclecloud.com/fault-domain": node.body["faultDomain"],
        "displayName": node.body["displayName"],
        "hostname": node.body["displayName"],
        "internal_addr": address,
        "name": pool.body["name"],
        **given,
    }
