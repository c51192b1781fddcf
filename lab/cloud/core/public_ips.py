"""Public addresses: reserved ones that clients make, and the look-ups of any."""

from __future__ import annotations

from collections.abc import Callable

from oci.core import models as sdk

from lab.cloud.core.records import PrivateIp, PublicIp, Vnic
from lab.cloud.core.vnics import assign, free_address
from lab.cloud.errors import incorrect_state, not_found
from lab.cloud.resources import Kind, routes_of, shown
from lab.cloud.router import Call, Reply, Route
from lab.cloud.shapes import checked
from lab.cloud.store import Store


def create(store: Store, public: PublicIp) -> None:
    public.ip_address = free_address(store)
    if public.private_ip_id is not None:
        private = store.live(PrivateIp, public.private_ip_id, public.region)
        assign(public, private)
        store.live(Vnic, private.vnic_id).public_ip = public.ip_address


def delete(_store: Store, public: PublicIp) -> None:
    if public.assigned_entity_id:
        raise incorrect_state(f"Public IP {public.id} is assigned; unassign it first.")


def by_address(call: Call) -> Reply:
    body = checked(sdk, "GetPublicIpByIpAddressDetails", call.body)
    return _first(call, lambda r: r.ip_address == body["ipAddress"])


def by_private_ip(call: Call) -> Reply:
    body = checked(sdk, "GetPublicIpByPrivateIpIdDetails", call.body)
    return _first(call, lambda r: r.private_ip_id == body["privateIpId"])


def _first(call: Call, where: Callable[[PublicIp], bool]) -> Reply:
    found = call.store.find(PublicIp, call.region, where)
    if not found:
        raise not_found()
    return shown(found[0])


PUBLIC_IP = Kind(
    record=PublicIp,
    path="/publicIps",
    models=sdk,
    create=create,
    delete=delete,
    filters=("lifetime", "scope"),
    needs=("scope", "compartmentId"),
)
PUBLIC_IP_ROUTES = (
    Route("POST", "/publicIps/actions/getByIpAddress", by_address),
    Route("POST", "/publicIps/actions/getByPrivateIpId", by_private_ip),
    *routes_of(PUBLIC_IP),
)
