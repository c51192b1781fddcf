"""Security lists, network security groups and their rules."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from lab.cloud.core.cidrs import network
from lab.cloud.core.gateways import service_cidrs
from lab.cloud.core.records import (
    NetworkSecurityGroup,
    PortOptions,
    SecurityList,
    SecurityRule,
    Subnet,
    Vcn,
    Vnic,
)
from lab.cloud.core.vcn import refuse_default
from lab.cloud.errors import in_use, invalid, not_found, over_limit
from lab.cloud.ids import now
from lab.cloud.records import Json
from lab.cloud.resources import given
from lab.cloud.store import Store

MAX_RULES = 120
"""Rules of one group, the vendor's limit."""
MAX_RULES_OF_CALL = 25
LAST_PORT = 65535

_PROTOCOLS = {"tcpOptions": ("6",), "udpOptions": ("17",), "icmpOptions": ("1", "58")}


def create_list(store: Store, record: SecurityList) -> None:
    store.live(Vcn, record.vcn_id, record.region)
    _check_list(record)


def update_list(_store: Store, _before: SecurityList, after: SecurityList) -> None:
    _check_list(after)


def delete_list(store: Store, record: SecurityList) -> None:
    refuse_default(record)
    for subnet in store.find(Subnet, record.region, lambda r: record.id in r.security_list_ids):
        raise in_use(f"SecurityList {record.id}", f"Subnet {subnet.id}")


def create_group(store: Store, group: NetworkSecurityGroup) -> None:
    store.live(Vcn, group.vcn_id, group.region)


def delete_group(store: Store, group: NetworkSecurityGroup) -> None:
    for vnic in members(store, group):
        raise in_use(f"NetworkSecurityGroup {group.id}", f"VNIC {vnic.id}")
    for other in store.find(NetworkSecurityGroup, group.region):
        named = {end for rule in other.rules for end in (rule.source, rule.destination)}
        if other.id != group.id and group.id in named:
            raise in_use(f"NetworkSecurityGroup {group.id}", f"NetworkSecurityGroup {other.id}")


def members(store: Store, group: NetworkSecurityGroup) -> list[Vnic]:
    """The VNICs in a group."""
    return store.find(Vnic, group.region, lambda r: group.id in r.nsg_ids)


def member_rows(store: Store, group: NetworkSecurityGroup) -> list[Json]:
    return [
        {"vnicId": vnic.id, "resourceId": vnic.owner, "timeAssociated": vnic.time_created}
        for vnic in members(store, group)
    ]


def add_rules(
    store: Store, group: NetworkSecurityGroup, rules: Sequence[Json]
) -> list[SecurityRule]:
    _check_count(rules)
    if len(group.rules) + len(rules) > MAX_RULES:
        raise over_limit(
            f"NetworkSecurityGroup {group.id} can have {MAX_RULES} security rules, "
            f"has {len(group.rules)}, and {len(rules)} more were asked for."
        )
    added = [_rule(store, group, {**rule, "id": secrets.token_hex(3).upper()}) for rule in rules]
    _set_rules(store, group, [*group.rules, *added])
    return added


def update_rules(
    store: Store, group: NetworkSecurityGroup, rules: Sequence[Json]
) -> list[SecurityRule]:
    _check_count(rules)
    known = {rule.id: rule for rule in group.rules}
    updated = {rule["id"]: _rule(store, group, rule) for rule in rules}
    if not updated.keys() <= known.keys():
        raise not_found()
    _set_rules(store, group, list({**known, **updated}.values()))
    return list(updated.values())


def remove_rules(store: Store, group: NetworkSecurityGroup, ids: Sequence[str]) -> None:
    if not set(ids) <= {rule.id for rule in group.rules}:
        raise not_found()
    _set_rules(store, group, [rule for rule in group.rules if rule.id not in ids])


def _set_rules(store: Store, group: NetworkSecurityGroup, rules: list[SecurityRule]) -> None:
    group.rules = rules
    group.revision += 1
    store.touch()


def _check_count(rules: Sequence[Json]) -> None:
    if len(rules) > MAX_RULES_OF_CALL:
        raise invalid(f"At most {MAX_RULES_OF_CALL} rules in one request, got {len(rules)}.")


def _rule(store: Store, group: NetworkSecurityGroup, asked: Json) -> SecurityRule:
    rule = SecurityRule(**{**asked, "isValid": True, "timeCreated": now()})
    inward = rule.direction == "INGRESS"
    if (rule.destination if inward else rule.source) is not None:
        other = "destination" if inward else "source"
        raise invalid(f"A rule of direction {rule.direction} has no {other}.")
    _check_rule(rule, str(rule.direction), group.region)
    peer, sort = rule.peer(str(rule.direction))
    if sort == "NETWORK_SECURITY_GROUP":
        other_group = store.live(NetworkSecurityGroup, str(peer), group.region)
        if other_group.vcn_id != group.vcn_id:
            raise invalid(f"NetworkSecurityGroup {peer} is not in the same VCN.")
    return rule


def _check_list(record: SecurityList) -> None:
    for rule in record.ingress_security_rules:
        _check_rule(rule, "INGRESS", record.region)
    for rule in record.egress_security_rules:
        _check_rule(rule, "EGRESS", record.region)


def _check_rule(rule: SecurityRule, direction: str, region: str) -> None:
    end = "source" if direction == "INGRESS" else "destination"
    # only the end that a rule has is given its default
    if direction == "INGRESS":
        rule.source_type = rule.source_type or "CIDR_BLOCK"
    else:
        rule.destination_type = rule.destination_type or "CIDR_BLOCK"
    peer, sort = rule.peer(direction)
    peer = given(peer, end)
    if sort == "CIDR_BLOCK":
        network(peer, end)
    elif sort == "SERVICE_CIDR_BLOCK" and peer not in service_cidrs(region):
        raise invalid(f"{end} '{peer}' is not a service of {region}.")
    if rule.protocol != "all" and not rule.protocol.isdecimal():
        raise invalid(f"protocol '{rule.protocol}' must be 'all' or an IANA protocol number.")
    _check_options(rule)


def _check_options(rule: SecurityRule) -> None:
    options = {
        "tcpOptions": rule.tcp_options,
        "udpOptions": rule.udp_options,
        "icmpOptions": rule.icmp_options,
    }
    for name, option in options.items():
        if option is not None and rule.protocol not in _PROTOCOLS[name]:
            raise invalid(f"{name} needs protocol {' or '.join(_PROTOCOLS[name])}.")
        ports = option.destination_port_range if isinstance(option, PortOptions) else None
        if ports and not 1 <= ports.min <= ports.max <= LAST_PORT:
            raise invalid(f"{name}.destinationPortRange {ports.min}-{ports.max} is no range.")
