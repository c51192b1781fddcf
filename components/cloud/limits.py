"""What an update takes of a tenancy's service limits, and whether it is there; pure.

Names are those of Oracle's limits service, as `oci limits value list` shows them,
https://docs.oracle.com/iaas/Content/General/Concepts/servicelimits.htm
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from components.plan.plan import Member, Plan
from components.settings.mesh import Balancer, MeshSettings
from components.settings.stack import AccessSettings, Settings

Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """One limit of Oracle's, and what there is to do beside having it raised."""

    service: str
    name: str
    what: str
    instead: str


VCNS: Final = Limit(
    service="vcn", name="vcn-count", what="VCNs", instead="bring one with existing.vcnId"
)
DRGS: Final = Limit(
    service="vcn", name="drg-count", what="DRGs", instead="bring one with existing.drgId"
)
CONNECTIONS: Final = Limit(
    service="fast-connect",
    name="remote-peering-connection-count",
    what="remote peering connections",
    instead="join the regions yourself and set backbone to none",
)
BALANCERS: Final = Limit(
    service="load-balancer",
    name="lb-flexible-count",
    what="load balancers",
    instead="delete one that nobody needs",
)
NETWORK_BALANCERS: Final = Limit(
    service="network-load-balancer-api",
    name="max-nlb-flexible-count",
    what="network load balancers",
    instead="set mesh.ingress.balancer to loadBalancer",
)

# Of other shapes, such as those with GPUs, no name of a limit was found.
_CORES: Final = re.compile(r"VM\.(Standard)\.?(3|E3|E4|E5|E6|A1|A2)\.Flex")
_ODD_CORES: Final = {"3": "standard3-core-count", "E3": "standard-e3-core-ad-count"}


def core_limit(shape: str) -> Limit | None:
    """Return the limit on the cores of a shape; None of one whose limit is not known."""
    found = _CORES.fullmatch(shape)
    if found is None:
        return None
    family = found[2]
    return Limit(
        service="compute",
        name=_ODD_CORES.get(family, f"standard-{family.lower()}-core-count"),
        what=f"cores of {shape}",
        instead="have fewer or smaller nodes, or another shape",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one cluster, or the backbone, takes of a limit."""

    limit: Limit
    region: str
    compartment_id: str
    who: str
    """The place in the settings that asks for it."""
    count: float
    is_made: bool
    """Whether the last update left it, so that Oracle counts it already."""
    domains: tuple[int, ...] | None = None
    """Availability domains whose own limits it is about, none means all; None for the region's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """What an update takes of one limit in one region."""

    limit: Limit
    region: str
    domains: tuple[int, ...] | None
    parts: tuple[Part, ...]

    @property
    def new(self) -> int:
        """Return how much the update makes."""
        return ceil(sum(part.count for part in self.parts if not part.is_made))

    @property
    def made(self) -> int:
        """Return how much the last one left."""
        return ceil(sum(part.count for part in self.parts if part.is_made))

    @property
    def compartment_ids(self) -> tuple[str, ...]:
        """Return where it is made, or was."""
        return tuple(sorted({part.compartment_id for part in self.parts}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Availability:
    """What Oracle says of a limit, or of several that count together."""

    available: int
    used: int
    """By the compartment alone."""


def needs_of(settings: Settings, plan: Plan, last: Document) -> list[Need]:
    """Return every limit of which an update takes something, given the last outputs."""
    parts = [*_backbone(settings, plan, last), *_host(settings.access, plan, last)]
    for member in plan.members.values():
        before = (last.get("clusters") or {}).get(member.key) or {}
        parts += [*_network(member, before), *_nodes(member, before)]
        if settings.mesh.enabled:
            parts += _gateways(member, settings.mesh, before)
    return [need for need in _grouped(parts) if need.new]


def shortage(need: Need, found: Availability) -> tuple[str, bool] | None:
    """Return what is short, and whether that is certain; None if nothing is.

    What an update that failed has left is counted as used, and in no output. So it is certain only
    what would be short even if all that the compartment uses beside our own were ours too.
    """
    if need.new <= found.available:
        return None
    others = max(0, found.used - need.made)
    limit = need.limit
    who = ", ".join(sorted({part.who for part in need.parts if not part.is_made}))
    fault = (
        f"limit {limit.name} of {need.region}: leaves room for {found.available} more "
        f"({limit.what}), got {need.new} for {who}"
    )
    remedy = f"have Oracle raise it, or {limit.instead}"
    if need.new > found.available + others:
        return f"{fault}; {remedy}", True
    spared = f"unless an update that failed has made them already, among {others} in use"
    return f"{fault}; {spared}, {remedy}", False


def _grouped(parts: Iterable[Part]) -> Iterator[Need]:
    groups: dict[tuple[str, str, tuple[int, ...] | None], list[Part]] = {}
    for part in parts:
        groups.setdefault((part.region, part.limit.name, part.domains), []).append(part)
    for (region, _, domains), group in groups.items():
        yield Need(limit=group[0].limit, region=region, domains=domains, parts=tuple(group))


def _backbone(settings: Settings, plan: Plan, last: Document) -> Iterator[Part]:
    before = last.get("backbone") or {}
    compartment = settings.oci.compartment_id
    for region in plan.regions:
        if region not in plan.drg_ids:
            yield Part(
                limit=DRGS,
                region=region,
                compartment_id=compartment,
                who="the backbone",
                count=1,
                is_made=region in (before.get("drgs") or {}),
            )
    for pair in plan.region_pairs:
        for region in (pair.acceptor, pair.requestor):
            yield Part(
                limit=CONNECTIONS,
                region=region,
                compartment_id=compartment,
                who="the backbone",
                count=1,
                is_made=pair.key in (before.get("peerings") or {}),
            )


def _network(member: Member, before: Document) -> Iterator[Part]:
    existing = member.settings.existing
    if existing is None or existing.vcn_id is None:
        yield _part(VCNS, member, is_made=bool(before.get("vcnId")))


def _gateways(member: Member, mesh: MeshSettings, before: Document) -> Iterator[Part]:
    is_network = mesh.ingress.balancer is Balancer.NETWORK
    ingress = NETWORK_BALANCERS if is_network else BALANCERS
    yield _part(ingress, member, is_made=bool(before.get("ingressAddress")))
    if member.needs_east_west:
        yield _part(BALANCERS, member, is_made=bool(before.get("eastWestAddress")))


def _part(limit: Limit, member: Member, *, is_made: bool) -> Part:
    return Part(
        limit=limit,
        region=member.settings.region,
        compartment_id=member.compartment_id,
        who=f"clusters.{member.key}",
        count=1,
        is_made=is_made,
    )


def _nodes(member: Member, before: Document) -> Iterator[Part]:
    for name, pool in member.settings.node_pools.items():
        limit = core_limit(pool.shape)
        # Nodes out of a reservation take what has been set apart for them.
        if limit and pool.size and pool.capacity_reservation_id is None:
            yield Part(
                limit=limit,
                region=member.settings.region,
                compartment_id=member.compartment_id,
                who=f"clusters.{member.key}.nodePools.{name}",
                count=pool.size * pool.ocpus,
                is_made=name in (before.get("nodePools") or {}),
                domains=tuple(sorted(set(pool.availability_domains))),
            )


def _host(access: AccessSettings, plan: Plan, last: Document) -> Iterator[Part]:
    member, limit = plan.operator, core_limit(access.shape)
    if member and limit:
        yield Part(
            limit=limit,
            region=member.settings.region,
            compartment_id=member.compartment_id,
            who="the operator host",
            count=access.ocpus,
            is_made=bool((last.get("access") or {}).get("hostId")),
            domains=(access.availability_domain,),
        )
