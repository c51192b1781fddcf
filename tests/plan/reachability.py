"""Asks tables of rules, as a firewall would, whether a packet passes."""

from __future__ import annotations

from ipaddress import IPv4Network

from components.plan.firewall.between import cross_rules
from components.plan.firewall.groups import group_rules
from components.plan.firewall.rule import (
    Direction,
    Openings,
    Protocol,
    Rule,
    RuleTable,
    Traffic,
    tcp,
)
from components.plan.plan import Member, Plan
from components.settings.clusters import SubnetRole
from components.settings.mesh import Exposure

# One port of everything that listens somewhere, and one that nothing knows.
PORTS = (22, 80, 443, 6443, 8080, 10250, 10256, 12250, 15012, 15017, 15021, 15443, 30080)

PRIVATE = Openings(
    ingress=Exposure.PUBLIC,
    east_west=Exposure.INTERNAL,
    operator_cidrs=(IPv4Network("198.51.100.7/32"),),
)
PUBLIC = Openings(
    ingress=Exposure.PUBLIC, east_west=Exposure.PUBLIC, operator_cidrs=PRIVATE.operator_cidrs
)


def peers(plan: Plan, member: Member) -> dict[str, Member]:
    """Return the other members by key."""
    return {key: plan.members[key] for key in member.peers}


def table(plan: Plan, key: str, openings: Openings = PRIVATE) -> RuleTable:
    """Return all rules of one member."""
    member = plan.members[key]
    return group_rules(member, peers(plan, member), openings)


def cross(plan: Plan, key: str, east_west: Exposure = Exposure.INTERNAL) -> RuleTable:
    """Return the rules of one member that exist because of others."""
    member = plan.members[key]
    return cross_rules(member, peers(plan, member), east_west)


def range_of(member: Member, role: SubnetRole) -> IPv4Network:
    """Return where the members of a group are."""
    return member.subnets[SubnetRole(role.value)]


def carries(rule: Rule, traffic: Traffic) -> bool:
    """Return whether the rule lets all of `traffic` pass."""
    if rule.traffic.protocol is Protocol.ALL:
        return True
    if rule.traffic.protocol is not traffic.protocol:
        return False
    if rule.traffic.ports is None or traffic.ports is None:
        return rule.traffic.ports is None
    first, last = rule.traffic.ports
    return first <= traffic.ports[0] and traffic.ports[1] <= last


def is_within(rule: Rule, other: Member, role: SubnetRole, *, same: bool) -> bool:
    """Return whether a group of `other` is on the other side of the rule."""
    if isinstance(rule.side, IPv4Network):
        return range_of(other, role).subnet_of(rule.side)
    return same and rule.side is role


def passes(
    source: tuple[Member, SubnetRole],
    destination: tuple[Member, SubnetRole],
    traffic: Traffic,
    *,
    tables: dict[str, RuleTable],
) -> bool:
    """Return whether one side lets `traffic` out and the other lets it in."""
    (from_, from_role), (to, to_role) = source, destination
    same = from_.key == to.key
    return any(
        rule.direction is Direction.EGRESS
        and carries(rule, traffic)
        and is_within(rule, to, to_role, same=same)
        for rule in tables[from_.key][from_role]
    ) and any(
        rule.direction is Direction.INGRESS
        and carries(rule, traffic)
        and is_within(rule, from_, from_role, same=same)
        for rule in tables[to.key][to_role]
    )


def open_ports(
    plan: Plan, from_: str, to: str, *, openings: Openings = PRIVATE
) -> dict[tuple[str, str], set[int]]:
    """Return which of `PORTS` each group of one cluster reaches in each group of another.

    Public load balancers are left out as destinations: anyone may reach their open ports.
    """
    tables = {key: table(plan, key, openings) for key in {from_, to}}
    source, target = plan.members[from_], plan.members[to]
    found = {
        (role, other): {
            port
            for port in PORTS
            if passes((source, role), (target, other), tcp(port), tables=tables)
        }
        for role in tables[from_]
        for other in tables[to]
        if other is not SubnetRole.PUBLIC_LB
    }
    return {(a.value, b.value): ports for (a, b), ports in found.items() if ports}
