"""The firewall rules of a VNIC: its groups' and its subnet's lists, with members as CIDRs."""

from __future__ import annotations

from lab.cloud.core.gateways import SERVICES_CIDR
from lab.cloud.core.records import (
    NetworkSecurityGroup,
    Node,
    SecurityList,
    SecurityRule,
    Subnet,
    Vnic,
)
from lab.cloud.core.security import members
from lab.cloud.store import Store
from lab.hosts.spec import Direction, FirewallRule


def rules_of(store: Store, vnic: Vnic) -> tuple[FirewallRule, ...]:
    """Everything that is allowed at a VNIC; the rest is not."""
    found: list[FirewallRule] = []
    for id_ in store.get(Subnet, vnic.subnet_id).security_list_ids:
        rules = store.get(SecurityList, id_)
        found += [_rule(store, rule, Direction.INGRESS) for rule in rules.ingress_security_rules]
        found += [_rule(store, rule, Direction.EGRESS) for rule in rules.egress_security_rules]
    for id_ in vnic.nsg_ids:
        found += [
            _rule(store, rule, Direction(str(rule.direction).lower()))
            for rule in store.get(NetworkSecurityGroup, id_).rules
        ]
    # a group without members yields a rule without peers: nothing is allowed by it
    return tuple(dict.fromkeys(rule for rule in found if rule.peers))


def _rule(store: Store, rule: SecurityRule, direction: Direction) -> FirewallRule:
    options = rule.tcp_options or rule.udp_options
    ports = options.destination_port_range if options else None
    icmp = rule.icmp_options
    return FirewallRule(
        direction=direction,
        protocol=rule.protocol,
        peers=_peers(store, *rule.peer(direction.upper())),
        ports=(ports.min, ports.max) if ports else None,
        icmp=(icmp.type, icmp.code) if icmp else None,
        stateless=rule.is_stateless,
    )


def _peers(store: Store, peer: str | None, sort: str | None) -> tuple[str, ...]:
    if sort == "SERVICE_CIDR_BLOCK":
        return (SERVICES_CIDR,)
    if sort == "CIDR_BLOCK":
        return (str(peer),)
    group = store.records.get(str(peer))
    if not isinstance(group, NetworkSecurityGroup) or not group.live:
        return ()
    inside = members(store, group)
    peers = [f"{vnic.private_ip}/32" for vnic in inside]
    return tuple(sorted(peers + [part for vnic in inside for part in _pod_range(store, vnic)]))


def _pod_range(store: Store, vnic: Vnic) -> list[str]:
    """The pods behind a node's second VNIC are members with it."""
    node = store.records.get(vnic.owner)
    if not isinstance(node, Node) or vnic.subnet_id != node.pod_subnet_id:
        return []
    return [node.pod_range] if node.pod_range else []
