"""The desired state of the lab's hosts: what the OCI API models ask for, as plain values.

Ids are OCIDs. Addresses are strings in the usual notation. A collection is complete: what is
not in it does not exist any more after the next `Hosts.apply`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Target(StrEnum):
    """What a route rule leads to."""

    INTERNET = "internet"
    NAT = "nat"
    SERVICE = "service"
    DRG = "drg"


class Direction(StrEnum):
    """The direction of a firewall rule, seen from the VNIC."""

    INGRESS = "ingress"
    EGRESS = "egress"


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteRule:
    """Traffic to `destination` (a CIDR; the services network has its own) leads to `target`."""

    destination: str
    target: Target


@dataclass(frozen=True, kw_only=True, slots=True)
class FirewallRule:
    """One allowed flow; group members are resolved to CIDRs before they come here."""

    direction: Direction
    protocol: str
    """`all`, or the IANA number: `1` ICMP, `6` TCP, `17` UDP."""
    peers: tuple[str, ...]
    ports: tuple[int, int] | None = None
    """Destination ports, both ends included."""
    icmp: tuple[int, int | None] | None = None
    """ICMP type and code."""
    stateless: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Subnet:
    """A bridge in its VCN's namespace with the first address as gateway."""

    id: str
    cidr: str
    routes: tuple[RouteRule, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Vcn:
    """A namespace that routes between its subnets and to its gateways."""

    id: str
    region: str
    cidrs: tuple[str, ...]
    subnets: tuple[Subnet, ...]
    drg_id: str | None = None
    """The DRG it is attached to."""
    nat_address: str | None = None
    """The public address of its NAT gateway."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drg:
    """A router namespace of one region."""

    id: str
    region: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Peering:
    """Two DRGs joined by a remote peering connection in status PEERED."""

    drg_ids: tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Vnic:
    """An address in a subnet, with the firewall rules of its NSGs and its subnet's lists."""

    subnet_id: str
    private_ip: str
    rules: tuple[FirewallRule, ...]
    public_ip: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlPlane:
    """etcd, API server, controller manager and scheduler of one OKE cluster."""

    id: str
    name: str
    vnic: Vnic
    pods_cidr: str
    services_cidr: str
    kubernetes_version: str
    vcn_native: bool
    webhook_url: str
    """Where the API server sends bearer tokens (TokenReview)."""
    webhook_ca_pem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A kubelet with its own containerd and kube-proxy in a namespace of its own."""

    id: str
    name: str
    cluster_id: str
    vnic: Vnic
    pod_vnic: Vnic | None
    """The second VNIC in the pods subnet (VCN-native only); its rules apply to the pods."""
    pod_range: str | None
    """The part of the pods subnet that this node hands out, a CIDR (VCN-native only)."""
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Listener:
    """A TCP port that is forwarded to `address:port` backends that pass the health check."""

    name: str
    port: int
    backends: tuple[tuple[str, int], ...]
    health_port: int
    health_path: str | None
    """HTTP path that must answer 200, or None for a TCP connect."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadBalancer:
    """A namespace with one VNIC that forwards its listeners; sources are hidden, as OCI's do."""

    id: str
    vnic: Vnic
    listeners: tuple[Listener, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Computer:
    """What an instance runs: a root of its own, a first boot, an ssh server."""

    name: str
    is_running: bool
    documents: Mapping[str, str]
    """What its metadata service answers, by path below `/opc/v2/`."""
    sites: tuple[str, ...]
    """The host names that it finds on the lab's internet."""
    authorities_pem: str
    """Whom its programs trust."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """A host, such as the operator host: a namespace with one VNIC."""

    id: str
    vnic: Vnic
    computer: Computer | None = None
    """None is a network without programs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Estate:
    """Everything that should exist now."""

    vcns: tuple[Vcn, ...] = ()
    drgs: tuple[Drg, ...] = ()
    peerings: tuple[Peering, ...] = ()
    control_planes: tuple[ControlPlane, ...] = ()
    nodes: tuple[Node, ...] = ()
    load_balancers: tuple[LoadBalancer, ...] = ()
    instances: tuple[Instance, ...] = ()
