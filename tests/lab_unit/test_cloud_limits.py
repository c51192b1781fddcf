"""Service limits, asked by the vendor's own client."""

from __future__ import annotations

from typing import Any

import pytest
from oci.exceptions import ServiceError
from oci.limits import LimitsClient

from lab.cloud.identity.models import domain_names
from lab.cloud.ids import COMPARTMENT_ID
from tests.lab_unit.cloud_fixtures import REGION, Lab


def left(lab: Lab, service: str, limit: str, **more: Any) -> tuple[int, int]:
    found = lab.client(LimitsClient).get_resource_availability(
        service, limit, COMPARTMENT_ID, **more
    )
    return found.data.available, found.data.used


def test_what_is_made_is_taken_of_its_limit(lab: Lab) -> None:
    available, used = left(lab, "vcn", "vcn-count")
    lab.vcn()
    assert left(lab, "vcn", "vcn-count") == (available - 1, used + 1)


def test_cores_are_those_of_a_domain(lab: Lab) -> None:
    for domain in domain_names(REGION):
        found = left(lab, "compute", "standard-e4-core-count", availability_domain=domain)
        assert found == (500, 0)
    with pytest.raises(ServiceError, match="availabilityDomain None is not in"):
        left(lab, "compute", "standard-e4-core-count")


def test_other_limits_have_no_domain(lab: Lab) -> None:
    with pytest.raises(ServiceError, match="scope AD"):
        left(lab, "vcn", "vcn-count", availability_domain=domain_names(REGION)[0])


def test_a_limit_that_nobody_knows_is_not_found(lab: Lab) -> None:
    with pytest.raises(ServiceError, match="NotAuthorizedOrNotFound"):
        left(lab, "vcn", "moons-count")
