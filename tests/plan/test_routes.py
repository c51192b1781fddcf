"""Where each subnet sends what leaves its VCN."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given

from components.plan.firewall.rule import ANYWHERE, OracleServices
from components.plan.plan import Plan
from components.plan.routes import (
    ROUTES,
    RouteKind,
    Target,
    is_public,
    route_kind,
    route_kinds,
)
from components.settings.clusters import SubnetRole
from tests.plan.topologies import mesh, plans
from tests.support.documents import cluster

ACROSS = (RouteKind.PRIVATE, RouteKind.PUBLIC)


def destinations(kind: RouteKind, target: Target) -> list[IPv4Network | OracleServices]:
    return [route.destination for route in ROUTES[kind] if route.target is target]


@pytest.mark.parametrize("kind", ACROSS)
@given(plan=plans())
def test_subnets_that_talk_across_have_a_route_to_every_peer(kind: RouteKind, plan: Plan) -> None:
    ranges = destinations(kind, Target.DRG)
    for member in plan.members.values():
        for own in member.ranges:
            assert len([r for r in ranges if own.subnet_of(range_of(r))]) == 1


def range_of(destination: IPv4Network | OracleServices) -> IPv4Network:
    assert isinstance(destination, IPv4Network)
    return destination


def test_public_load_balancers_have_no_route_to_clusters() -> None:
    assert destinations(RouteKind.EDGE, Target.DRG) == []


@pytest.mark.parametrize("kind", [RouteKind.PUBLIC, RouteKind.EDGE])
def test_a_table_with_the_internet_gateway_leaves_out_the_services(kind: RouteKind) -> None:
    assert destinations(kind, Target.INTERNET_GATEWAY) == [ANYWHERE]
    assert destinations(kind, Target.SERVICE_GATEWAY) == []


def test_private_subnets_go_out_by_nat_and_to_the_services() -> None:
    assert destinations(RouteKind.PRIVATE, Target.NAT_GATEWAY) == [ANYWHERE]
    assert destinations(RouteKind.PRIVATE, Target.SERVICE_GATEWAY) == [OracleServices.ALL]


@pytest.mark.parametrize(
    ("role", "endpoint", "kind"),
    [
        (SubnetRole.API, "private", RouteKind.PRIVATE),
        (SubnetRole.API, "public", RouteKind.PUBLIC),
        (SubnetRole.WORKERS, "public", RouteKind.PRIVATE),
        (SubnetRole.PODS, "public", RouteKind.PRIVATE),
        (SubnetRole.INTERNAL_LB, "public", RouteKind.PRIVATE),
        (SubnetRole.PUBLIC_LB, "private", RouteKind.EDGE),
        (SubnetRole.OPERATOR, "private", RouteKind.PUBLIC),
    ],
)
def test_each_subnet_has_its_table(role: SubnetRole, endpoint: str, kind: RouteKind) -> None:
    member = mesh({"a": cluster(0, endpoint=endpoint)}, operator="a").members["a"]
    assert route_kind(role, member) is kind
    assert is_public(role, member) is (kind is not RouteKind.PRIVATE)


def test_a_table_that_no_subnet_uses_is_not_made() -> None:
    member = mesh({"a": cluster(0, endpoint="private")}).members["a"]
    assert route_kinds(member) == (RouteKind.PRIVATE, RouteKind.EDGE)
