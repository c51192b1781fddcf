"""Every rule, and the order of the passes."""

from collections.abc import Iterable, Iterator
from typing import Final

from components.config.rules import (
    access,
    demos,
    dns,
    existing,
    gitops,
    hosts,
    identity,
    images,
    mesh,
    names,
    nearness,
    notices,
    observability,
    openings,
    outside,
    pki,
    pools,
    ranges,
    realms,
    roles,
    sizes,
    tags,
    traffic,
    versions,
)
from components.config.rules.given import Given, Rule
from components.errors import Problem
from components.plan.firewall.groups import RULES_PER_GROUP_LIMIT, count_by_group
from components.plan.firewall.rule import Openings
from components.plan.plan import build_plan
from components.settings.clusters import SubnetRole


def _rules_per_group(given: Given) -> Iterator[Problem]:
    """One problem for each kind of group, at the cluster that is furthest beyond the limit."""
    plan = build_plan(given.settings)
    openings = Openings.of(given.settings)
    most: dict[SubnetRole, tuple[int, str]] = {}
    for key, member in plan.members.items():
        for role, count in count_by_group(member, plan.peers_of(key), openings).items():
            if count > max(RULES_PER_GROUP_LIMIT, most.get(role, (0, ""))[0]):
                most[role] = count, key
    for role, (count, key) in most.items():
        yield Problem(
            path=f"clusters.{key}",
            fault=f"needs more rules in its {role} group than the {RULES_PER_GROUP_LIMIT} that "
            "OCI takes",
            got=str(count),
            remedy="have fewer clusters in the mesh, or fewer ranges in allowedCidrs",
        )


_FIELD_RULES: Final[tuple[Rule, ...]] = (
    *access.RULES,
    *demos.RULES,
    *dns.RULES,
    *existing.RULES,
    *gitops.RULES,
    *hosts.RULES,
    *identity.RULES,
    *images.RULES,
    *mesh.RULES,
    *names.RULES,
    *nearness.RULES,
    *notices.RULES,
    *observability.RULES,
    *openings.RULES,
    *outside.RULES,
    *pki.RULES,
    *pools.RULES,
    *ranges.RULES,
    *realms.RULES,
    *roles.RULES,
    *sizes.RULES,
    *tags.RULES,
    *traffic.RULES,
    *versions.RULES,
)
_PLAN_RULES: Final[tuple[Rule, ...]] = (_rules_per_group,)


def check(given: Given) -> tuple[Problem, ...]:
    """Return every problem between fields, in the order of their paths.

    Limits of the plan come last and alone, since only settings that break no other rule have one.
    """
    return _found(_FIELD_RULES, given) or _found(_PLAN_RULES, given)


def _found(rules: Iterable[Rule], given: Given) -> tuple[Problem, ...]:
    return tuple(sorted({problem for rule in rules for problem in rule(given)}))
