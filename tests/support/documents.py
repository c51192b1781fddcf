"""Configuration documents for tests, with one thing changed at a time."""

from __future__ import annotations

import copy
from typing import Any

from components.plan.plan import Member, Plan, build_plan
from components.settings.stack import Settings

COMPARTMENT = "ocid1.compartment.oc1..test"
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
CALLERS = "192.0.2.0/24"
"""Where users come from, in a range that is nobody's."""


def cluster(number: int, **changes: Any) -> dict[str, Any]:
    """Return the entry of a valid primary whose ranges are those of `number` (0 to 250)."""
    entry = {
        "region": ("us-sanjose-1", "us-chicago-1", "us-ashburn-1")[number % 3],
        "vcnCidr": f"10.{number}.0.0/16",
        "servicesCidr": "172.16.0.0/16",
        "endpoint": "public",
        "allowedCidrs": ["198.51.100.0/24"],
    }
    return {**entry, **changes}


def flannel(number: int, **changes: Any) -> dict[str, Any]:
    """Return the entry of a valid cluster with flannel pods."""
    return cluster(number, cni="flannel", podsCidr="172.20.0.0/16", **changes)


def documents(**changes: Any) -> dict[str, Any]:
    """Return valid documents of two primaries; `a__b__c=value` changes one place in them.

    A change to `DROP` takes the key away.
    """
    base: dict[str, Any] = {
        "oci": {"compartmentId": COMPARTMENT},
        "mesh": {"id": "oke-mesh", "trustDomain": "oke.local", "samples": True},
        "clusters": {"primary": cluster(0), "secondary": cluster(1)},
    }
    return changed(base, **changes)


class _Drop:
    """Marks a key to be taken away."""


DROP = _Drop()


def changed(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a copy of `base` with each `a__b__c=value` applied."""
    result = copy.deepcopy(base)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = result
        for key in parents:
            place = place.setdefault(key, {})
        if value is DROP:
            del place[last]
        else:
            place[last] = copy.deepcopy(value)
    return result


def settings(**changes: Any) -> Settings:
    """Return settings of two primaries with the changes of `documents`."""
    return Settings.model_validate(documents(**changes))


def plan(**changes: Any) -> Plan:
    """Return the plan of `settings`."""
    return build_plan(settings(**changes))


def member(key: str = "primary", **changes: Any) -> Member:
    """Return one member of `plan`."""
    return plan(**changes).members[key]
