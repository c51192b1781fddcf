"""Public addresses: reserved ones that clients make, and the look-ups of any."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from oci.core import models as sdk

from lab.cloud.core.kinds import PUBLIC_IP
from lab.cloud.core.vnics import assign, new_public_ip
from lab.cloud.errors import incorrect_state, not_found
from lab.cloud.resources import (
    check_compartment,
    check_etag,
    default_name,
    read_routes,
    shown,
    updater,
)
from lab.cloud.router import Call, Reply, Route
from lab.cloud.shapes import checked
from lab.cloud.store import Record


def create(call: Call) -> Reply:
    body = checked(sdk, "CreatePublicIpDetails", call.body)
    check_compartment(body["compartmentId"])
    private_id = body.pop("privateIpId", None)
    named = {"displayName": default_name("publicip"), **body}
    record = new_public_ip(call.store, call.region, **named)
    if private_id is not None:
        private = call.store.live("privateip", private_id, call.region)
        assign(record, private)
        vnic = call.store.live("vnic", private.body["vnicId"])
        vnic.body["publicIp"] = record.body["ipAddress"]
    return shown(record)


def delete(call: Call) -> Reply:
    record = call.store.live("publicip", call.params["id"], call.region)
    check_etag(call, record)
    if record.body.get("assignedEntityId"):
        raise incorrect_state(f"Public IP {record.id} is assigned; unassign it first.")
    record.body["lifecycleState"] = "TERMINATED"
    call.store.touch()
    return Reply(status=HTTPStatus.NO_CONTENT)


def by_address(call: Call) -> Reply:
    body = checked(sdk, "GetPublicIpByIpAddressDetails", call.body)
    return _first(call, lambda r: r.body["ipAddress"] == body["ipAddress"])


def by_private_ip(call: Call) -> Reply:
    body = checked(sdk, "GetPublicIpByPrivateIpIdDetails", call.body)
    return _first(call, lambda r: r.body.get("privateIpId") == body["privateIpId"])


def _first(call: Call, where: Callable[[Record], bool]) -> Reply:
    found = call.store.find("publicip", call.region, where)
    if not found:
        raise not_found()
    return shown(found[0])


PUBLIC_IP_ROUTES = (
    Route("POST", "/publicIps/actions/getByIpAddress", by_address),
    Route("POST", "/publicIps/actions/getByPrivateIpId", by_private_ip),
    Route("POST", "/publicIps", create),
    *read_routes(PUBLIC_IP),
    Route("PUT", "/publicIps/{id}", updater(PUBLIC_IP)),
    Route("DELETE", "/publicIps/{id}", delete),
)
