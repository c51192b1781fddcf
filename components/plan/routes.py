"""Where each subnet sends what leaves its VCN; pure.

Three route tables do for all subnets, and none of them changes with the clusters. Subnets with
public addresses have no route to the service gateway: OCI refuses a table that has both it and
the internet gateway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from ipaddress import IPv4Network
from typing import Final

from components.plan.firewall.rule import ANYWHERE, OracleServices
from components.plan.plan import Member
from components.settings.clusters import SubnetRole
from components.settings.types import PRIVATE_RANGES


class RouteKind(StrEnum):
    """Which of a VCN's route tables is meant."""

    PRIVATE = "private"
    """Out through NAT, to Oracle's services and to other clusters."""
    PUBLIC = "public"
    """In and out through the internet gateway, and to other clusters."""
    EDGE = "edge"
    """In and out through the internet gateway; never to other clusters."""


class Target(Enum):
    """What a route leads to."""

    INTERNET_GATEWAY = "internetGateway"
    NAT_GATEWAY = "natGateway"
    SERVICE_GATEWAY = "serviceGateway"
    DRG = "drg"


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One rule of a route table; the sentence is its description."""

    sentence: str
    destination: IPv4Network | OracleServices
    target: Target | str
    """One of the VCN's own ways out, or the OCID of a gateway that the settings name."""


_INTERNET: Final = Route(
    sentence="the internet", destination=ANYWHERE, target=Target.INTERNET_GATEWAY
)

# Not a route for each peer: Pulumi updates a table before it deletes what the rules led to, so
# that a cluster which leaves would be cut off while it still carries traffic (ADR 0010). A range
# of the VCN itself is nearer than these, and what no cluster has ends at the DRG.
_CLUSTERS: Final = tuple(
    Route(sentence=f"clusters in {private}", destination=private, target=Target.DRG)
    for private in PRIVATE_RANGES
)

ROUTES: Final[Mapping[RouteKind, tuple[Route, ...]]] = {
    RouteKind.PRIVATE: (
        Route(
            sentence="the internet, behind an address of the NAT gateway",
            destination=ANYWHERE,
            target=Target.NAT_GATEWAY,
        ),
        Route(
            sentence="the services of Oracle, without the internet",
            destination=OracleServices.ALL,
            target=Target.SERVICE_GATEWAY,
        ),
        *_CLUSTERS,
    ),
    RouteKind.PUBLIC: (_INTERNET, *_CLUSTERS),
    RouteKind.EDGE: (_INTERNET,),
}
"""The rules that every cluster's tables have; the same whichever clusters there are."""


def routes(kind: RouteKind, member: Member) -> tuple[Route, ...]:
    """Return all rules of a route table of `member`, whichever other clusters there are."""
    if kind is RouteKind.EDGE:
        return ROUTES[kind]
    extra = sorted(member.settings.extra_routes.items())
    own = (
        Route(sentence=name, destination=route.cidr, target=route.via or Target.DRG)
        for name, route in extra
    )
    return (*ROUTES[kind], *own)


def is_public(role: SubnetRole, member: Member) -> bool:
    """Return whether addresses of that subnet may be public."""
    return route_kind(role, member) is not RouteKind.PRIVATE


def route_kind(role: SubnetRole, member: Member) -> RouteKind:
    """Return the route table that a subnet of `member` uses."""
    match role:
        case SubnetRole.PUBLIC_LB:
            return RouteKind.EDGE
        case SubnetRole.OPERATOR:
            return RouteKind.PUBLIC
        case SubnetRole.API if member.has_public_endpoint:
            return RouteKind.PUBLIC
    return RouteKind.PRIVATE


def route_kinds(member: Member) -> tuple[RouteKind, ...]:
    """Return the route tables that the VCN of `member` needs."""
    used = {route_kind(role, member) for role in member.subnets}
    return tuple(kind for kind in RouteKind if kind in used)
