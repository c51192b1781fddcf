"""The availability domains of a region, by the names that a tenancy has for them."""

from typing import Any, Final

import pulumi

_FUNCTION: Final = "oci:Identity/getAvailabilityDomains:getAvailabilityDomains"


def availability_domains(compartment_id: str, parent: pulumi.Resource) -> pulumi.Output[list[str]]:
    """Return the names of the availability domains in the region of the parent's provider.

    Asked for by the function's token: to import the vendor's package around it takes longer than
    all that it holds for the rest of the program, two thirds of a second in every preview.
    """
    found: pulumi.Output[dict[str, Any]] = pulumi.runtime.invoke_output(
        _FUNCTION, {"compartmentId": compartment_id}, opts=pulumi.InvokeOptions(parent=parent)
    )
    return found.apply(lambda known: [domain["name"] for domain in known["availabilityDomains"]])
