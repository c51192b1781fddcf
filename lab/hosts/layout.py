"""The network of a whole estate: every builder in its place; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab.hosts.addresses import METADATA_ADDRESS, namespace_name
from lab.hosts.drg import add_drgs
from lab.hosts.fabric import Fabric
from lab.hosts.internet import add_internet
from lab.hosts.network import Place, add_vcn, places
from lab.hosts.node_network import NativePods, Peer, add_native_pods, add_overlay, node_slice
from lab.hosts.spec import ControlPlane, Estate, Instance, LoadBalancer, Node, Vnic
from lab.hosts.vnic import add_address, add_vnic

KINDS = {ControlPlane: "cp", Node: "node", LoadBalancer: "lb", Instance: "host"}
Owner = ControlPlane | Node | LoadBalancer | Instance


@dataclass(frozen=True, slots=True)
class Numbers:
    """Small numbers that stay with their owners as long as those live."""

    vcns: Mapping[str, int]
    nodes: Mapping[str, int]
    """Within the node's cluster."""


def owner_namespace(owner: Owner) -> str:
    """The namespace of whoever has a VNIC."""
    return namespace_name(KINDS[type(owner)], owner.id)


def owners(estate: Estate) -> list[Owner]:
    """Everything that has a VNIC."""
    return [*estate.control_planes, *estate.nodes, *estate.load_balancers, *estate.instances]


def vnics(estate: Estate) -> list[Vnic]:
    """Every first VNIC; the pods' ones have no public address."""
    return [owner.vnic for owner in owners(estate)]


def build_fabric(estate: Estate, numbers: Numbers) -> Fabric:
    """All namespaces of the estate."""
    fabric = Fabric()
    where = places(estate.vcns)
    add_internet(fabric)
    for vcn in estate.vcns:
        add_vcn(fabric, vcn, vnics(estate), number=numbers.vcns[vcn.id])
    add_drgs(fabric, estate.drgs, peerings=estate.peerings, vcns=estate.vcns)
    for owner in owners(estate):
        place = where[owner.vnic.subnet_id]
        add_vnic(fabric, owner_namespace(owner), owner.vnic, place=place)
    for instance in estate.instances:
        if instance.computer is not None:
            add_address(fabric, owner_namespace(instance), f"{METADATA_ADDRESS}/32")
    for balancer in estate.load_balancers:
        fabric.namespace(owner_namespace(balancer)).forward()
    for node in estate.nodes:
        fabric.namespace(owner_namespace(node)).forward()
        _add_pods(fabric, estate, node, numbers=numbers, where=where)
    return fabric


def _add_pods(
    fabric: Fabric,
    estate: Estate,
    node: Node,
    *,
    numbers: Numbers,
    where: Mapping[str, Place],
) -> None:
    if node.pod_vnic is not None and node.pod_range is not None:
        place = where[node.pod_vnic.subnet_id]
        plug_in = NativePods(node.pod_vnic, place, node.pod_range)
        add_native_pods(fabric, owner_namespace(node), plug_in)
        return
    cluster = next((c for c in estate.control_planes if c.id == node.cluster_id), None)
    if cluster is not None:
        mates = [n for n in estate.nodes if n.cluster_id == node.cluster_id]
        peers = {n.id: overlay_peer(n, cluster.pods_cidr, numbers) for n in mates}
        me = peers.pop(node.id)
        add_overlay(fabric, me, peers.values(), pods_cidr=cluster.pods_cidr)


def overlay_peer(node: Node, pods_cidr: str, numbers: Numbers) -> Peer:
    """A node's place in its cluster's overlay."""
    return Peer(
        namespace=owner_namespace(node),
        address=node.vnic.private_ip,
        pods=node_slice(pods_cidr, numbers.nodes[node.id]),
    )
