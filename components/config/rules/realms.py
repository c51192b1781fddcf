"""Realms: every OCID and every region is of the one cloud that the compartment is in.

A realm shares nothing with another, so that a mix-up is a sign-in or a lookup that fails later.
"""

from collections.abc import Iterator
from typing import Final

from components.config.rules.existing import image_of_operator, regional_ocids
from components.config.rules.given import Given, Rule, problem
from components.errors import Problem
from components.settings import regions
from components.settings.types import ocid_realm

_REFERENCE: Final = "oci.compartmentId"


def _ocids(given: Given) -> Iterator[Problem]:
    wanted = ocid_realm(given.settings.oci.compartment_id)
    for location, ocid in _every_ocid(given):
        found = ocid_realm(ocid)
        if found != wanted:
            yield problem(
                location,
                f"is in realm {found}, but {_REFERENCE} is in {wanted}",
                got=ocid,
                remedy="give an OCID of the same tenancy",
            )


def _regions(given: Given) -> Iterator[Problem]:
    wanted = ocid_realm(given.settings.oci.compartment_id)
    places = {f"clusters.{key}.region": cluster.region for key, cluster in given.clusters.items()}
    dns = given.settings.mesh.ingress.dns
    if dns:
        places["mesh.ingress.dns.region"] = dns.region
    for location, region in places.items():
        found = regions.realm(region)
        if found not in {None, wanted}:
            yield problem(
                location,
                f"is in realm {found}, but {_REFERENCE} is in {wanted}",
                got=region,
                remedy="give a region that the tenancy has, or a compartment of that realm",
            )


def _every_ocid(given: Given) -> Iterator[tuple[str, str]]:
    oci = given.settings.oci
    if oci.tenancy_id:
        yield "oci.tenancyId", oci.tenancy_id
    if oci.user_id:
        yield "oci.userId", oci.user_id
    budget = given.settings.budget
    if budget and budget.compartment_id:
        yield "budget.compartmentId", budget.compartment_id
    for key, cluster in given.clusters.items():
        if cluster.compartment_id:
            yield f"clusters.{key}.compartmentId", cluster.compartment_id
        yield from regional_ocids(key, cluster)
        yield from image_of_operator(key, given)


RULES: Final[tuple[Rule, ...]] = (_ocids, _regions)
