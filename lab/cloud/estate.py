"""What the API models ask of the machines: the store as an `Estate`."""

from __future__ import annotations

from dataclasses import dataclass

from lab.cloud.containerengine.offers import is_native
from lab.cloud.core.gateways import SERVICES_CIDR
from lab.cloud.core.peering import linked_drgs
from lab.cloud.core.routing import target_of
from lab.cloud.core.vnics import vnics_of
from lab.cloud.firewall import rules_of
from lab.cloud.loadbalancer.models import listeners_of
from lab.cloud.store import Record, Store
from lab.hosts import spec

_ENDING = frozenset({"DELETING", "TERMINATING", "DETACHING", "FAILED"})
_TARGETS = {
    "internetgateway": spec.Target.INTERNET,
    "natgateway": spec.Target.NAT,
    "servicegateway": spec.Target.SERVICE,
    "drg": spec.Target.DRG,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """Where API servers have their bearer tokens looked at."""

    url: str
    """The cluster's id is added to it."""
    ca_pem: str


def build(store: Store, webhook: Webhook) -> spec.Estate:
    """Everything that should exist now; call it under the store's lock."""
    return spec.Estate(
        vcns=tuple(_vcn(store, record) for record in _wanted(store, "vcn")),
        drgs=tuple(spec.Drg(id=d.id, region=d.region) for d in _wanted(store, "drg")),
        peerings=tuple(spec.Peering(drg_ids=pair) for pair in sorted(linked_drgs(store))),
        control_planes=tuple(
            _control_plane(store, record, webhook) for record in _wanted(store, "cluster")
        ),
        nodes=tuple(_node(store, record) for record in _machines(store, "node")),
        load_balancers=tuple(
            spec.LoadBalancer(
                id=record.id, vnic=_vnic(store, record.id), listeners=listeners_of(record)
            )
            for record in _wanted(store, "loadbalancer")
        ),
        instances=tuple(
            spec.Instance(id=record.id, vnic=_vnic(store, record.id))
            for record in _machines(store, "host")
        ),
    )


def _wanted(store: Store, kind: str) -> list[Record]:
    return store.find(kind, where=lambda r: r.state not in _ENDING)


def _machines(store: Store, role: str) -> list[Record]:
    return [record for record in _wanted(store, "instance") if record.hidden["role"] == role]


def _vcn(store: Store, vcn: Record) -> spec.Vcn:
    attached = store.find(
        "drgattachment",
        where=lambda r: r.body.get("vcnId") == vcn.id and r.state not in _ENDING,
    )
    subnets = store.find("subnet", where=lambda r: r.body["vcnId"] == vcn.id)
    return spec.Vcn(
        id=vcn.id,
        region=vcn.region,
        cidrs=tuple(vcn.body["cidrBlocks"]),
        subnets=tuple(
            spec.Subnet(id=s.id, cidr=s.body["cidrBlock"], routes=_routes(store, s))
            for s in subnets
        ),
        drg_id=attached[0].body["drgId"] if attached else None,
        nat_address=_nat_address(store, vcn),
    )


def _nat_address(store: Store, vcn: Record) -> str | None:
    found = store.find("natgateway", where=lambda r: r.body["vcnId"] == vcn.id)
    return str(found[0].body["natIp"]) if found else None


def _routes(store: Store, subnet: Record) -> tuple[spec.RouteRule, ...]:
    table = store.get("routetable", subnet.body["routeTableId"])
    rules = []
    for rule in table.body["routeRules"]:
        target = target_of(store, rule)
        if target is None or not _passes(target):
            continue
        service = rule["destinationType"] == "SERVICE_CIDR_BLOCK"
        destination = SERVICES_CIDR if service else rule["destination"]
        rules.append(spec.RouteRule(destination=destination, target=_TARGETS[target.kind]))
    return tuple(rules)


def _passes(gateway: Record) -> bool:
    """A gateway that is switched off leads nowhere."""
    return bool(gateway.body.get("isEnabled", True)) and not gateway.body.get("blockTraffic", False)


def _vnic(store: Store, owner: str, number: int = 0) -> spec.Vnic:
    vnic = vnics_of(store, owner)[number]
    return spec.Vnic(
        subnet_id=vnic.body["subnetId"],
        private_ip=vnic.body["privateIp"],
        rules=rules_of(store, vnic),
        public_ip=vnic.body.get("publicIp"),
    )


def _control_plane(store: Store, cluster: Record, webhook: Webhook) -> spec.ControlPlane:
    ranges = cluster.body["options"]["kubernetesNetworkConfig"]
    return spec.ControlPlane(
        id=cluster.id,
        name=cluster.body["name"],
        vnic=_vnic(store, cluster.id),
        pods_cidr=ranges["podsCidr"],
        services_cidr=ranges["servicesCidr"],
        kubernetes_version=cluster.body["kubernetesVersion"],
        vcn_native=is_native(cluster),
        webhook_url=f"{webhook.url}/{cluster.id}",
        webhook_ca_pem=webhook.ca_pem,
    )


def _node(store: Store, node: Record) -> spec.Node:
    native = "pod_range" in node.hidden
    vnic = _vnic(store, node.id)
    return spec.Node(
        id=node.id,
        # OKE names its nodes after their private address
        name=vnic.private_ip,
        cluster_id=node.hidden["cluster"],
        vnic=vnic,
        pod_vnic=_vnic(store, node.id, 1) if native else None,
        pod_range=node.hidden.get("pod_range"),
        labels=dict(node.hidden["labels"]),
    )
