"""A VCN, its DRG and subnets that were there before: settings, and what lookups find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.support.documents import COMPARTMENT, cluster

REGION: Final = "us-sanjose-1"


def _id(kind: str, role: str = "") -> str:
    return f"ocid1.{kind}.oc1.{REGION}.brought{role.lower()}"


VCN: Final = _id("vcn")
DRG: Final = _id("drg")

# None is where the program would have put it.
RANGES: Final[Mapping[str, str]] = {
    "api": "10.0.8.0/28",
    "workers": "10.0.16.0/20",
    "pods": "10.0.192.0/18",
    "internalLb": "10.0.9.0/26",
    "publicLb": "10.0.10.0/26",
}
SUBNETS: Final[Mapping[str, str]] = {role: _id("subnet", role) for role in RANGES}


def brought_cluster() -> dict[str, Any]:
    """Return the entry of a cluster in the brought VCN, which has its DRG already."""
    existing = {"vcnId": VCN, "drgId": DRG, "subnets": dict(SUBNETS)}
    return cluster(0, region=REGION, subnets=dict(RANGES), existing=existing)


def vcn(args: Mapping[str, Any]) -> dict[str, Any]:
    """Answer for getVcn."""
    return {
        **args,
        "compartmentId": COMPARTMENT,
        "cidrBlocks": ["10.0.0.0/16", "10.77.0.0/16"],
    }


def subnet(args: Mapping[str, Any]) -> dict[str, Any]:
    """Answer for getSubnet; a subnet of another id is a KeyError."""
    roles = {id_: role for role, id_ in SUBNETS.items()}
    role = roles[args["subnetId"]]
    return {
        **args,
        "vcnId": VCN,
        "cidrBlock": RANGES[role],
        "securityListIds": [_id("securitylist")],
        "prohibitPublicIpOnVnic": role in ("workers", "pods", "internalLb"),
    }
