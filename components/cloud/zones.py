"""A zone in OCI DNS that is there already, by its name."""

from typing import Final

import pulumi

from components.errors import OfferError

# Asked for by its token, as in `regional`.
_FUNCTION: Final = "oci:Dns/getZone:getZone"


def find_zone(path: str, zone: str, provider: pulumi.ProviderResource) -> pulumi.Output[str]:
    """Return the OCID of the public zone of that name.

    A private zone is found together with its view alone, so it is never taken for a public one.

    Args:
        path: Where the name stands in the settings.
        zone: The name.
        provider: With which it is asked for.

    Raises:
        OfferError: there is none, or whoever deploys may not read it, which Oracle tells alike.
    """
    return pulumi.Output.from_input(_found(path, zone, pulumi.InvokeOptions(provider=provider)))


async def _found(path: str, zone: str, options: pulumi.InvokeOptions) -> str:
    try:
        answer = await pulumi.runtime.invoke_async(_FUNCTION, {"zoneNameOrId": zone}, options)
    except Exception as error:
        raise OfferError(
            f"{path}: is no public zone in OCI DNS that whoever deploys may read, got {zone!r}; "
            "make it there and delegate it, or let them `use dns-zones in tenancy where "
            f"target.dns-zone.name = '{zone}'`"
        ) from error
    return str(answer["id"])
