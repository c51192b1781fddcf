"""Names the vendor gives things: OCIDs, etags, request ids, times, and the lab's fixed ids."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import UTC, datetime

_SHORT = {"us-ashburn-1": "iad", "us-phoenix-1": "phx"}
"""The two oldest regions have their airport code where later ones have their name."""

OCID = re.compile(r"ocid1\.(?P<kind>[a-z]+)\.oc1\.(?P<region>[a-z0-9-]*)\.[a-z0-9]+")


def _tail(raw: bytes) -> str:
    return base64.b32encode(raw).decode().lower().rstrip("=")


def fixed_ocid(kind: str, name: str, region: str = "") -> str:
    """The same OCID for the same name, in every lab."""
    digest = hashlib.sha256(f"{kind}/{name}".encode()).digest()
    return f"ocid1.{kind}.oc1.{region_code(region)}.aaaaaaaa{_tail(digest)}"


def new_ocid(kind: str, region: str) -> str:
    """An OCID that no other resource has."""
    return f"ocid1.{kind}.oc1.{region_code(region)}.amaaaaaa{_tail(secrets.token_bytes(32))}"


def region_code(region: str) -> str:
    """How a region is written inside an OCID."""
    return _SHORT.get(region, region)


def now() -> str:
    """The time as the vendor writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def age_seconds(time: str) -> float:
    """How long ago that was."""
    return (datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds()


def request_id() -> str:
    return secrets.token_hex(16).upper()


TENANCY_ID = fixed_ocid("tenancy", "oke-mesh-lab")
COMPARTMENT_ID = fixed_ocid("compartment", "oke-mesh-lab")
USER_ID = fixed_ocid("user", "oke-mesh-lab")
