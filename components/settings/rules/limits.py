"""Limits of Oracle Cloud that only the whole plan shows."""

from collections.abc import Iterator
from typing import Final

from components.errors import Problem
from components.network.groups import RULES_PER_GROUP_LIMIT, count_by_group
from components.network.rule import Openings
from components.settings.plan import build_plan
from components.settings.rules.given import Given, Rule


def _rules_per_group(given: Given) -> Iterator[Problem]:
    members = build_plan(given.settings).members
    openings = Openings.of(given.settings)
    for key, member in members.items():
        peers = {peer: members[peer] for peer in member.peers}
        for role, count in count_by_group(member, peers, openings).items():
            if count > RULES_PER_GROUP_LIMIT:
                yield Problem(
                    path=f"clusters.{key}",
                    fault=f"needs more rules in its {role} group than the {RULES_PER_GROUP_LIMIT} "
                    "that OCI takes",
                    got=str(count),
                    remedy="split the mesh, or allow fewer ranges",
                )


RULES: Final[tuple[Rule, ...]] = (_rules_per_group,)
