"""The limits API: what is left of each limit that the program asks for.

The numbers are those of a tenancy that pays, and more than any stack of the lab takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lab.cloud.core.records import Drg, RemotePeeringConnection, Vcn
from lab.cloud.errors import invalid, not_found
from lab.cloud.identity.models import domain_names
from lab.cloud.loadbalancer.records import LoadBalancer
from lab.cloud.records import Resource
from lab.cloud.resources import check_compartment
from lab.cloud.router import Call, Reply, Route, Service

CORES: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """How many there may be in a region, or in each of its availability domains."""

    value: int
    counted: type[Resource] | None = None
    """What takes of it; None where the lab does not count."""
    is_of_domain: bool = False


_CORES: Final = Limit(value=CORES, is_of_domain=True)
LIMITS: Final[Mapping[tuple[str, str], Limit]] = {
    ("vcn", "vcn-count"): Limit(value=50, counted=Vcn),
    ("vcn", "drg-count"): Limit(value=5, counted=Drg),
    ("fast-connect", "remote-peering-connection-count"): Limit(
        value=50, counted=RemotePeeringConnection
    ),
    ("load-balancer", "lb-flexible-count"): Limit(value=300, counted=LoadBalancer),
    ("network-load-balancer-api", "max-nlb-flexible-count"): Limit(value=50),
    ("compute", "standard3-core-count"): _CORES,
    ("compute", "standard-e3-core-ad-count"): _CORES,
    **{
        ("compute", f"standard-{name}-core-count"): _CORES
        for name in ("e4", "e5", "e6", "a1", "a2")
    },
}


def get_resource_availability(call: Call) -> Reply:
    """What is left in a region or a domain, and what the compartment has."""
    compartment = call.required("compartmentId")
    check_compartment(compartment)
    limit = LIMITS.get((call.params["service"], call.params["limit"]))
    if limit is None:
        raise not_found()
    _check_domain(call, limit)
    kind = limit.counted
    taken = call.store.find(kind, call.region) if kind else []
    body = {
        "available": limit.value - len(taken),
        "used": sum(record.compartment_id == compartment for record in taken),
    }
    return Reply(body=body)


def _check_domain(call: Call, limit: Limit) -> None:
    domain = call.query.get("availabilityDomain")
    if limit.is_of_domain and domain not in domain_names(call.region):
        raise invalid(f"availabilityDomain {domain} is not in {call.region}.")
    if domain and not limit.is_of_domain:
        raise invalid("availabilityDomain is of limits of scope AD.")


SERVICE = Service(
    name="limits",
    hosts=("limits.<region:region>.oci.oraclecloud.com",),
    # The version is a part of each path, as in the vendor's client.
    base="",
    clients=("oci.limits.limits_client",),
    routes=(
        Route(
            "GET",
            "/20190729/services/<service>/limits/<limit>/resourceAvailability",
            get_resource_availability,
        ),
    ),
)
