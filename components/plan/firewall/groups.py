"""All rules of a cluster's groups together, and how many they are; pure."""

from collections.abc import Mapping
from typing import Final

from components.plan.firewall.between import cross_rules
from components.plan.firewall.inside import rules
from components.plan.firewall.public import public_gateway_rules
from components.plan.firewall.rule import Openings, RuleTable
from components.plan.plan import Member
from components.settings.clusters import SubnetRole

# https://docs.oracle.com/iaas/Content/Network/Concepts/networksecuritygroups.htm, 2026-11
RULES_PER_GROUP_LIMIT: Final = 120


def group_rules(member: Member, peers: Mapping[str, Member], openings: Openings) -> RuleTable:
    """Return every rule of each group of `member`, among `peers` by key."""
    alone = rules(member, openings)
    together = cross_rules(member, peers, openings.east_west)
    return {role: (*alone[role], *together[role]) for role in alone}


def count_by_group(
    member: Member, peers: Mapping[str, Member], openings: Openings
) -> Mapping[SubnetRole, int]:
    """Return how many rules each group of `member` takes; OCI's limit is 120."""
    counts = {role: len(found) for role, found in group_rules(member, peers, openings).items()}
    counts[SubnetRole.PUBLIC_LB] += len(public_gateway_rules(member, peers, openings.east_west))
    return counts
