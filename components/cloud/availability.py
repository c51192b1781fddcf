"""Asks at preview what service limits leave, and tells what is short before anything is made."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import pulumi

from components.cloud import offers
from components.cloud.limits import Availability, Need, needs_of, shortage
from components.errors import OfferError
from components.plan.plan import Plan
from components.settings.stack import Settings

# Asked by their tokens, as in `regional`: the vendor's package around them takes long to import.
_AVAILABILITY: Final = "oci:Limits/getResourceAvailability:getResourceAvailability"
_DOMAINS: Final = "oci:Identity/getAvailabilityDomains:getAvailabilityDomains"

# An answer that says no may be a page long.
_SHOWN: Final = 240

Providers = Mapping[str, pulumi.ProviderResource]


def tell_shortages(
    settings: Settings, plan: Plan, last: Mapping[str, Any], *, providers: Providers
) -> pulumi.Output[int]:
    """End a preview whose update would meet a limit; warn where it may.

    The program ends with what this raises, also when nobody waits for it.

    Args:
        settings: What is asked for.
        plan: What follows from it.
        last: The last outputs, by which what is there is not counted as new.
        providers: Of each region.

    Returns:
        Of how many limits nothing is known.
    """
    needs = needs_of(settings, plan, last) if pulumi.runtime.is_dry_run() else []
    return pulumi.Output.from_input(_told(needs, providers))


async def _told(needs: list[Need], providers: Providers) -> int:
    answers = await asyncio.gather(
        *(_asked(need, providers[need.region]) for need in needs), return_exceptions=True
    )
    unread: dict[str, BaseException] = {}
    short: list[str] = []
    for need, found in zip(needs, answers, strict=True):
        if isinstance(found, BaseException):
            unread[need.limit.name] = found
        elif said := shortage(need, found):
            text, is_certain = said
            if is_certain:
                short.append(text)
            else:
                pulumi.log.warn(text)
    if unread:
        # The engine begins with the question, which is told by the names of the limits.
        reason = str(next(iter(unread.values()))).rpartition("failed: ")[2]
        pulumi.log.info(
            f"limits: not read of {', '.join(sorted(unread))}, got "
            f"{' '.join(reason.split())[:_SHOWN]}; whoever deploys needs `read "
            "resource-availability in tenancy` to be told before an update meets one"
        )
    if short:
        heading = [f"{len(short)} service limits are too low:"] if len(short) > 1 else []
        raise OfferError("\n  ".join([*heading, *short]))
    return len(unread)


async def _asked(need: Need, provider: pulumi.ProviderResource) -> Availability:
    """Return what all places of a need have together.

    Each compartment has the tenancy's limit, or less by a quota of its own.
    """
    options = pulumi.InvokeOptions(provider=provider)
    places: list[dict[str, str]] = [{}]
    if need.domains is not None:
        places = [{"availabilityDomain": name} for name in await _domain_names(need, options)]
    limit = {"serviceName": need.limit.service, "limitName": need.limit.name}
    available = used = 0
    for place in places:
        found = [
            await _one({"compartmentId": id_, **limit, **place}, options)
            for id_ in need.compartment_ids
        ]
        available += min(one.available for one in found)
        used += sum(one.used for one in found)
    return Availability(available=available, used=used)


async def _one(question: Mapping[str, str], options: pulumi.InvokeOptions) -> Availability:
    answer = await pulumi.runtime.invoke_async(_AVAILABILITY, dict(question), options)
    if answer is None:
        raise OfferError("no answer yet")
    return Availability(available=int(answer["available"]), used=int(answer["used"]))


async def _domain_names(need: Need, options: pulumi.InvokeOptions) -> list[str]:
    asked = {"compartmentId": need.compartment_ids[0]}
    answer = await pulumi.runtime.invoke_async(_DOMAINS, asked, options)
    names = [domain["name"] for domain in answer["availabilityDomains"]]
    return offers.domains(need.parts[0].who, names, need.domains or ())
