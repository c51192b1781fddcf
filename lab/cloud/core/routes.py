"""The core API: the table's operations, and the few that have a form of their own."""

from __future__ import annotations

from http import HTTPStatus

from oci.core import models as sdk

from lab.cloud.core import compute, kinds, peering, security
from lab.cloud.core.compute import SHAPES
from lab.cloud.core.gateways import services
from lab.cloud.core.images import images
from lab.cloud.core.public_ips import PUBLIC_IP_ROUTES
from lab.cloud.core.records import (
    ConsoleHistory,
    Drg,
    Instance,
    NetworkSecurityGroup,
    RemotePeeringConnection,
    SecurityRule,
    Vnic,
)
from lab.cloud.core.vnics import regroup
from lab.cloud.errors import incorrect_state, invalid, not_found
from lab.cloud.resources import (
    check_compartment,
    enter,
    getter,
    page,
    read_routes,
    routes_of,
    shown,
)
from lab.cloud.router import Call, Reply, Route, Service
from lab.cloud.shapes import checked

CONSOLE_BYTES = 10_240
"""Of a console's history where the client does not say."""


def _group(call: Call) -> NetworkSecurityGroup:
    return call.store.live(NetworkSecurityGroup, call.params["id"], call.region)


def list_rules(call: Call) -> Reply:
    direction = call.query.get("direction")
    rules = [r for r in _group(call).rules if direction in (None, r.direction)]
    return page(call, [rule.shown() for rule in rules])


def add_rules(call: Call) -> Reply:
    body = checked(sdk, "AddNetworkSecurityGroupSecurityRulesDetails", call.body)
    return _rules(security.add_rules(call.store, _group(call), body.get("securityRules", [])))


def update_rules(call: Call) -> Reply:
    body = checked(sdk, "UpdateNetworkSecurityGroupSecurityRulesDetails", call.body)
    return _rules(security.update_rules(call.store, _group(call), body.get("securityRules", [])))


def _rules(rules: list[SecurityRule]) -> Reply:
    return Reply(body={"securityRules": [rule.shown() for rule in rules]})


def remove_rules(call: Call) -> Reply:
    body = checked(sdk, "RemoveNetworkSecurityGroupSecurityRulesDetails", call.body)
    security.remove_rules(call.store, _group(call), body.get("securityRuleIds", []))
    return Reply(status=HTTPStatus.NO_CONTENT)


def list_group_vnics(call: Call) -> Reply:
    return page(call, security.member_rows(call.store, _group(call)))


def list_services(call: Call) -> Reply:
    return page(call, services(call.region))


def get_service(call: Call) -> Reply:
    for service in services(call.region):
        if service["id"] == call.params["id"]:
            return Reply(body=service)
    raise not_found()


def connect_peering(call: Call) -> Reply:
    connection = call.store.live(RemotePeeringConnection, call.params["id"], call.region)
    wanted = checked(sdk, "ConnectRemotePeeringConnectionsDetails", call.body)
    peering.connect(
        call.store, connection, peer_id=wanted["peerId"], region=wanted["peerRegionName"]
    )
    return Reply(status=HTTPStatus.NO_CONTENT)


def get_redundancy(call: Call) -> Reply:
    """The lab has neither IPSec nor FastConnect, so no DRG has a way out that could be doubled."""
    drg = call.store.live(Drg, call.params["id"], call.region)
    return Reply(body={"id": drg.id, "status": "NOT_REDUNDANT_NO_CONNECTION"})


def update_vnic(call: Call) -> Reply:
    before = call.store.live(Vnic, call.params["id"], call.region)
    vnic = call.store.keep(before.changed(checked(sdk, "UpdateVnicDetails", call.body)))
    regroup(call.store, vnic, vnic.nsg_ids)
    return shown(vnic)


def act_on_instance(call: Call) -> Reply:
    instance = call.store.live(Instance, call.params["id"], call.region)
    compute.act(instance, call.required("action"))
    call.store.touch()
    return shown(instance)


def capture_console(call: Call) -> Reply:
    body = checked(sdk, "CaptureConsoleHistoryDetails", call.body)
    instance = call.store.live(Instance, body["instanceId"], call.region)
    history = ConsoleHistory(
        region=call.region,
        compartment_id=instance.compartment_id,
        availability_domain=instance.availability_domain,
        **body,
    )
    enter(history, kinds.CONSOLE_HISTORY)
    return shown(call.store.keep(history))


def read_console(call: Call) -> Reply:
    history = call.store.live(ConsoleHistory, call.params["id"], call.region)
    if history.lifecycle_state != "SUCCEEDED":
        raise incorrect_state(f"Console history {history.id} is {history.lifecycle_state}.")
    text = history.content.encode()
    start = number(call, "offset", 0)
    part = text[start : start + number(call, "length", CONSOLE_BYTES)]
    left = max(0, len(text) - start - len(part))
    return Reply(body=part, headers={"opc-bytes-remaining": str(left)}, content_type="text/plain")


def forget_console(call: Call) -> Reply:
    call.store.drop(call.store.live(ConsoleHistory, call.params["id"], call.region))
    return Reply(status=HTTPStatus.NO_CONTENT)


def number(call: Call, name: str, default: int) -> int:
    value = call.query.get(name, str(default))
    if not value.isdecimal():
        raise invalid(f"{name} must be a number.")
    return int(value)


def list_images(call: Call) -> Reply:
    check_compartment(call.required("compartmentId"))
    names = ("displayName", "operatingSystem", "operatingSystemVersion", "lifecycleState")
    wanted = {name: call.query[name] for name in names if name in call.query}
    found = [
        image
        for image in images(call.region)
        # the vendor's list has no node images; clients learn those from the node pool options
        if "-OKE-" not in image["displayName"] and wanted.items() <= image.items()
    ]
    if call.query.get("sortBy") == "TIMECREATED" or "sortBy" not in call.query:
        found.sort(key=lambda image: str(image["displayName"]), reverse=True)
    return page(call, found)


def get_image(call: Call) -> Reply:
    for image in images(call.region):
        if image["id"] == call.params["id"]:
            return Reply(body=image)
    raise not_found()


def list_shapes(call: Call) -> Reply:
    check_compartment(call.required("compartmentId"))
    return page(
        call, [{"shape": name, "isFlexible": flexible} for name, flexible in SHAPES.items()]
    )


SERVICE = Service(
    name="core",
    hosts=("iaas.<region:region>.oraclecloud.com",),
    base="/20160918",
    clients=(
        "oci.core.virtual_network_client",
        "oci.core.compute_client",
        "oci.core.blockstorage_client",
        "oci.work_requests.work_request_client",
    ),
    routes=(
        Route("GET", "/networkSecurityGroups/<id>/securityRules", list_rules),
        Route("POST", "/networkSecurityGroups/<id>/actions/addSecurityRules", add_rules),
        Route("POST", "/networkSecurityGroups/<id>/actions/updateSecurityRules", update_rules),
        Route("POST", "/networkSecurityGroups/<id>/actions/removeSecurityRules", remove_rules),
        Route("GET", "/networkSecurityGroups/<id>/vnics", list_group_vnics),
        Route("GET", "/services", list_services),
        Route("GET", "/services/<id>", get_service),
        Route("POST", "/remotePeeringConnections/<id>/actions/connect", connect_peering),
        Route("GET", "/drgs/<id>/redundancyStatus", get_redundancy),
        Route("GET", "/vnics/<id>", getter(kinds.VNIC)),
        Route("PUT", "/vnics/<id>", update_vnic),
        Route("POST", "/instances/<id>", act_on_instance),
        Route("POST", "/instanceConsoleHistories", capture_console),
        Route("GET", "/instanceConsoleHistories/<id>/data", read_console),
        Route("DELETE", "/instanceConsoleHistories/<id>", forget_console),
        Route("GET", "/images", list_images),
        Route("GET", "/images/<id>", get_image),
        Route("GET", "/shapes", list_shapes),
        *PUBLIC_IP_ROUTES,
        *(route for kind in kinds.MANAGED for route in routes_of(kind)),
        *(route for kind in kinds.READ for route in read_routes(kind)),
    ),
)
