"""How Pulumi's property names and the SDK's attribute names find each other.

`isIpv6enabled` and `is_ipv6_enabled` agree once case and underscores are gone; a block that the
provider shows as a list has a plural name there; the rest is in small tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# Names that Pulumi's package changed against the API's, everywhere.
RENAMED: Mapping[str, str] = {"state": "lifecycle_state"}


def normal(name: str) -> str:
    return name.replace("_", "").lower()


def attribute_of(name: str, attributes: Iterable[str], renamed: Mapping[str, str]) -> str | None:
    """The SDK attribute that a property stands for."""
    known = {normal(attribute): attribute for attribute in attributes}
    if name in renamed and renamed[name] in known.values():
        return renamed[name]
    if RENAMED.get(name) in known.values():
        return RENAMED[name]
    return next((known[form] for form in _forms(normal(name)) if form in known), None)


def _forms(name: str) -> Iterable[str]:
    yield name
    if name.endswith("ies"):
        yield name[:-3] + "y"
    if name.endswith("s"):
        yield name[:-1]
