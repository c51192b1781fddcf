"""Oracle's services in a region, as routes, rules and the service gateway name them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components.errors import OfferError
from components.plan.plan import Member


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
