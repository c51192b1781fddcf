"""What the alarms of a region look at; pure.

That is what takes a mesh down and what nothing in Kubernetes sees. How many backends of a gateway's
load balancer are ill is not among it: nodes without a pod of the gateway are ill on purpose, and a
query cannot tell whether all of them are. The rules of observability see a gateway without pods.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from components.plan.plan import Plan

# https://docs.oracle.com/iaas/Content/Compute/References/infrastructurehealthmetrics.htm
_INSTANCES: Final = "oci_compute_infrastructure_health"
# https://docs.oracle.com/iaas/Content/Network/Reference/drgmetrics.htm
_DRGS: Final = "oci_dynamic_routing_gateway"

DRG: Final = "<drg>"
"""Stands for the OCID of a DRG, which is known when that is made."""


class Severity(StrEnum):
    """How soon somebody has to look."""

    CRITICAL = "CRITICAL"
    WARNING = "WARNING"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """One alarm: what is asked of which metrics, and what it says."""

    name: str
    compartment_id: str
    """Of what emits the metric."""
    namespace: str
    query: str
    """With `DRG` in place of the OCID of the region's DRG."""
    severity: Severity
    holds_for: str
    """As a duration of ISO 8601."""
    body: str


def signals(plan: Plan, region: str, *, compartment_id: str) -> tuple[Signal, ...]:
    """Return what is looked at in a region.

    `compartment_id` is that of the DRGs that the program makes.
    """
    return (*_instances(plan, region), *_drops(plan, region, compartment_id))


def _instances(plan: Plan, region: str) -> Iterator[Signal]:
    """Yield one for each compartment with clusters, named after the first cluster there."""
    seen: dict[str, str] = {}
    for key, member in plan.members.items():
        if member.settings.region == region:
            seen.setdefault(member.compartment_id, key)
    for compartment_id, key in seen.items():
        yield Signal(
            name=f"{key}-instances",
            compartment_id=compartment_id,
            namespace=_INSTANCES,
            # 1 is down by a fault of Oracle's; an instance that was stopped has no value.
            query="instance_status[1m].max() > 0",
            severity=Severity.CRITICAL,
            holds_for="PT5M",
            body=(
                "An instance in the compartment of this cluster is down by a fault of Oracle's "
                "infrastructure. If it is a node, its pods come up elsewhere where there is room; "
                "after 30 minutes ask Oracle's support."
            ),
        )


def _drops(plan: Plan, region: str, compartment_id: str) -> Iterator[Signal]:
    """Yield those of a DRG that peers; of one that is brought it is not known where it lies."""
    peers = any(region in (pair.acceptor, pair.requestor) for pair in plan.region_pairs)
    if not peers or region in plan.drg_ids:
        return
    yield _dropped(
        f"{region}-no-route",
        "noRoute",
        compartment_id=compartment_id,
        severity=Severity.CRITICAL,
        body=(
            "Packets from this region's VCNs find no route at its DRG, so a peering may be gone: "
            "`pulumi refresh` shows its status, `python -m ops verify` who is parted."
        ),
    )
    yield _dropped(
        f"{region}-drg-bandwidth",
        "throughput",
        compartment_id=compartment_id,
        severity=Severity.WARNING,
        body="This region's DRG drops packets, for they are more than it has bandwidth for.",
    )


def _dropped(name: str, kind: str, *, compartment_id: str, severity: Severity, body: str) -> Signal:
    """Return what looks for packets from VCNs that a DRG drops, by the kind of drop."""
    where = f'drgOcid = "{DRG}", attachmentType = "VCN", dropType = "{kind}"'
    return Signal(
        name=name,
        compartment_id=compartment_id,
        namespace=_DRGS,
        query=f"PacketDropsFromDrgAttachment[5m]{{{where}}}.sum() > 0",
        severity=severity,
        holds_for="PT10M",
        body=body,
    )
