"""The identity API: what clients ask before they make anything."""

from __future__ import annotations

from lab.cloud.errors import invalid, not_found
from lab.cloud.identity import models
from lab.cloud.ids import TENANCY_ID
from lab.cloud.resources import check_compartment, page
from lab.cloud.router import Call, Reply, Route, Service


def list_regions(call: Call) -> Reply:
    return page(call, models.regions())


def list_region_subscriptions(call: Call) -> Reply:
    _check_tenancy(call)
    return page(call, models.subscriptions(call.home_region))


def get_tenancy(call: Call) -> Reply:
    _check_tenancy(call)
    return Reply(body=models.tenancy(call.home_region))


def list_availability_domains(call: Call) -> Reply:
    check_compartment(call.required("compartmentId"))
    return page(call, models.availability_domains(call.region))


def list_fault_domains(call: Call) -> Reply:
    check_compartment(call.required("compartmentId"))
    domain = call.required("availabilityDomain")
    if domain not in models.domain_names(call.region):
        raise invalid(f"availabilityDomain {domain} is not in {call.region}.")
    return page(call, models.fault_domains(domain))


def get_compartment(call: Call) -> Reply:
    for compartment in models.compartments():
        if compartment["id"] == call.params["id"]:
            return Reply(body=compartment)
    raise not_found()


def list_compartments(call: Call) -> Reply:
    """The children of a compartment; with the subtree's own name where it is given."""
    parent = call.required("compartmentId")
    check_compartment(parent)
    name = call.query.get("name")
    children = [
        compartment
        for compartment in models.compartments()
        if compartment.get("compartmentId") == parent and name in (None, compartment["name"])
    ]
    return page(call, children)


def _check_tenancy(call: Call) -> None:
    if call.params["id"] != TENANCY_ID:
        raise not_found()


SERVICE = Service(
    name="identity",
    hosts=(
        "identity.<region:region>.oci.oraclecloud.com",
        "identity.<region:region>.oraclecloud.com",
    ),
    base="/20160918",
    clients=("oci.identity.identity_client",),
    routes=(
        Route("GET", "/regions", list_regions),
        Route("GET", "/tenancies/<id>/regionSubscriptions", list_region_subscriptions),
        Route("GET", "/tenancies/<id>", get_tenancy),
        Route("GET", "/availabilityDomains", list_availability_domains),
        Route("GET", "/faultDomains", list_fault_domains),
        Route("GET", "/compartments/<id>", get_compartment),
        Route("GET", "/compartments", list_compartments),
    ),
)
