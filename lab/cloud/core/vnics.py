"""VNICs and addresses: who has which private and public address, in which security groups.

Other services attach their machines here (`attach`, `detach`); a subnet or a group with a VNIC
cannot be deleted, whoever put it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.core.records import (
    NetworkSecurityGroup,
    Node,
    PrivateIp,
    PublicIp,
    Subnet,
    Vnic,
)
from lab.cloud.errors import incorrect_state, invalid, not_found, over_limit
from lab.cloud.records import Resource
from lab.cloud.store import Store
from lab.paths import PUBLIC_RANGE

PUBLIC_POOL = IPv4Network(PUBLIC_RANGE)

MAX_GROUPS = 5
"""Security groups of one VNIC."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """What a VNIC should be."""

    subnet_id: str
    name: str
    owner: Resource
    """The cluster, node, load balancer or instance whose interface it is."""
    nsg_ids: Sequence[str] = ()
    public: bool = False
    reserved_ip: str | None = None
    """A reserved public address instead of a fresh one."""
    private_ip: str | None = None
    primary: bool = True


def attach(store: Store, wanted: Attachment) -> Vnic:
    """A new VNIC with its addresses."""
    owner = wanted.owner
    subnet = store.live(Subnet, wanted.subnet_id, owner.region)
    if wanted.public and subnet.prohibit_public_ip_on_vnic:
        raise invalid(
            f"Subnet {subnet.id} prohibits public IP addresses: a VNIC in it cannot have one."
        )
    check_groups(store, subnet, wanted.nsg_ids)
    address = _private_address(store, subnet, wanted.private_ip)
    vnic = store.keep(
        Vnic(
            region=owner.region,
            compartment_id=owner.compartment_id,
            display_name=wanted.name,
            lifecycle_state="AVAILABLE",
            nsg_ids=list(wanted.nsg_ids),
            private_ip=address,
            subnet_id=subnet.id,
            is_primary=wanted.primary,
            mac_address=mac_address(address),
            owner=owner.id,
        )
    )
    private = _private_ip(store, vnic)
    if wanted.public:
        public = _public_ip(store, wanted)
        assign(public, private)
        vnic.public_ip = public.ip_address
    return vnic


def _private_ip(store: Store, vnic: Vnic) -> PrivateIp:
    """The VNIC's own address, as a resource that public addresses are assigned to."""
    return store.keep(
        PrivateIp(
            region=vnic.region,
            compartment_id=vnic.compartment_id,
            display_name=vnic.display_name,
            ip_address=vnic.private_ip,
            subnet_id=vnic.subnet_id,
            vnic_id=vnic.id,
        )
    )


def detach(store: Store, vnic: Vnic) -> None:
    """Ends a VNIC; a reserved address stays for the next."""
    for private in store.find(PrivateIp, vnic.region, lambda r: r.vnic_id == vnic.id):
        _release(store, private)
        store.drop(private)
    store.drop(vnic)


def vnics_of(store: Store, owner: Resource) -> list[Vnic]:
    """The VNICs of a machine, the first first."""
    return store.find(Vnic, owner.region, lambda r: r.owner == owner.id)


def regroup(store: Store, vnic: Vnic, nsg_ids: Sequence[str]) -> None:
    """Puts a VNIC into other security groups."""
    check_groups(store, store.live(Subnet, vnic.subnet_id), nsg_ids)
    vnic.nsg_ids = list(nsg_ids)
    vnic.revision += 1
    store.touch()


def check_groups(store: Store, subnet: Subnet, nsg_ids: Sequence[str]) -> None:
    """Security groups are of the VNIC's own VCN."""
    if len(nsg_ids) > MAX_GROUPS:
        raise invalid(f"A VNIC can be in at most {MAX_GROUPS} network security groups.")
    for id_ in nsg_ids:
        if store.live(NetworkSecurityGroup, id_, subnet.region).vcn_id != subnet.vcn_id:
            raise invalid(f"NetworkSecurityGroup {id_} is not in the VCN of subnet {subnet.id}.")


def gateway_address(cidr: str) -> str:
    """A subnet's first address is its router's."""
    return str(IPv4Network(cidr)[1])


def reserve_range(store: Store, subnet: Subnet, size: int) -> str:
    """An aligned part of a subnet for the pods of one node, taken from the end."""
    network = IPv4Network(subnet.cidr_block)
    prefix = 32 - (size - 1).bit_length()
    if prefix <= network.prefixlen:
        raise over_limit(f"Subnet {subnet.id} is too small for {size} pod addresses.")
    taken = [IPv4Network(text) for text in reserved_ranges(store, subnet)]
    taken += [IPv4Network(f"{ip}/32") for ip in _taken(store, subnet)]
    # the last part holds the broadcast address
    for part in reversed(list(network.subnets(new_prefix=prefix))[:-1]):
        if not any(part.overlaps(other) for other in taken):
            return str(part)
    raise over_limit(f"Subnet {subnet.id} has no room left for {size} pod addresses.")


def reserved_ranges(store: Store, subnet: Subnet) -> Iterator[str]:
    """The parts of a subnet that nodes hand out to their pods."""
    for node in store.find(Node, subnet.region):
        if node.pod_subnet_id == subnet.id and node.pod_range is not None:
            yield node.pod_range


def mac_address(address: str) -> str:
    """A hardware address that follows from the private one."""
    return "02:00:17:" + ":".join(f"{byte:02x}" for byte in IPv4Address(address).packed[1:])


def free_address(store: Store) -> str:
    """A public address of the pool that nobody has."""
    taken = {record.ip_address for record in store.find(PublicIp)}
    for address in PUBLIC_POOL.hosts():
        if str(address) not in taken:
            return str(address)
    raise over_limit("The pool of public IP addresses is exhausted.")


def assign(public: PublicIp, private: PrivateIp) -> None:
    """Gives a public address to a private one."""
    public.private_ip_id = public.assigned_entity_id = private.id
    public.assigned_entity_type = "PRIVATE_IP"
    public.lifecycle_state = "ASSIGNED"
    public.revision += 1


def _public_ip(store: Store, wanted: Attachment) -> PublicIp:
    region = wanted.owner.region
    if wanted.reserved_ip is None:
        return store.keep(
            PublicIp(
                region=region,
                compartment_id=wanted.owner.compartment_id,
                display_name=wanted.name,
                ip_address=free_address(store),
                lifetime="EPHEMERAL",
            )
        )
    found = store.find(PublicIp, region, lambda r: r.ip_address == wanted.reserved_ip)
    if not found:
        raise not_found()
    if found[0].lifecycle_state != "AVAILABLE" or found[0].lifetime != "RESERVED":
        raise incorrect_state(f"Public IP {found[0].id} is in state {found[0].lifecycle_state}.")
    return found[0]


def _release(store: Store, private: PrivateIp) -> None:
    """Frees the public address of a private one."""
    for public in store.find(PublicIp, private.region, lambda r: r.private_ip_id == private.id):
        if public.lifetime == "EPHEMERAL":
            store.drop(public)
            continue
        public.private_ip_id = public.assigned_entity_id = public.assigned_entity_type = None
        public.lifecycle_state = "AVAILABLE"
        public.revision += 1


def _taken(store: Store, subnet: Subnet) -> set[str]:
    found = store.find(PrivateIp, subnet.region, lambda r: r.subnet_id == subnet.id)
    return {private.ip_address for private in found}


def _private_address(store: Store, subnet: Subnet, wanted: str | None) -> str:
    network = IPv4Network(subnet.cidr_block)
    taken = _taken(store, subnet) | {str(network[1])}
    if wanted is not None:
        if wanted in taken or IPv4Address(wanted) not in network:
            raise invalid(f"privateIp {wanted} is not free in subnet {subnet.id} ({network}).")
        return wanted
    ranges = [IPv4Network(text) for text in reserved_ranges(store, subnet)]
    free = (
        address
        for address in network.hosts()
        if str(address) not in taken and not any(address in part for part in ranges)
    )
    found = next(free, None)
    if found is None:
        raise over_limit(f"Subnet {subnet.id} ({network}) has no free address left.")
    return str(found)
