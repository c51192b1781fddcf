"""All rules of a cluster's groups together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from components.network.groups import RULES_PER_GROUP_LIMIT, count_by_group, group_rules
from components.network.rule import DESCRIPTION_LIMIT, NsgRole
from components.settings.plan import Plan
from components.settings.types import KEY_LIMIT
from tests.network.reachability import PRIVATE, PUBLIC, peers, table
from tests.network.topologies import flannel_primary_remote, mesh, multi_primary, plans
from tests.support.documents import cluster, flannel


def largest(plan: Plan, key: str) -> int:
    member = plan.members[key]
    return max(count_by_group(member, peers(plan, member), PRIVATE).values())


@pytest.mark.parametrize("kind", [cluster, flannel], ids=["vcnNative", "flannel"])
def test_fifty_clusters_fit_into_the_limit_of_a_group(kind: object) -> None:
    make = cluster if kind is cluster else flannel
    plan = mesh({f"c{number}": make(number) for number in range(50)}, operator="c0")
    assert max(largest(plan, key) for key in plan.members) <= RULES_PER_GROUP_LIMIT


def test_a_primary_of_fifty_remotes_fits_into_the_limit_of_a_group() -> None:
    remotes = {f"r{n}": flannel(n, role="remote", primary="a") for n in range(1, 50)}
    assert largest(mesh({"a": flannel(0), **remotes}, operator="a"), "a") <= RULES_PER_GROUP_LIMIT


def test_the_count_is_that_of_the_rules() -> None:
    plan = multi_primary(3, operator="a")
    member = plan.members["a"]
    assert count_by_group(member, peers(plan, member), PRIVATE) == {
        role: len(rules) for role, rules in table(plan, "a").items()
    }


def test_each_further_peer_adds_two_rules_to_the_busiest_groups() -> None:
    counts = [
        count_by_group(plan.members["a"], peers(plan, plan.members["a"]), PRIVATE)
        for plan in (multi_primary(2), multi_primary(3))
    ]
    assert {role.value: counts[1][role] - counts[0][role] for role in counts[0]} == {
        "api": 1, "workers": 0, "pods": 2, "internalLb": 2, "publicLb": 0,
    }  # fmt: skip


@pytest.mark.parametrize("openings", [PRIVATE, PUBLIC], ids=["internal", "public"])
@settings(max_examples=40)
@given(plan=plans())
def test_no_two_rules_of_a_group_have_the_same_name(plan: Plan, openings: object) -> None:
    chosen = PUBLIC if openings is PUBLIC else PRIVATE
    for member in plan.members.values():
        for rules in group_rules(member, peers(plan, member), chosen).values():
            slugs = [rule.slug for rule in rules]
            assert len(set(slugs)) == len(slugs)


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
    assert max(map(len, sentences)) <= DESCRIPTION_LIMIT


def test_a_group_without_rules_for_others_keeps_its_own() -> None:
    assert len(table(flannel_primary_remote(), "a")[NsgRole.PUBLIC_LB]) > 0
