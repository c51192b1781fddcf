"""The tenancy, and its home region, in which alone some of its things are managed."""

from dataclasses import dataclass
from typing import Final

import pulumi

from components.errors import OfferError

# Asked for by their tokens, as in `regional`.
_DOMAINS: Final = "oci:Identity/getAvailabilityDomains:getAvailabilityDomains"
_REGIONS: Final = "oci:Identity/getRegionSubscriptions:getRegionSubscriptions"


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """What cannot change as long as the tenancy is there."""

    tenancy_id: str
    """Which is its root compartment too."""
    region: str


def find_home(
    path: str, compartment_id: str, provider: pulumi.ProviderResource
) -> pulumi.Output[Home]:
    """Return the home of the tenancy that a compartment is in.

    Args:
        path: Of the setting that needs it.
        compartment_id: Any compartment of the tenancy.
        provider: With which it is asked for, of any region.

    Raises:
        OfferError: whoever deploys may not read it.
    """
    options = pulumi.InvokeOptions(provider=provider)
    return pulumi.Output.from_input(_found(path, compartment_id, options))


async def _found(path: str, compartment_id: str, options: pulumi.InvokeOptions) -> Home:
    # Availability domains are the tenancy's, and name it as their compartment,
    # https://docs.oracle.com/iaas/api/#/en/identity/latest/AvailabilityDomain
    asked = {"compartmentId": compartment_id}
    domains = await pulumi.runtime.invoke_async(_DOMAINS, asked, options)
    tenancy_id = str(domains["availabilityDomains"][0]["compartmentId"])
    try:
        answer = await pulumi.runtime.invoke_async(_REGIONS, {"tenancyId": tenancy_id}, options)
    except Exception as error:
        raise OfferError(
            f"{path}: needs the home region of the tenancy, which whoever deploys may not read, "
            f"got {tenancy_id}; let them `inspect tenancies in tenancy`"
        ) from error
    home = next(region for region in answer["regionSubscriptions"] if region["isHomeRegion"])
    return Home(tenancy_id=tenancy_id, region=str(home["regionName"]))
