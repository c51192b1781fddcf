"""Where each subnet sends what leaves its VCN."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given

from components.plan.firewall.rule import ANYWHERE, OracleServices
from components.plan.plan import Plan
from components.plan.routes import (
    RouteKind,
    Target,
    is_public,
    route_kind,
    route_kinds,
    routes,
)
from components.settings.clusters import SubnetRole
from tests.plan.reachability import peers
from tests.plan.topologies import mesh, multi_primary, plans
from tests.support.documents import cluster

PLAN = multi_primary(3)
PEERS = peers(PLAN, PLAN.members["a"])


def destinations(kind: RouteKind, target: Target) -> list[IPv4Network | OracleServices]:
    return [route.destination for route in routes(kind, PEERS) if route.target is target]


@pytest.mark.parametrize("kind", [RouteKind.PRIVATE, RouteKind.PUBLIC])
def test_subnets_that_talk_across_have_a_route_to_every_peer(kind: RouteKind) -> None:
    assert destinations(kind, Target.DRG) == [
        IPv4Network("10.1.0.0/16"),
        IPv4Network("10.2.0.0/16"),
    ]


def test_the_operator_host_has_the_same_routes_with_a_cluster_and_without_it() -> None:
    remaining = {key: peer for key, peer in PEERS.items() if key != "c"}
    assert routes(RouteKind.OPERATOR, remaining) == routes(RouteKind.OPERATOR, PEERS)


@given(plan=plans())
def test_the_routes_of_the_operator_host_lead_to_every_cluster(plan: Plan) -> None:
    ranges = destinations(RouteKind.OPERATOR, Target.DRG)
    for member in plan.members.values():
        inside = [r for r in ranges if member.settings.vcn_cidr.subnet_of(range_of(r))]
        assert len(inside) == 1


def range_of(destination: IPv4Network | OracleServices) -> IPv4Network:
    assert isinstance(destination, IPv4Network)
    return destination


def test_public_load_balancers_have_no_route_to_peers() -> None:
    assert destinations(RouteKind.EDGE, Target.DRG) == []


@pytest.mark.parametrize("kind", [RouteKind.PUBLIC, RouteKind.EDGE, RouteKind.OPERATOR])
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
        (SubnetRole.OPERATOR, "private", RouteKind.OPERATOR),
    ],
)
def test_each_subnet_has_its_table(role: SubnetRole, endpoint: str, kind: RouteKind) -> None:
    member = mesh({"a": cluster(0, endpoint=endpoint)}, operator="a").members["a"]
    assert route_kind(role, member) is kind
    assert is_public(role, member) is (kind is not RouteKind.PRIVATE)


def test_a_table_that_no_subnet_uses_is_not_made() -> None:
    member = mesh({"a": cluster(0, endpoint="private")}).members["a"]
    assert route_kinds(member) == (RouteKind.PRIVATE, RouteKind.EDGE)


def test_the_order_of_routes_is_that_of_the_keys() -> None:
    reordered = dict(reversed(PEERS.items()))
    assert routes(RouteKind.PRIVATE, reordered) == routes(RouteKind.PRIVATE, PEERS)
