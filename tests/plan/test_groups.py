"""All rules of a cluster's groups together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from components.plan.firewall.groups import RULES_PER_GROUP_LIMIT, count_by_group, group_rules
from components.plan.firewall.public import public_gateway_rules
from components.plan.firewall.rule import DESCRIPTION_LIMIT, Openings, Rule
from components.plan.plan import Plan
from components.settings.clusters import SubnetRole
from components.settings.types import KEY_LIMIT
from tests.plan.reachability import PRIVATE, PUBLIC, peers, table
from tests.plan.topologies import flannel_primary_remote, mesh, multi_primary, plans
from tests.support.documents import cluster, flannel


def largest(plan: Plan, key: str, openings: Openings = PRIVATE) -> int:
    member = plan.members[key]
    return max(count_by_group(member, peers(plan, member), openings).values())


OPENINGS = pytest.mark.parametrize("openings", [PRIVATE, PUBLIC], ids=["internal", "public"])


@OPENINGS
@pytest.mark.parametrize("kind", [cluster, flannel], ids=["vcnNative", "flannel"])
def test_fifty_clusters_fit_into_the_limit_of_a_group(kind: object, openings: Openings) -> None:
    make = cluster if kind is cluster else flannel
    plan = mesh({f"c{number}": make(number) for number in range(50)}, operator="c0")
    assert max(largest(plan, key, openings) for key in plan.members) <= RULES_PER_GROUP_LIMIT


@OPENINGS
def test_a_primary_of_fifty_remotes_fits_into_the_limit_of_a_group(openings: Openings) -> None:
    remotes = {f"r{n}": flannel(n, role="remote", primary="a") for n in range(1, 50)}
    plan = mesh({"a": flannel(0), **remotes}, operator="a")
    assert largest(plan, "a", openings) <= RULES_PER_GROUP_LIMIT


def test_the_count_is_that_of_the_rules() -> None:
    plan = multi_primary(3, operator="a")
    member = plan.members["a"]
    assert count_by_group(member, peers(plan, member), PRIVATE) == {
        role: len(rules) for role, rules in table(plan, "a").items()
    }


def test_the_rules_of_a_public_gateway_count() -> None:
    plan = multi_primary(3)
    member = plan.members["a"]
    found = count_by_group(member, peers(plan, member), PUBLIC)[SubnetRole.PUBLIC_LB]
    assert found == len(table(plan, "a", PUBLIC)[SubnetRole.PUBLIC_LB]) + 2


def test_each_further_peer_adds_two_rules_to_the_busiest_groups() -> None:
    counts = [
        count_by_group(plan.members["a"], peers(plan, plan.members["a"]), PRIVATE)
        for plan in (multi_primary(2), multi_primary(3))
    ]
    assert {role.value: counts[1][role] - counts[0][role] for role in counts[0]} == {
        "api": 1, "workers": 0, "pods": 2, "internalLb": 2, "publicLb": 0,
    }  # fmt: skip


@OPENINGS
@settings(max_examples=40)
@given(plan=plans())
def test_no_two_rules_of_a_group_have_the_same_name(plan: Plan, openings: Openings) -> None:
    for member in plan.members.values():
        others = peers(plan, member)
        made: list[tuple[SubnetRole, Rule]] = [
            (role, rule)
            for role, rules in group_rules(member, others, openings).items()
            for rule in rules
        ]
        made += [
            (SubnetRole.PUBLIC_LB, rule)
            for rule in public_gateway_rules(member, others, openings.east_west)
        ]
        names = [(role, rule.slug) for role, rule in made]
        assert len(set(names)) == len(names)


@settings(max_examples=40)
@given(plan=plans())
def test_no_rule_is_made_twice_under_two_names(plan: Plan) -> None:
    for member in plan.members.values():
        for rules in group_rules(member, peers(plan, member), PUBLIC).values():
            effects = [(rule.direction, rule.side, rule.traffic) for rule in rules]
            assert len(set(effects)) == len(effects)


def test_the_sentence_of_the_longest_key_is_within_the_limit_of_a_description() -> None:
    keys = ("a" * KEY_LIMIT, "b" * KEY_LIMIT)
    plan = mesh(
        {
            keys[0]: cluster(0, network="one"),
            keys[1]: cluster(1, network="one", role="remote", primary=keys[0]),
        },
        operator=keys[0],
    )
    sentences = [
        rule.sentence for key in keys for rules in table(plan, key).values() for rule in rules
    ]
    sentences += [
        rule.sentence
        for member in plan.members.values()
        for rule in public_gateway_rules(member, peers(plan, member), PUBLIC.east_west)
    ]
    assert max(map(len, sentences)) <= DESCRIPTION_LIMIT


def test_a_group_without_rules_for_others_keeps_its_own() -> None:
    assert len(table(flannel_primary_remote(), "a")[SubnetRole.PUBLIC_LB]) > 0
