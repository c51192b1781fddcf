"""The pods' network of a node, in OKE's two ways.

VCN-native: pods have addresses of the pods subnet behind a second VNIC; the node answers ARP
for them there, and what they send leaves there. Flannel: every node has a slice of the cluster's
pod range, joined by VXLAN; what leaves the range carries the node's address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network

from lab.hosts.addresses import gateway, mac_address
from lab.hosts.fabric import MAIN, End, Fabric, Link, Neighbor, Route, Rule
from lab.hosts.network import Place
from lab.hosts.spec import Vnic
from lab.hosts.vnic import PRIMARY, plug

PODS_DEVICE = "eth1"
OVERLAY = "flannel.1"
OVERLAY_PORT = "8472"
TABLE = "ip okm_pods"
PODS_TABLE = "200"
_HOST_ROUTES_ONLY = 31


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """A node as the others of its cluster see it in the overlay."""

    namespace: str
    address: str
    pods: str

    @property
    def tunnel_address(self) -> str:
        """The address of its end of the overlay."""
        return str(IPv4Network(self.pods)[0])

    @property
    def mac(self) -> str:
        """The link address of its end of the overlay."""
        return mac_address(self.namespace, OVERLAY)


@dataclass(frozen=True, slots=True)
class NativePods:
    """Pods with addresses of a subnet, behind a VNIC of their node."""

    vnic: Vnic
    place: Place
    pods: str
    """The part of the subnet that is this node's."""


def node_slice(pods_cidr: str, number: int) -> str:
    """The pod addresses of the node with that number: 256, or a sixteenth of a small range."""
    network = IPv4Network(pods_cidr)
    length = max(24, min(network.prefixlen + 4, 28))
    return f"{network[number * 2 ** (32 - length)]}/{length}"


def add_native_pods(fabric: Fabric, owner: str, native: NativePods) -> None:
    """The second VNIC, and the policy that keeps pods' traffic on it."""
    vnic, place, pods = native.vnic, native.place, native.pods
    own = f"{vnic.private_ip}/32"
    plug(fabric, End(owner, PODS_DEVICE, (own,)), place)
    space = fabric.namespace(owner)
    space.firewall[PODS_DEVICE] = vnic.rules
    # Pods on this node are host routes of the main table; all else of theirs belongs to the
    # VNIC. The interface's own rules also keep it from answering ARP for other nodes' pods.
    space.rules |= {
        Rule(priority=500, table=MAIN, suppress=_HOST_ROUTES_ONLY, interface=PODS_DEVICE),
        Rule(priority=501, table=MAIN, suppress=_HOST_ROUTES_ONLY, source=pods),
        Rule(priority=502, table=MAIN, suppress=_HOST_ROUTES_ONLY, source=own),
        Rule(priority=600, table=PODS_TABLE, interface=PODS_DEVICE),
        Rule(priority=601, table=PODS_TABLE, source=pods),
        Rule(priority=602, table=PODS_TABLE, source=own),
    }
    subnet = place.subnet.cidr
    space.add_route(Route(subnet, PODS_DEVICE, table=PODS_TABLE))
    space.add_route(
        Route("0.0.0.0/0", PODS_DEVICE, via=gateway(subnet), table=PODS_TABLE, is_onlink=True)
    )
    space.settings[f"ipv4/conf/{PODS_DEVICE}/proxy_arp"] = "1"
    space.settings[f"ipv4/neigh/{PODS_DEVICE}/proxy_delay"] = "0"


def add_overlay(fabric: Fabric, me: Peer, others: Iterable[Peer], *, pods_cidr: str) -> None:
    """The node's end of the overlay, with a fixed way to every other node."""
    space = fabric.namespace(me.namespace)
    options = ("id", "1", "dstport", OVERLAY_PORT, "local", me.address, "dev", PRIMARY)
    space.add_link(
        Link(
            name=OVERLAY,
            kind="vxlan",
            addresses=(f"{me.tunnel_address}/32",),
            options=(*options, "nolearning"),
            mac=me.mac,
        )
    )
    for peer in others:
        hop = peer.tunnel_address
        space.neighbors.add(
            Neighbor(device=OVERLAY, address=hop, mac=peer.mac, endpoint=peer.address)
        )
        space.add_route(Route(peer.pods, OVERLAY, via=hop, is_onlink=True))
    space.tables[TABLE] = "\n".join(
        [
            "chain outward {",
            "type nat hook postrouting priority 100;",
            f"ip saddr {pods_cidr} ip daddr != {pods_cidr} masquerade",
            "}",
        ]
    )
