"""The rules of load balancers: an address in a subnet that forwards to backends.

The controller for Services of type LoadBalancer comes through here too, so that what it makes
obeys the same rules and shows in the same lists as what the API made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from lab.cloud.core.records import PublicIp, Subnet
from lab.cloud.core.vnics import Attachment, attach, detach, regroup, vnics_of
from lab.cloud.errors import conflict, incorrect_state, invalid, missing, not_found
from lab.cloud.ids import now
from lab.cloud.lifecycle import hosts
from lab.cloud.loadbalancer.records import (
    BackendSet,
    IpAddress,
    Listener,
    LoadBalancer,
    LoadBalancerWorkRequest,
    ReservedIp,
    ShapeDetails,
)
from lab.cloud.store import Store
from lab.hosts import spec

FLEXIBLE = "flexible"
MIN_MBPS, MAX_MBPS = 10, 8000
POLICIES = ("ROUND_ROBIN", "LEAST_CONNECTIONS", "IP_HASH")

Named = TypeVar("Named", BackendSet, Listener)


def create(store: Store, balancer: LoadBalancer) -> None:
    """A new load balancer; ACTIVE when its address forwards."""
    check_shape(balancer.shape_name, balancer.shape_details)
    for id_ in balancer.subnet_ids:
        store.live(Subnet, id_, balancer.region)
    if not balancer.subnet_ids:
        raise missing("subnetIds may not be empty.")
    for name, chosen in balancer.backend_sets.items():
        complete_set(name, chosen)
    for name, listener in balancer.listeners.items():
        complete_listener(name, listener, balancer.backend_sets)
    _attach(store, balancer)
    balancer.become("CREATING", "ACTIVE", hosts())
    store.keep(balancer)


def delete(store: Store, balancer: LoadBalancer) -> None:
    if balancer.is_delete_protection_enabled:
        raise conflict(f"Load balancer {balancer.id} has delete protection enabled.")
    balancer.become("DELETING", "DELETED", hosts())
    store.touch()


def release(store: Store, balancer: LoadBalancer) -> None:
    """Frees the addresses of a load balancer that is gone."""
    for vnic in vnics_of(store, balancer):
        detach(store, vnic)


def check_active(balancer: LoadBalancer) -> None:
    if balancer.lifecycle_state not in ("ACTIVE", "CREATING"):
        raise incorrect_state(
            f"Load balancer {balancer.id} is in state {balancer.lifecycle_state}."
        )


def check_shape(name: str, details: ShapeDetails) -> None:
    """The flexible shape with its bounds; the fixed ones are at their end of life."""
    if name.lower() != FLEXIBLE:
        raise invalid(f"shapeName '{name}' cannot be created any more; use flexible.")
    low, high = details.minimum_bandwidth_in_mbps, details.maximum_bandwidth_in_mbps
    if not MIN_MBPS <= low <= high <= MAX_MBPS:
        raise invalid(
            f"shapeDetails must be {MIN_MBPS} <= minimum <= maximum <= {MAX_MBPS} Mbps, "
            f"got {low} and {high}."
        )


def set_groups(store: Store, balancer: LoadBalancer, nsg_ids: list[str]) -> None:
    for vnic in vnics_of(store, balancer):
        regroup(store, vnic, nsg_ids)
    balancer.network_security_group_ids = list(nsg_ids)


def complete_set(name: str, chosen: BackendSet) -> None:
    """Checks a backend set, and gives it its name."""
    if chosen.policy not in POLICIES:
        raise invalid(f"policy '{chosen.policy}' is not one of {', '.join(POLICIES)}.")
    checker = chosen.health_checker
    if checker.protocol == "HTTP":
        checker.url_path = checker.url_path or "/"
    chosen.name = name


def complete_listener(name: str, listener: Listener, sets: Mapping[str, BackendSet]) -> None:
    """Checks a listener, and gives it its name."""
    if listener.default_backend_set_name not in sets:
        raise invalid(f"Listener {name}: no backend set {listener.default_backend_set_name}.")
    if listener.protocol not in ("TCP", "HTTP"):
        raise invalid(f"Listener {name}: protocol '{listener.protocol}' must be TCP or HTTP.")
    listener.name = name


def part(collection: Mapping[str, Named], name: str) -> Named:
    """A named listener or backend set, or 404."""
    if name not in collection:
        raise not_found()
    return collection[name]


def changed(store: Store, balancer: LoadBalancer) -> None:
    """Says that the machines must follow."""
    balancer.revision += 1
    store.touch()


def accept(store: Store, balancer: LoadBalancer, operation: str) -> LoadBalancerWorkRequest:
    """A work request that lasts as long as the load balancer is in a passing state."""
    return store.keep(
        LoadBalancerWorkRequest(
            region=balancer.region,
            compartment_id=balancer.compartment_id,
            lifecycle_state="IN_PROGRESS",
            load_balancer_id=balancer.id,
            type=operation,
        )
    )


def look(store: Store, request: LoadBalancerWorkRequest) -> LoadBalancerWorkRequest:
    """Brings a work request up to what its load balancer is now."""
    balancer = store.get(LoadBalancer, request.load_balancer_id)
    if request.lifecycle_state == "IN_PROGRESS" and not balancer.pending:
        request.lifecycle_state, request.message = "SUCCEEDED", "OK"
        request.time_finished = now()
        store.touch()
    return request


def listeners_of(balancer: LoadBalancer) -> tuple[spec.Listener, ...]:
    """What the machine must forward."""
    result = []
    for listener in balancer.listeners.values():
        chosen = balancer.backend_sets[listener.default_backend_set_name]
        checker = chosen.health_checker
        backends = [b for b in chosen.backends if not b.offline and not b.drain]
        result.append(
            spec.Listener(
                name=listener.name,
                port=listener.port,
                backends=tuple((b.ip_address, b.port) for b in backends),
                health_port=checker.port or (backends[0].port if backends else 0),
                health_path=checker.url_path if checker.protocol == "HTTP" else None,
            )
        )
    return tuple(result)


def _attach(store: Store, balancer: LoadBalancer) -> None:
    reserved = [store.live(PublicIp, r.id, balancer.region) for r in balancer.reserved_ips[:1]]
    vnic = attach(
        store,
        Attachment(
            subnet_id=balancer.subnet_ids[0],
            name=balancer.display_name,
            owner=balancer,
            nsg_ids=balancer.network_security_group_ids,
            public=not balancer.is_private,
            reserved_ip=reserved[0].ip_address if reserved else None,
        ),
    )
    address = vnic.private_ip if balancer.is_private else str(vnic.public_ip)
    balancer.ip_addresses = [
        IpAddress(
            ip_address=address,
            is_public=not balancer.is_private,
            reserved_ip=ReservedIp(id=reserved[0].id) if reserved else None,
        )
    ]
