"""What the settings of a cluster let out and in, beside what every cluster needs."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pytest

from components.plan.firewall.inside import rules
from components.plan.firewall.rule import (
    ANYWHERE,
    Direction,
    Openings,
    Protocol,
    Rule,
    Traffic,
    accept,
    reach,
    tcp,
)
from components.plan.plan import build_plan
from components.plan.routes import ROUTES, Route, RouteKind, Target, routes
from components.settings.clusters import SubnetRole
from tests.support.documents import cluster, flannel, member, settings

WEB = IPv4Network("192.0.2.0/24")
GATEWAY = "ocid1.localpeeringgateway.oc1..aaaa"


def added(role: SubnetRole, entry: dict[str, Any]) -> set[Rule]:
    """Return the rules of a group that a cluster has and one without any way out has not."""
    closed = {**entry, "egress": {"ports": []}, "extraRules": {}}
    wanted, without = (
        build_plan(settings(clusters={"a": document})).members["a"] for document in (entry, closed)
    )
    openings = Openings.of(settings())
    return set(rules(wanted, openings)[role]) - set(rules(without, openings)[role])


def test_pods_call_the_internet_by_https_unless_told_otherwise() -> None:
    assert added(SubnetRole.PODS, cluster(0)) == {
        reach("pods call anywhere on 443", ANYWHERE, tcp(443))
    }


def test_workers_call_the_internet_by_https_once() -> None:
    assert added(SubnetRole.WORKERS, cluster(0)) == set()
    found = rules(member(), Openings.of(settings()))[SubnetRole.WORKERS]
    assert len([rule for rule in found if rule.side == ANYWHERE and rule.traffic == tcp(443)]) == 1


@pytest.mark.parametrize("role", [SubnetRole.PODS, SubnetRole.WORKERS])
def test_each_range_is_called_on_each_port(role: SubnetRole) -> None:
    egress = {"cidrs": [str(WEB), "198.51.100.7/32"], "ports": [587, "8000-8100"]}
    assert {(rule.side, rule.traffic) for rule in added(role, cluster(0, egress=egress))} == {
        (side, traffic)
        for side in (WEB, IPv4Network("198.51.100.7/32"))
        for traffic in (tcp(587), tcp(8000, 8100))
    }


def test_flannels_pods_go_out_as_their_workers() -> None:
    egress = {"ports": [443, 25]}
    assert added(SubnetRole.WORKERS, flannel(0, egress=egress)) == {
        reach("workers call anywhere on 25", ANYWHERE, tcp(25))
    }


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ("ingress", accept("extra rule dns", WEB, Traffic(protocol=Protocol.UDP, ports=(53, 53)))),
        ("egress", reach("extra rule dns", WEB, Traffic(protocol=Protocol.UDP, ports=(53, 53)))),
    ],
)
def test_a_rule_of_ones_own_is_in_its_group(direction: str, expected: Rule) -> None:
    extra = {
        "subnet": "internalLb",
        "direction": direction,
        "cidr": str(WEB),
        "protocol": "udp",
        "ports": 53,
    }
    assert added(SubnetRole.INTERNAL_LB, cluster(0, extraRules={"dns": extra})) == {expected}


def callers(**ingress: Any) -> dict[SubnetRole, set[tuple[object, Traffic]]]:
    openings = Openings.of(settings(mesh__ingress=ingress))
    table = rules(member(), openings)
    return {
        role: {
            (rule.side, rule.traffic)
            for rule in table[role]
            if rule.direction is Direction.INGRESS and rule.traffic in (tcp(80), tcp(443))
        }
        for role in (SubnetRole.INTERNAL_LB, SubnetRole.PUBLIC_LB)
    }


@pytest.mark.parametrize(
    ("ingress", "role", "sides"),
    [
        ({}, SubnetRole.PUBLIC_LB, [ANYWHERE]),
        ({"allowedCidrs": [str(WEB)]}, SubnetRole.PUBLIC_LB, [WEB]),
        ({"exposure": "internal"}, SubnetRole.INTERNAL_LB, [IPv4Network("10.0.0.0/16")]),
        ({"exposure": "internal", "allowedCidrs": [str(WEB)]}, SubnetRole.INTERNAL_LB, [WEB]),
    ],
)
def test_who_may_call_the_ingress_gateway(
    ingress: dict[str, Any], role: SubnetRole, sides: list[IPv4Network]
) -> None:
    found = callers(**ingress)
    assert found.pop(role) == {(side, tcp(port)) for side in sides for port in (80, 443)}
    assert list(found.values()) == [set()]


@pytest.mark.parametrize("kind", [RouteKind.PRIVATE, RouteKind.PUBLIC])
def test_routes_of_ones_own_follow_those_of_every_cluster(kind: RouteKind) -> None:
    extra = {
        "partner": {"cidr": "198.51.100.0/24", "via": GATEWAY},
        "office": {"cidr": "203.0.113.0/24"},
    }
    found = routes(kind, member(clusters__primary__extraRoutes=extra))
    assert found == (
        *ROUTES[kind],
        Route(sentence="office", destination=IPv4Network("203.0.113.0/24"), target=Target.DRG),
        Route(sentence="partner", destination=IPv4Network("198.51.100.0/24"), target=GATEWAY),
    )


def test_public_load_balancers_keep_to_the_internet() -> None:
    extra = {"office": {"cidr": "203.0.113.0/24"}}
    primary = member(clusters__primary__extraRoutes=extra)
    assert routes(RouteKind.EDGE, primary) == ROUTES[RouteKind.EDGE]
