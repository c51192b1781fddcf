"""The rules between clusters: exactly what each topology needs, within the bound."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from components.plan.firewall.between import rules_of_peer
from components.plan.plan import Member, Plan
from components.settings.clusters import SubnetRole
from components.settings.mesh import Exposure
from tests.plan.reachability import PORTS, PRIVATE, PUBLIC, cross, open_ports, peers, table
from tests.plan.topologies import (
    flannel_primary_remote,
    flat,
    mesh,
    multi_primary,
    plans,
    primary_remote,
)
from tests.support.documents import cluster, flannel

ALL = set(PORTS)


def test_primaries_of_different_networks_meet_at_gateways_and_apis() -> None:
    assert open_ports(multi_primary(), "a", "b") == {
        ("pods", "internalLb"): {15021, 15443},
        ("pods", "api"): {6443},
    }


def test_flannel_pods_come_from_the_addresses_of_workers() -> None:
    plan = mesh({"a": flannel(0), "b": cluster(1)})
    assert open_ports(plan, "a", "b") == {
        ("workers", "internalLb"): {15021, 15443},
        ("workers", "api"): {6443},
    }


def test_pods_of_one_network_talk_directly() -> None:
    assert open_ports(flat(), "a", "b") == {("pods", "pods"): ALL, ("pods", "api"): {6443}}


def test_a_primary_reaches_its_remote_as_any_peer() -> None:
    assert open_ports(primary_remote(), "a", "b") == {
        ("pods", "internalLb"): {15021, 15443},
        ("pods", "api"): {6443},
    }


def test_a_remote_takes_its_configuration_and_reads_no_api() -> None:
    assert open_ports(primary_remote(), "b", "a") == {
        ("pods", "internalLb"): {15012, 15017, 15021, 15443},
        ("api", "internalLb"): {15017},
    }


def test_a_flannel_remote_calls_the_injector_through_its_workers() -> None:
    assert open_ports(flannel_primary_remote(), "b", "a") == {
        ("workers", "internalLb"): {15012, 15017, 15021, 15443},
        ("api", "internalLb"): {15017},
    }


def test_a_remote_on_the_network_of_its_primary_uses_the_gateway_for_istiod_alone() -> None:
    assert open_ports(primary_remote(network="one"), "b", "a") == {
        ("pods", "pods"): ALL,
        ("pods", "internalLb"): {15012, 15017, 15021},
        ("api", "internalLb"): {15017},
    }


def test_remotes_of_one_network_talk_pod_to_pod_alone() -> None:
    remote = {"network": "one", "role": "remote", "primary": "a"}
    plan = mesh({"a": cluster(0), "b": cluster(1, **remote), "c": cluster(2, **remote)})
    assert open_ports(plan, "b", "c") == {("pods", "pods"): ALL}


def test_a_remote_gets_nothing_of_a_primary_that_does_not_serve_it_but_the_mesh() -> None:
    plan = mesh(
        {"a": cluster(0), "b": cluster(1, role="remote", primary="a"), "c": cluster(2)},
    )
    assert open_ports(plan, "b", "c") == {("pods", "internalLb"): {15021, 15443}}


def test_the_operator_host_reaches_the_api_of_every_peer() -> None:
    opened = open_ports(multi_primary(3, operator="b"), "b", "c")
    assert opened["operator", "api"] == {6443}


def test_what_the_operator_host_may_reach_stays_when_a_cluster_is_taken_out() -> None:
    before, after = (table(multi_primary(n, operator="a"), "a") for n in (3, 2))
    assert before[SubnetRole.OPERATOR] == after[SubnetRole.OPERATOR]


def test_the_operator_host_of_a_remote_reaches_the_api_of_its_primary() -> None:
    assert open_ports(primary_remote(operator="b"), "b", "a")["operator", "api"] == {6443}


def test_a_gitops_tool_in_a_remote_calls_the_api_of_every_peer() -> None:
    without = open_ports(primary_remote(), "b", "a")
    assert open_ports(primary_remote(tool="b"), "b", "a") == {
        **without,
        ("pods", "api"): {6443},
    }


def test_behind_flannel_a_gitops_tool_calls_from_the_addresses_of_workers() -> None:
    clusters = {"a": cluster(0), "b": flannel(1, role="remote", primary="a")}
    opened = open_ports(mesh(clusters, tool="b"), "b", "a")
    assert opened["workers", "api"] == {6443}


def test_a_gitops_tool_on_the_network_of_its_peer_calls_its_api_too() -> None:
    opened = open_ports(primary_remote(tool="b", network="one"), "b", "a")
    assert opened["pods", "api"] == {6443}
    assert ("pods", "workers") not in opened


def test_pods_of_another_remote_call_no_api_because_of_the_gitops_tool() -> None:
    remote = {"role": "remote", "primary": "a"}
    plan = mesh({"a": cluster(0), "b": cluster(1, **remote), "c": cluster(2, **remote)}, tool="b")
    assert ("pods", "api") not in open_ports(plan, "c", "a")
    assert open_ports(plan, "b", "c")["pods", "api"] == {6443}


def test_a_gitops_tool_beside_the_operator_host_is_let_in_with_it() -> None:
    opened = open_ports(primary_remote(operator="b", tool="b"), "b", "a")
    assert opened["pods", "api"] == opened["operator", "api"] == {6443}


def test_nobody_calls_the_api_of_the_cluster_with_the_gitops_tool_because_of_it() -> None:
    assert open_ports(primary_remote(tool="b"), "a", "b") == open_ports(primary_remote(), "a", "b")


def test_a_gitops_tool_in_a_primary_opens_nothing_since_istiod_calls_already() -> None:
    with_tool, without = primary_remote(tool="a"), primary_remote()
    for key in "ab":
        assert table(with_tool, key) == table(without, key)


def test_the_gitops_tool_of_a_remote_is_named_where_it_calls() -> None:
    rules = cross(primary_remote(tool="b"), "b")[SubnetRole.PODS]
    assert "the GitOps tool calls the Kubernetes API of a" in {rule.sentence for rule in rules}


def test_with_public_gateways_only_apis_are_reached_over_the_backbone() -> None:
    assert open_ports(multi_primary(), "a", "b", openings=PUBLIC) == {("pods", "api"): {6443}}


def test_with_public_gateways_a_remote_reaches_nothing_over_the_backbone() -> None:
    assert open_ports(primary_remote(), "b", "a", openings=PUBLIC) == {}


def test_a_flat_mesh_with_public_gateways_opens_none() -> None:
    assert cross(flat(), "a", Exposure.PUBLIC)[SubnetRole.PUBLIC_LB] == ()


def test_a_cluster_alone_has_no_rules_for_others() -> None:
    assert set(cross(multi_primary(1), "a").values()) == {()}


def needed(from_: Member, to: Member, east_west: Exposure) -> dict[tuple[str, str], set[int]]:
    """Return the domain's needs, written apart from the tables."""
    pods = (from_.pod_source.value, to.pod_source.value)
    gateway, api = SubnetRole.INTERNAL_LB.value, SubnetRole.API.value
    is_flat = from_.settings.network == to.settings.network
    is_remote = from_.primary == to.key
    found: dict[tuple[str, str], set[int]] = {}
    if is_flat:
        found[pods] = ALL
    if east_west is Exposure.INTERNAL:
        mesh_ports = set() if is_flat else {15021, 15443}
        istiod_ports = {15012, 15017, 15021} if is_remote else set()
        found[pods[0], gateway] = mesh_ports | istiod_ports
        found[api, gateway] = {15017} if is_remote else set()
    if from_.is_primary or from_.has_gitops:
        found[pods[0], api] = {6443}
    if from_.has_operator:
        found["operator", api] = {6443}
    return {pair: ports for pair, ports in found.items() if ports}


@pytest.mark.parametrize("openings", [PRIVATE, PUBLIC], ids=["internal", "public"])
@settings(max_examples=40)
@given(plan=plans())
def test_every_mesh_opens_what_it_needs_and_no_more(plan: Plan, openings: object) -> None:
    chosen = PUBLIC if openings is PUBLIC else PRIVATE
    for from_ in plan.members.values():
        for to in peers(plan, from_).values():
            opened = open_ports(plan, from_.key, to.key, openings=chosen)
            assert opened == needed(from_, to, chosen.east_west), (from_.key, to.key)


@pytest.mark.parametrize("east_west", list(Exposure))
@settings(max_examples=40)
@given(plan=plans())
def test_a_peer_takes_at_most_two_rules_of_any_group(plan: Plan, east_west: Exposure) -> None:
    for member in plan.members.values():
        for peer in peers(plan, member).values():
            counts = {
                role: len(rules) for role, rules in rules_of_peer(member, peer, east_west).items()
            }
            assert max(counts.values()) <= 2, (member.key, peer.key, counts)


@settings(max_examples=40)
@given(plan=plans())
def test_what_a_peer_brings_is_named_after_it(plan: Plan) -> None:
    """So that a cluster that comes or goes changes no rule of another."""
    for member in plan.members.values():
        for peer in peers(plan, member).values():
            for rules in rules_of_peer(member, peer, Exposure.INTERNAL).values():
                assert all(peer.key in rule.sentence.split() for rule in rules)
