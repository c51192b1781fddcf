"""VNICs and addresses: who has which private and public address, in which security groups.

Other services attach their machines here (`attach`, `detach`); a subnet or a group with a VNIC
cannot be deleted, whoever put it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.errors import incorrect_state, invalid, not_found, over_limit
from lab.cloud.ids import COMPARTMENT_ID
from lab.cloud.store import Record, Store
from lab.paths import PUBLIC_RANGE

PUBLIC_POOL = IPv4Network(PUBLIC_RANGE)

MAX_GROUPS = 5
"""Security groups of one VNIC."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """What a VNIC should be."""

    subnet_id: str
    name: str
    owner: str
    """OCID of the cluster, node, load balancer or instance whose interface it is."""
    region: str
    compartment_id: str = COMPARTMENT_ID
    nsg_ids: Sequence[str] = ()
    public: bool = False
    reserved_ip: str | None = None
    """A reserved public address instead of a fresh one."""
    private_ip: str | None = None


def attach(store: Store, wanted: Attachment) -> Record:
    """A new VNIC with its addresses."""
    subnet = store.live("subnet", wanted.subnet_id, wanted.region)
    if wanted.public and subnet.body["prohibitPublicIpOnVnic"]:
        raise invalid(
            f"Subnet {subnet.id} prohibits public IP addresses: a VNIC in it cannot have one."
        )
    check_groups(store, subnet, wanted.nsg_ids)
    address = _private_address(store, subnet, wanted.private_ip)
    vnic = store.create(
        "vnic",
        wanted.region,
        {
            "compartmentId": wanted.compartment_id,
            "displayName": wanted.name,
            "lifecycleState": "AVAILABLE",
            "nsgIds": list(wanted.nsg_ids),
            "privateIp": address,
            "subnetId": subnet.id,
            "isPrimary": True,
            "skipSourceDestCheck": False,
            "macAddress": mac_address(address),
        },
        owner=wanted.owner,
    )
    private = _private_ip(store, vnic)
    if wanted.public:
        public = _public_ip(store, wanted)
        assign(public, private)
        vnic.body["publicIp"] = public.body["ipAddress"]
    return vnic


def _private_ip(store: Store, vnic: Record) -> Record:
    """The VNIC's own address, as a resource that public addresses are assigned to."""
    return store.create(
        "privateip",
        vnic.region,
        {
            "compartmentId": vnic.body["compartmentId"],
            "displayName": vnic.body["displayName"],
            "ipAddress": vnic.body["privateIp"],
            "isPrimary": True,
            "subnetId": vnic.body["subnetId"],
            "vnicId": vnic.id,
        },
    )


def detach(store: Store, vnic: Record) -> None:
    """Ends a VNIC; a reserved address stays for the next."""
    for private in store.find("privateip", vnic.region, lambda r: r.body["vnicId"] == vnic.id):
        _release(store, private)
        store.drop(private)
    store.drop(vnic)


def vnics_of(store: Store, owner: str) -> list[Record]:
    """The VNICs of a machine, the first first."""
    return store.find("vnic", where=lambda r: r.hidden["owner"] == owner)


def regroup(store: Store, vnic: Record, nsg_ids: Sequence[str]) -> None:
    """Puts a VNIC into other security groups."""
    subnet = store.live("subnet", vnic.body["subnetId"])
    check_groups(store, subnet, nsg_ids)
    vnic.body["nsgIds"] = list(nsg_ids)
    vnic.revision += 1
    store.touch()


def check_groups(store: Store, subnet: Record, nsg_ids: Sequence[str]) -> None:
    """Security groups are of the VNIC's own VCN."""
    if len(nsg_ids) > MAX_GROUPS:
        raise invalid(f"A VNIC can be in at most {MAX_GROUPS} network security groups.")
    for id_ in nsg_ids:
        group = store.live("networksecuritygroup", id_, subnet.region)
        if group.body["vcnId"] != subnet.body["vcnId"]:
            raise invalid(f"NetworkSecurityGroup {id_} is not in the VCN of subnet {subnet.id}.")


def gateway_address(cidr: str) -> str:
    """A subnet's first address is its router's."""
    return str(IPv4Network(cidr)[1])


def reserve_range(store: Store, subnet: Record, size: int) -> str:
    """An aligned part of a subnet for the pods of one node, taken from the end."""
    network = IPv4Network(subnet.body["cidrBlock"])
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


def reserved_ranges(store: Store, subnet: Record) -> Iterator[str]:
    """The parts of a subnet that nodes hand out to their pods."""
    for node in store.find("instance", subnet.region):
        if node.hidden.get("pod_subnet") == subnet.id:
            yield node.hidden["pod_range"]


def mac_address(address: str) -> str:
    """A hardware address that follows from the private one."""
    return "02:00:17:" + ":".join(f"{byte:02x}" for byte in IPv4Address(address).packed[1:])


def new_public_ip(store: Store, region: str, **body: object) -> Record:
    """A public address from the pool."""
    taken = {record.body["ipAddress"] for record in store.find("publicip")}
    for address in PUBLIC_POOL.hosts():
        if str(address) not in taken:
            return store.create(
                "publicip",
                region,
                {
                    "compartmentId": COMPARTMENT_ID,
                    "freeformTags": {},
                    "definedTags": {},
                    "scope": "REGION",
                    "ipAddress": str(address),
                    "lifecycleState": "AVAILABLE",
                    **body,
                },
            )
    raise over_limit("The pool of public IP addresses is exhausted.")


def assign(public: Record, private: Record) -> None:
    """Gives a public address to a private one."""
    public.body |= {
        "privateIpId": private.id,
        "assignedEntityId": private.id,
        "assignedEntityType": "PRIVATE_IP",
        "lifecycleState": "ASSIGNED",
    }
    public.revision += 1


def _public_ip(store: Store, wanted: Attachment) -> Record:
    if wanted.reserved_ip is None:
        return new_public_ip(store, wanted.region, displayName=wanted.name, lifetime="EPHEMERAL")
    found = store.find(
        "publicip", wanted.region, lambda r: r.body["ipAddress"] == wanted.reserved_ip
    )
    if not found:
        raise not_found()
    if found[0].state != "AVAILABLE" or found[0].body["lifetime"] != "RESERVED":
        raise incorrect_state(f"Public IP {found[0].id} is in state {found[0].state}.")
    return found[0]


def _release(store: Store, private: Record) -> None:
    """Frees the public address of a private one."""
    for public in store.find(
        "publicip", private.region, lambda r: r.body.get("privateIpId") == private.id
    ):
        if public.body["lifetime"] == "EPHEMERAL":
            store.drop(public)
            continue
        for name in ("privateIpId", "assignedEntityId", "assignedEntityType"):
            public.body.pop(name, None)
        public.body["lifecycleState"] = "AVAILABLE"
        public.revision += 1


def _taken(store: Store, subnet: Record) -> set[str]:
    records = store.find("privateip", subnet.region, lambda r: r.body["subnetId"] == subnet.id)
    return {record.body["ipAddress"] for record in records}


def _private_address(store: Store, subnet: Record, wanted: str | None) -> str:
    network = IPv4Network(subnet.body["cidrBlock"])
    taken = _taken(store, subnet) | {gateway_address(subnet.body["cidrBlock"])}
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
