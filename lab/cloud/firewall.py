"""The firewall rules of a VNIC: its groups' and its subnet's lists, with members as CIDRs."""

from __future__ import annotations

from lab.cloud.core.gateways import SERVICES_CIDR
from lab.cloud.core.security import members
from lab.cloud.store import Json, Record, Store
from lab.hosts.spec import Direction, FirewallRule

_ENDS = {Direction.INGRESS: "source", Direction.EGRESS: "destination"}


def rules_of(store: Store, vnic: Record) -> tuple[FirewallRule, ...]:
    """Everything that is allowed at a VNIC; the rest is not."""
    subnet = store.get("subnet", vnic.body["subnetId"])
    found: list[FirewallRule] = []
    for id_ in subnet.body["securityListIds"]:
        record = store.get("securitylist", id_)
        for name, direction in (
            ("ingressSecurityRules", Direction.INGRESS),
            ("egressSecurityRules", Direction.EGRESS),
        ):
            found += [_rule(store, rule, direction) for rule in record.body.get(name, [])]
    for id_ in vnic.body["nsgIds"]:
        group = store.get("networksecuritygroup", id_)
        found += [
            _rule(store, rule, Direction(rule["direction"].lower()))
            for rule in group.hidden["rules"]
        ]
    # a group without members yields a rule without peers: nothing is allowed by it
    return tuple(dict.fromkeys(rule for rule in found if rule.peers))


def _rule(store: Store, rule: Json, direction: Direction) -> FirewallRule:
    end = _ENDS[direction]
    return FirewallRule(
        direction=direction,
        protocol=rule["protocol"],
        peers=_peers(store, rule[f"{end}Type"], rule[end]),
        ports=_ports(rule),
        icmp=_icmp(rule),
        stateless=bool(rule.get("isStateless")),
    )


def _peers(store: Store, sort: str, value: str) -> tuple[str, ...]:
    if sort == "SERVICE_CIDR_BLOCK":
        return (SERVICES_CIDR,)
    if sort == "CIDR_BLOCK":
        return (value,)
    group = store.records.get(value)
    if group is None or not group.live:
        return ()
    inside = members(store, group)
    peers = [f"{vnic.body['privateIp']}/32" for vnic in inside]
    return tuple(sorted(peers + [part for vnic in inside for part in _pod_range(store, vnic)]))


def _pod_range(store: Store, vnic: Record) -> list[str]:
    """The pods behind a node's second VNIC are members with it."""
    node = store.records.get(vnic.hidden["owner"])
    if node is None or vnic.body["subnetId"] != node.hidden.get("pod_subnet"):
        return []
    return [node.hidden["pod_range"]]


def _ports(rule: Json) -> tuple[int, int] | None:
    options = rule.get("tcpOptions") or rule.get("udpOptions") or {}
    ports = options.get("destinationPortRange")
    return (ports["min"], ports["max"]) if ports else None


def _icmp(rule: Json) -> tuple[int, int | None] | None:
    options = rule.get("icmpOptions")
    return (options["type"], options.get("code")) if options else None
