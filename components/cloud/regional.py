"""What a region of Oracle Cloud has: availability domains, and Oracle's services by their label."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_oci as oci

from components.errors import OfferError
from components.plan.plan import Member

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


@dataclass(frozen=True, kw_only=True, slots=True)
class ServicesNetwork:
    """The label that stands for all services of a region."""

    service_id: str
    cidr_label: str
    """What rules have in place of a range, such as `all-fra-services-in-...`."""


def find_services(member: Member, parent: pulumi.Resource) -> pulumi.Output[ServicesNetwork]:
    """Look up the services of the region of `member`, with the provider of `parent`."""
    found = oci.core.get_services_output(opts=pulumi.InvokeOptions(parent=parent))
    return found.services.apply(lambda services: _all_services(member, services))


def _all_services(
    member: Member, services: Sequence[oci.core.outputs.GetServicesServiceResult]
) -> ServicesNetwork:
    labels = [service.cidr_block for service in services]
    chosen = [service for service in services if service.cidr_block.startswith("all-")]
    if len(chosen) != 1:
        raise OfferError(
            f"clusters.{member.key}.region: offers {len(chosen)} labels for all services of "
            f"Oracle, got {member.settings.region} with {', '.join(labels) or 'none'}; "
            f"choose a region that offers one"
        )
    return ServicesNetwork(service_id=chosen[0].id, cidr_label=chosen[0].cidr_block)
