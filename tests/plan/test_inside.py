"""The flows inside one cluster: exactly what OKE needs, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from components.plan.firewall.inside import rules
from components.plan.firewall.rule import (
    ANYWHERE,
    PATH_DISCOVERY,
    Direction,
    OracleServices,
    Rule,
    tcp,
)
from components.plan.plan import Plan
from components.settings.clusters import SubnetRole
from components.settings.mesh import Exposure
from tests.plan.reachability import PORTS, PRIVATE, PUBLIC, open_ports, table
from tests.plan.topologies import mesh, multi_primary
from tests.support.documents import cluster, flannel

ALL = set(PORTS)
NODE_PORTS = {10256, 30080}
CALLED = "172.16.8.0/24 calls the private Kubernetes API"


def one(document: dict[str, object], operator: str | None = None) -> Plan:
    return mesh({"a": document}, operator)


def test_a_flannel_cluster_opens_exactly_these_ports_inside() -> None:
    assert open_ports(one(flannel(0)), "a", "a") == {
        ("api", "api"): {6443},
        ("api", "workers"): ALL,
        ("workers", "api"): {6443, 12250},
        ("workers", "workers"): ALL,
        ("internalLb", "workers"): NODE_PORTS,
        ("publicLb", "workers"): NODE_PORTS,
    }


def test_a_vcn_native_cluster_opens_exactly_these_ports_inside() -> None:
    assert open_ports(one(cluster(0)), "a", "a") == {
        ("api", "api"): {6443},
        ("api", "workers"): ALL,
        ("api", "pods"): ALL,
        ("workers", "api"): {6443, 12250},
        ("workers", "workers"): ALL,
        ("workers", "pods"): ALL,
        ("pods", "api"): {6443, 12250},
        ("pods", "workers"): ALL,
        ("pods", "pods"): ALL,
        ("internalLb", "workers"): NODE_PORTS,
        ("publicLb", "workers"): NODE_PORTS,
    }


def test_the_operator_host_reaches_the_api_and_with_a_key_of_theirs_the_workers() -> None:
    plan = one(flannel(0), operator="a")
    for takes_ssh, workers in ((False, {}), (True, {("operator", "workers"): {22}})):
        openings = replace(PRIVATE, nodes_take_ssh=takes_ssh)
        opened = open_ports(plan, "a", "a", openings=openings)
        assert {pair: ports for pair, ports in opened.items() if "operator" in pair} == {
            ("operator", "api"): {6443},
            **workers,
        }


def test_a_cluster_has_a_group_for_each_of_its_subnets() -> None:
    native = one(cluster(0), operator="a").members["a"]
    assert [role.value for role in rules(native, PRIVATE)] == [
        "api", "workers", "pods", "internalLb", "publicLb", "operator",
    ]  # fmt: skip


def test_flannel_has_no_group_for_pods() -> None:
    assert SubnetRole.PODS not in rules(one(flannel(0)).members["a"], PRIVATE)


@pytest.mark.parametrize("role", list(SubnetRole))
@pytest.mark.parametrize("direction", list(Direction))
def test_path_discovery_passes_every_group(role: SubnetRole, direction: Direction) -> None:
    found = table(one(cluster(0), operator="a"), "a")[role]
    assert [
        rule.side
        for rule in found
        if rule.direction is direction and rule.traffic == PATH_DISCOVERY
    ] == [ANYWHERE]


def test_only_these_groups_call_the_services_of_oracle() -> None:
    found = table(one(cluster(0), operator="a"), "a")
    assert {
        role.value: rule.traffic.ports
        for role, rules_ in found.items()
        for rule in rules_
        if rule.side is OracleServices.ALL
    } == {"api": (443, 443), "workers": None, "pods": None}


def opened_to_the_world(plan: Plan, key: str, *, east_west: Exposure) -> dict[str, list[str]]:
    openings = PUBLIC if east_west is Exposure.PUBLIC else PRIVATE
    return {
        role.value: sorted(text(rule) for rule in found if is_open(rule))
        for role, found in table(plan, key, openings).items()
        if any(map(is_open, found))
    }


def is_open(rule: Rule) -> bool:
    return rule.side == ANYWHERE and rule.traffic != PATH_DISCOVERY


def text(rule: Rule) -> str:
    first, _ = rule.traffic.ports or (0, 0)
    return f"{rule.direction.value.lower()} {first}: {rule.sentence}"


def test_only_what_is_named_here_is_open_to_the_world() -> None:
    plan = multi_primary(operator="a")
    assert opened_to_the_world(plan, "a", east_west=Exposure.INTERNAL) == {
        "workers": ["egress 443: workers fetch images from anywhere"],
        "pods": ["egress 443: pods call anywhere on 443"],
        "publicLb": [
            "ingress 443: anyone calls the ingress gateway by HTTPS",
            "ingress 80: anyone calls the ingress gateway by HTTP",
        ],
        "operator": ["egress 443: the operator host fetches tools from anywhere"],
    }


def test_a_public_east_west_gateway_opens_only_what_is_named_here() -> None:
    plan = mesh({"a": flannel(0), "b": flannel(1, role="remote", primary="a")})
    assert opened_to_the_world(plan, "a", east_west=Exposure.PUBLIC) == {
        "workers": [
            "egress 15443: pods reach public east-west gateways",
            "egress 443: workers fetch images from anywhere",
        ],
        "publicLb": [
            "ingress 443: anyone calls the ingress gateway by HTTPS",
            "ingress 80: anyone calls the ingress gateway by HTTP",
        ],
    }


def test_the_remote_of_a_public_gateway_opens_only_what_is_named_here() -> None:
    plan = mesh({"a": flannel(0), "b": flannel(1, role="remote", primary="a")})
    assert opened_to_the_world(plan, "b", east_west=Exposure.PUBLIC) == {
        "api": ["egress 15017: the control plane calls the injector of the primary"],
        "workers": [
            "egress 15012: proxies reach istiod of the primary",
            "egress 15017: the control plane calls the injector of the primary",
            "egress 15443: pods reach public east-west gateways",
            "egress 443: workers fetch images from anywhere",
        ],
        "publicLb": [
            "ingress 443: anyone calls the ingress gateway by HTTPS",
            "ingress 80: anyone calls the ingress gateway by HTTP",
        ],
    }


def outsiders(plan: Plan, role: SubnetRole) -> dict[IPv4Network, tuple[int, int] | None]:
    return {
        rule.side: rule.traffic.ports
        for rule in rules(plan.members["a"], PRIVATE)[role]
        if rule.direction is Direction.INGRESS
        and isinstance(rule.side, IPv4Network)
        and rule.side != ANYWHERE
    }


def test_a_public_endpoint_is_open_to_the_allowed_ranges_alone() -> None:
    ranges = ["198.51.100.0/24", "203.0.113.4/32"]
    plan = one(cluster(0, endpoint="public", allowedCidrs=ranges))
    assert outsiders(plan, SubnetRole.API) == {
        IPv4Network(range_): (6443, 6443) for range_ in ranges
    }


def test_a_private_endpoint_is_open_to_those_who_call_it_directly() -> None:
    openings = replace(PRIVATE, api_callers=(IPv4Network("172.16.8.0/24"),))
    plan = one(cluster(0, endpoint="private", allowedCidrs=[]))
    made = rules(plan.members["a"], openings)[SubnetRole.API]
    (rule,) = [rule for rule in made if rule.sentence == CALLED]
    assert (rule.side, rule.traffic) == (IPv4Network("172.16.8.0/24"), tcp(6443))
    # A public one has its own list, and is reached there.
    public = rules(one(cluster(0)).members["a"], openings)[SubnetRole.API]
    assert CALLED not in {rule.sentence for rule in public}


def test_a_private_endpoint_is_open_to_nobody_outside() -> None:
    plan = one(cluster(0, endpoint="private", allowedCidrs=[]))
    assert outsiders(plan, SubnetRole.API) == {}


def test_the_operator_host_takes_ssh_from_the_allowed_ranges_alone() -> None:
    plan = one(cluster(0), operator="a")
    assert outsiders(plan, SubnetRole.OPERATOR) == {IPv4Network("198.51.100.7/32"): (22, 22)}


def test_an_internal_ingress_gateway_is_open_to_its_vcn_alone() -> None:
    openings = replace(PRIVATE, ingress=Exposure.INTERNAL)
    found = rules(one(cluster(0)).members["a"], openings)
    vcn = IPv4Network("10.0.0.0/16")
    assert [
        (rule.side, rule.traffic)
        for rule in found[SubnetRole.INTERNAL_LB]
        if rule.direction is Direction.INGRESS and rule.traffic != PATH_DISCOVERY
    ] == [(vcn, tcp(80)), (vcn, tcp(443))]
    assert not [
        rule
        for rule in found[SubnetRole.PUBLIC_LB]
        if rule.direction is Direction.INGRESS and rule.traffic != PATH_DISCOVERY
    ]
