"""Where each subnet sends what leaves its VCN; pure.

Four route tables do for all subnets. Subnets with public addresses have no route to the service
gateway: OCI refuses a table that has both it and the internet gateway.
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
    """Out through NAT, to Oracle's services and to peers."""
    PUBLIC = "public"
    """In and out through the internet gateway, and to peers."""
    EDGE = "edge"
    """In and out through the internet gateway; never to peers."""
    OPERATOR = "operator"
    """In and out through the internet gateway, and to wherever a cluster may be."""


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
    target: Target


_OUT: Final[Mapping[RouteKind, tuple[Route, ...]]] = {
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
    ),
    RouteKind.PUBLIC: (
        Route(sentence="the internet", destination=ANYWHERE, target=Target.INTERNET_GATEWAY),
    ),
    RouteKind.EDGE: (
        Route(sentence="the internet", destination=ANYWHERE, target=Target.INTERNET_GATEWAY),
    ),
    # Not a route for each peer: when a cluster is taken out, Pulumi updates this table before it
    # deletes what runs in that cluster, and the tunnel must still lead there.
    RouteKind.OPERATOR: (
        Route(sentence="the internet", destination=ANYWHERE, target=Target.INTERNET_GATEWAY),
        *(
            Route(sentence=f"clusters in {private}", destination=private, target=Target.DRG)
            for private in PRIVATE_RANGES
        ),
    ),
}


def is_public(role: SubnetRole, member: Member) -> bool:
    """Return whether addresses of that subnet may be public."""
    return route_kind(role, member) is not RouteKind.PRIVATE


def route_kind(role: SubnetRole, member: Member) -> RouteKind:
    """Return the route table that a subnet of `member` uses."""
    match role:
        case SubnetRole.PUBLIC_LB:
            return RouteKind.EDGE
        case SubnetRole.OPERATOR:
            return RouteKind.OPERATOR
        case SubnetRole.API if member.has_public_endpoint:
            return RouteKind.PUBLIC
    return RouteKind.PRIVATE


def route_kinds(member: Member) -> tuple[RouteKind, ...]:
    """Return the route tables that the VCN of `member` needs."""
    used = {route_kind(role, member) for role in member.subnets}
    return tuple(kind for kind in RouteKind if kind in used)


def routes(kind: RouteKind, peers: Mapping[str, Member]) -> tuple[Route, ...]:
    """Return all rules of a route table; `peers` are the other clusters by key."""
    if kind in {RouteKind.EDGE, RouteKind.OPERATOR}:
        return _OUT[kind]
    to_peers = (
        Route(sentence=f"the VCN of {key}", destination=destination, target=Target.DRG)
        for key in sorted(peers)
        for destination in peers[key].ranges
    )
    return (*_OUT[kind], *to_peers)
