"""Whom Oracle Cloud itself writes to: of cost, and of what fails below Kubernetes."""

from typing import Annotated, Final

from pydantic import Field

from components.settings.hosts import Email
from components.settings.types import CompartmentOcid, Kind, Model, Positive

_SOMEBODY: Final = ["[ops@example.com]"]

Percent = Annotated[int, Field(strict=True, ge=1, le=10_000), Kind("whole number, 1 to 10000")]
"""https://docs.oracle.com/iaas/Content/Billing/Tasks/create-alert-rule.htm"""


class BudgetSettings(Model):
    """The document `oke-mesh:budget`: what a month may cost. It tells, and stops nothing."""

    monthly: Positive = Field(examples=["500"])
    """What a month may cost, in the currency of the tenancy's rate card."""
    recipients: tuple[Email, ...] = Field(examples=_SOMEBODY)
    """Whom Oracle writes to by mail."""
    thresholds: tuple[Percent, ...] = (80, 100)
    """At which percentages of it that were spent."""
    forecasts: tuple[Percent, ...] = (100,)
    """At which percentages of it that the month is expected to end with; Oracle reckons from its
    first three days on."""
    compartment_id: CompartmentOcid | None = None
    """Whose cost counts, with that of all compartments in it; `oci.compartmentId` if not given. A
    compartment has one budget at most."""


class AlarmSettings(Model):
    """The document `oke-mesh:alarms`: whom Oracle writes to when nodes or peerings fail."""

    recipients: tuple[Email, ...] = Field(examples=_SOMEBODY)
    """Whom it writes to by mail, once they have confirmed the first one that asks them."""
