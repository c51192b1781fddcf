"""What the lab's tenancy is: its regions, domains and compartment."""

from __future__ import annotations

from oci.regions_definitions import REGIONS_SHORT_NAMES

from lab.cloud.authority import REGIONS
from lab.cloud.ids import COMPARTMENT_ID, TENANCY_ID, fixed_ocid
from lab.cloud.records import Json

_KEYS: dict[str, str] = {region: key.upper() for key, region in REGIONS_SHORT_NAMES.items()}
_DOMAINS = {"us-ashburn-1": 3, "us-phoenix-1": 3, "eu-frankfurt-1": 3, "uk-london-1": 3}
"""Regions with three availability domains; the others have one."""
_DOMAIN_NAMES = {"us-ashburn-1": "US-ASHBURN", "us-phoenix-1": "PHX"}
_PREFIX = "OKEM"
"""Each tenancy sees the domains under a prefix of its own."""
_FAULT_DOMAINS = 3
_BORN = "2026-01-01T00:00:00.000Z"


def region_key(region: str) -> str:
    """The three letters of a region."""
    return _KEYS.get(region, region.upper())


def regions() -> list[Json]:
    return [{"key": region_key(region), "name": region} for region in REGIONS]


def subscriptions(home_region: str) -> list[Json]:
    """The lab's tenancy is subscribed to every public region."""
    return [
        {
            "regionKey": region_key(region),
            "regionName": region,
            "status": "READY",
            "isHomeRegion": region == home_region,
        }
        for region in REGIONS
    ]


def domain_names(region: str) -> list[str]:
    """The availability domains of a region."""
    stem = _DOMAIN_NAMES.get(region, region.upper())
    return [f"{_PREFIX}:{stem}-AD-{n + 1}" for n in range(_DOMAINS.get(region, 1))]


def availability_domains(region: str) -> list[Json]:
    return [
        {
            "id": fixed_ocid("availabilitydomain", name),
            "name": name,
            "compartmentId": TENANCY_ID,
        }
        for name in domain_names(region)
    ]


def fault_domains(domain: str) -> list[Json]:
    return [
        {
            "id": fixed_ocid("faultdomain", f"{domain}/{n}"),
            "name": f"FAULT-DOMAIN-{n}",
            "compartmentId": TENANCY_ID,
            "availabilityDomain": domain,
        }
        for n in range(1, _FAULT_DOMAINS + 1)
    ]


def tenancy(home_region: str) -> Json:
    return {
        "id": TENANCY_ID,
        "name": "oke-mesh-lab",
        "description": "The lab's tenancy",
        "homeRegionKey": region_key(home_region),
        "freeformTags": {},
        "definedTags": {},
    }


def compartments() -> list[Json]:
    """The root and the one in which the program works."""
    common = {
        "timeCreated": _BORN,
        "lifecycleState": "ACTIVE",
        "isAccessible": True,
        "freeformTags": {},
        "definedTags": {},
    }
    return [
        {"id": TENANCY_ID, "name": "oke-mesh-lab", "description": "The root", **common},
        {
            "id": COMPARTMENT_ID,
            "compartmentId": TENANCY_ID,
            "name": "lab",
            "description": "Where the lab's stack lives",
            **common,
        },
    ]
