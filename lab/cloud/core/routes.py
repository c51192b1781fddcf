"""The core API: the table's operations, and the few that have a form of their own."""

from __future__ import annotations

from http import HTTPStatus

from oci.core import models as sdk

from lab.cloud.cloud import Cloud
from lab.cloud.core import kinds, peering, security
from lab.cloud.core.compute import SHAPES
from lab.cloud.core.gateways import services
from lab.cloud.core.images import images
from lab.cloud.core.public_ips import PUBLIC_IP_ROUTES
from lab.cloud.core.vnics import regroup
from lab.cloud.errors import not_found
from lab.cloud.resources import check_compartment, getter, page, read_routes, routes_of, shown
from lab.cloud.router import Call, Json, Reply, Route, Service
from lab.cloud.shapes import checked
from lab.cloud.store import Record


def _group(cloud: Cloud, call: Call) -> Record:
    return cloud.store.live("networksecuritygroup", call.params["id"], call.region)


def list_rules(cloud: Cloud, call: Call) -> Reply:
    rules: list[Json] = _group(cloud, call).hidden["rules"]
    direction = call.query.get("direction")
    return page(call, [rule for rule in rules if direction in (None, rule["direction"])])


def add_rules(cloud: Cloud, call: Call) -> Reply:
    body = checked(sdk, "AddNetworkSecurityGroupSecurityRulesDetails", call.body)
    rules = body.get("securityRules", [])
    return Reply(
        body={"securityRules": security.add_rules(cloud.store, _group(cloud, call), rules)}
    )


def update_rules(cloud: Cloud, call: Call) -> Reply:
    body = checked(sdk, "UpdateNetworkSecurityGroupSecurityRulesDetails", call.body)
    group = _group(cloud, call)
    rules = security.update_rules(cloud.store, group, body.get("securityRules", []))
    return Reply(body={"securityRules": rules})


def remove_rules(cloud: Cloud, call: Call) -> Reply:
    body = checked(sdk, "RemoveNetworkSecurityGroupSecurityRulesDetails", call.body)
    ids = body.get("securityRuleIds", [])
    security.remove_rules(cloud.store, _group(cloud, call), ids)
    return Reply(status=HTTPStatus.NO_CONTENT)


def list_group_vnics(cloud: Cloud, call: Call) -> Reply:
    return page(call, security.member_rows(cloud.store, _group(cloud, call)))


def list_services(_cloud: Cloud, call: Call) -> Reply:
    return page(call, services(call.region))


def get_service(_cloud: Cloud, call: Call) -> Reply:
    for service in services(call.region):
        if service["id"] == call.params["id"]:
            return Reply(body=service)
    raise not_found()


def connect_peering(cloud: Cloud, call: Call) -> Reply:
    connection = cloud.store.live("remotepeeringconnection", call.params["id"], call.region)
    wanted = checked(sdk, "ConnectRemotePeeringConnectionsDetails", call.body)
    peering.connect(cloud.store, connection, wanted)
    return Reply(status=HTTPStatus.NO_CONTENT)


def update_vnic(cloud: Cloud, call: Call) -> Reply:
    vnic = cloud.store.live("vnic", call.params["id"], call.region)
    change = checked(sdk, "UpdateVnicDetails", call.body)
    regroup(cloud.store, vnic, change.pop("nsgIds", vnic.body["nsgIds"]))
    vnic.body.update(change)
    return shown(vnic)


def list_images(_cloud: Cloud, call: Call) -> Reply:
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


def get_image(_cloud: Cloud, call: Call) -> Reply:
    for image in images(call.region):
        if image["id"] == call.params["id"]:
            return Reply(body=image)
    raise not_found()


def list_shapes(_cloud: Cloud, call: Call) -> Reply:
    check_compartment(call.required("compartmentId"))
    return page(
        call, [{"shape": name, "isFlexible": flexible} for name, flexible in SHAPES.items()]
    )


SERVICE = Service(
    name="core",
    hosts=("iaas.{region}.oraclecloud.com",),
    base="/20160918",
    clients=(
        "oci.core.virtual_network_client",
        "oci.core.compute_client",
        "oci.core.blockstorage_client",
        "oci.work_requests.work_request_client",
    ),
    routes=(
        Route("GET", "/networkSecurityGroups/{id}/securityRules", list_rules),
        Route("POST", "/networkSecurityGroups/{id}/actions/addSecurityRules", add_rules),
        Route("POST", "/networkSecurityGroups/{id}/actions/updateSecurityRules", update_rules),
        Route("POST", "/networkSecurityGroups/{id}/actions/removeSecurityRules", remove_rules),
        Route("GET", "/networkSecurityGroups/{id}/vnics", list_group_vnics),
        Route("GET", "/services", list_services),
        Route("GET", "/services/{id}", get_service),
        Route("POST", "/remotePeeringConnections/{id}/actions/connect", connect_peering),
        Route("GET", "/vnics/{id}", getter(kinds.VNIC)),
        Route("PUT", "/vnics/{id}", update_vnic),
        Route("GET", "/images", list_images),
        Route("GET", "/images/{id}", get_image),
        Route("GET", "/shapes", list_shapes),
        *PUBLIC_IP_ROUTES,
        *(route for kind in kinds.MANAGED for route in routes_of(kind)),
        *(route for kind in kinds.READ for route in read_routes(kind)),
    ),
)
