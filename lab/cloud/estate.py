"""What the API models ask of the machines: the store as an `Estate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lab.cloud.containerengine.nodes import is_draining
from lab.cloud.containerengine.records import Cluster
from lab.cloud.core.gateways import SERVICES_CIDR
from lab.cloud.core.peering import linked_drgs
from lab.cloud.core.records import (
    Drg,
    DrgAttachment,
    Instance,
    InternetGateway,
    NatGateway,
    Node,
    RouteTable,
    ServiceGateway,
    Subnet,
    Vcn,
)
from lab.cloud.core.routing import Target, target_of
from lab.cloud.core.vnics import vnics_of
from lab.cloud.firewall import rules_of
from lab.cloud.loadbalancer.models import listeners_of
from lab.cloud.loadbalancer.records import LoadBalancer
from lab.cloud.records import Resource
from lab.cloud.store import Store
from lab.hosts import spec

R = TypeVar("R", bound=Resource)
Describe = Callable[[Instance], spec.Computer | None]
"""The computer of an instance; None is one without programs."""

_ENDING = frozenset({"DELETING", "TERMINATING", "DETACHING", "FAILED"})
_TARGETS: dict[type[Target], spec.Target] = {
    InternetGateway: spec.Target.INTERNET,
    NatGateway: spec.Target.NAT,
    ServiceGateway: spec.Target.SERVICE,
    Drg: spec.Target.DRG,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """Where API servers have their bearer tokens looked at."""

    url: str
    """The cluster's id is added to it."""
    ca_pem: str


def build(store: Store, webhook: Webhook, describe: Describe = lambda _: None) -> spec.Estate:
    """Everything that should exist now; call it under the store's lock."""
    instances = [*_wanted(store, Instance), *_draining(store)]
    return spec.Estate(
        vcns=tuple(_vcn(store, vcn) for vcn in _wanted(store, Vcn)),
        drgs=tuple(spec.Drg(id=d.id, region=d.region) for d in _wanted(store, Drg)),
        peerings=tuple(spec.Peering(drg_ids=pair) for pair in sorted(linked_drgs(store))),
        control_planes=tuple(_control_plane(store, c, webhook) for c in _wanted(store, Cluster)),
        nodes=tuple(_node(store, node) for node in instances if isinstance(node, Node)),
        load_balancers=tuple(
            spec.LoadBalancer(id=b.id, vnic=_vnic(store, b), listeners=listeners_of(b))
            for b in _wanted(store, LoadBalancer)
        ),
        instances=tuple(
            spec.Instance(id=host.id, vnic=_vnic(store, host), computer=describe(host))
            for host in instances
            if not isinstance(host, Node)
        ),
    )


def _wanted(store: Store, kind: type[R]) -> list[R]:
    return store.find(kind, where=lambda r: r.lifecycle_state not in _ENDING)


def _draining(store: Store) -> list[Node]:
    """The nodes that are about to go and are not empty yet."""
    ending = store.find(Node, where=lambda r: r.lifecycle_state in _ENDING)
    return [node for node in ending if is_draining(store, node)]


def _vcn(store: Store, vcn: Vcn) -> spec.Vcn:
    attached = [a for a in _wanted(store, DrgAttachment) if a.vcn_id == vcn.id]
    gateways = store.find(NatGateway, where=lambda r: r.vcn_id == vcn.id)
    return spec.Vcn(
        id=vcn.id,
        region=vcn.region,
        cidrs=tuple(vcn.cidr_blocks),
        subnets=tuple(
            spec.Subnet(id=s.id, cidr=s.cidr_block, routes=_routes(store, s))
            for s in store.find(Subnet, where=lambda r: r.vcn_id == vcn.id)
        ),
        drg_id=attached[0].drg_id if attached else None,
        nat_address=gateways[0].nat_ip if gateways else None,
    )


def _routes(store: Store, subnet: Subnet) -> tuple[spec.RouteRule, ...]:
    rules = []
    for rule in store.get(RouteTable, subnet.route_table_id).route_rules:
        target = target_of(store, rule)
        if target is None or not _passes(target):
            continue
        service = rule.destination_type == "SERVICE_CIDR_BLOCK"
        destination = SERVICES_CIDR if service else str(rule.destination)
        rules.append(spec.RouteRule(destination=destination, target=_TARGETS[type(target)]))
    return tuple(rules)


def _passes(gateway: Target) -> bool:
    """A gateway that is switched off leads nowhere."""
    if isinstance(gateway, InternetGateway):
        return gateway.is_enabled
    return isinstance(gateway, Drg) or not gateway.block_traffic


def _vnic(store: Store, owner: Resource, number: int = 0) -> spec.Vnic:
    vnic = vnics_of(store, owner)[number]
    return spec.Vnic(
        subnet_id=vnic.subnet_id,
        private_ip=vnic.private_ip,
        rules=rules_of(store, vnic),
        public_ip=vnic.public_ip,
    )


def _control_plane(store: Store, cluster: Cluster, webhook: Webhook) -> spec.ControlPlane:
    ranges = cluster.options.kubernetes_network_config
    return spec.ControlPlane(
        id=cluster.id,
        name=cluster.name,
        vnic=_vnic(store, cluster),
        pods_cidr=ranges.pods_cidr,
        services_cidr=ranges.services_cidr,
        kubernetes_version=cluster.kubernetes_version,
        vcn_native=cluster.is_native,
        webhook_url=f"{webhook.url}/{cluster.id}",
        webhook_ca_pem=webhook.ca_pem,
    )


def _node(store: Store, node: Node) -> spec.Node:
    vnic = _vnic(store, node)
    return spec.Node(
        id=node.id,
        # OKE names its nodes after their private address
        name=vnic.private_ip,
        cluster_id=node.cluster_id,
        vnic=vnic,
        pod_vnic=_vnic(store, node, 1) if node.pod_range else None,
        pod_range=node.pod_range,
        labels=dict(node.labels),
    )
