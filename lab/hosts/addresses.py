"""Names and well-known addresses of the lab's networks.

Every namespace and cgroup carries `PREFIX`, so that a later run finds what a killed one left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from ipaddress import IPv4Network

from lab.paths import CLIENT_ADDRESS, MANAGEMENT_ADDRESS, PUBLIC_RANGE, SITES_ADDRESS

PREFIX = "okm-"
ROOT = ""
"""The machine's own network namespace, wherever a namespace's name is asked for."""
INTERNET = "okm-inet"
MANAGEMENT_LINK = "okm-mgmt"
MANAGEMENT_PEER = "198.18.0.2"
UPLINK_RANGE = "198.19.0.0/16"
"""Where each VCN's NAT address comes from."""
METADATA_ADDRESS = "169.254.169.254"
"""Where an instance asks about itself."""
API_PORT = 6443
DNS_SUFFIX = "cluster.local"

__all__ = ["CLIENT_ADDRESS", "MANAGEMENT_ADDRESS", "PUBLIC_RANGE", "SITES_ADDRESS"]


def digest(*parts: str) -> str:
    """Eight hexadecimal digits that stand for the parts."""
    return sha256("\0".join(parts).encode()).hexdigest()[:8]


def namespace_name(kind: str, identity: str) -> str:
    """The namespace of one VCN, DRG, control plane, node, load balancer or instance."""
    return f"{PREFIX}{kind}-{digest(identity)}"


def link_name(kind: str, *identities: str) -> str:
    """A link's name, within the kernel's 15 characters for a kind of up to six."""
    return f"{kind}-{digest(*identities)}"


def mac_address(*identities: str) -> str:
    """A stable unicast address, so that a host built anew meets no stale neighbour entry."""
    tail = sha256("\0".join(identities).encode()).hexdigest()[:10]
    return ":".join(["02", *(tail[i : i + 2] for i in range(0, 10, 2))])


def gateway(cidr: str) -> str:
    """The first usable address of a subnet, which is its router's."""
    return str(IPv4Network(cidr)[1])


def with_prefix(address: str, cidr: str) -> str:
    """The address with the length of its subnet."""
    return f"{address}/{IPv4Network(cidr).prefixlen}"


def uplink_address(number: int) -> str:
    """The NAT address of the VCN with that number."""
    return str(IPv4Network(UPLINK_RANGE)[number + 1])


def dns_address(services_cidr: str) -> str:
    """OKE's address of the cluster DNS (x.x.5.5), or the tenth of a range too small for it."""
    network = IPv4Network(services_cidr)
    offset = 5 * 256 + 5
    return str(network[offset if network.num_addresses > offset + 1 else 10])


def table_number(*identities: str) -> int:
    """A routing table of its own, clear of the kernel's reserved numbers."""
    return int(digest(*identities), 16) & 0x3FFFFFFF | 0x40000000


def allocate(current: Mapping[str, int], keys: Iterable[str]) -> dict[str, int]:
    """The lowest free number for each new key; known keys keep theirs, absent ones lose it."""
    wanted = list(dict.fromkeys(keys))
    result = {key: current[key] for key in wanted if key in current}
    taken = set(result.values())
    for key in wanted:
        if key not in result:
            number = next(n for n in range(len(taken) + 1) if n not in taken)
            taken.add(number)
            result[key] = number
    return result
