"""Security lists, network security groups and their rules."""

from __future__ import annotations

import secrets

from lab.cloud.core.cidrs import network
from lab.cloud.core.gateways import service_cidrs
from lab.cloud.core.vcn import in_region, refuse_default
from lab.cloud.errors import in_use, invalid, not_found, over_limit
from lab.cloud.ids import now
from lab.cloud.router import Call
from lab.cloud.store import Json, Record, Store

MAX_RULES = 120
"""Rules of one group, the vendor's limit."""
MAX_RULES_OF_CALL = 25
LAST_PORT = 65535

_PROTOCOLS = {"tcpOptions": ("6",), "udpOptions": ("17",), "icmpOptions": ("1", "58")}
_ENDS = {"INGRESS": "source", "EGRESS": "destination"}


def create_security_list(store: Store, call: Call, body: Json) -> Record:
    in_region(store, "vcn", body["vcnId"], region=call.region)
    _check_list(call.region, body)
    return store.create("securitylist", call.region, body)


def update_security_list(store: Store, record: Record, change: Json) -> None:
    _check_list(record.region, change)
    record.body.update(change)


def delete_security_list(store: Store, record: Record) -> None:
    refuse_default(record, "SecurityList")
    for subnet in store.find(
        "subnet", record.region, lambda r: record.id in r.body["securityListIds"]
    ):
        raise in_use(f"SecurityList {record.id}", f"Subnet {subnet.id}")


def create_group(store: Store, call: Call, body: Json) -> Record:
    in_region(store, "vcn", body["vcnId"], region=call.region)
    return store.create("networksecuritygroup", call.region, body, rules=[])


def delete_group(store: Store, group: Record) -> None:
    for vnic in members(store, group):
        raise in_use(f"NetworkSecurityGroup {group.id}", f"VNIC {vnic.id}")
    for other in store.find("networksecuritygroup", group.region):
        named = {rule.get("source") for rule in other.hidden["rules"]}
        named |= {rule.get("destination") for rule in other.hidden["rules"]}
        if other.id != group.id and group.id in named:
            raise in_use(f"NetworkSecurityGroup {group.id}", f"NetworkSecurityGroup {other.id}")


def members(store: Store, group: Record) -> list[Record]:
    """The VNICs in a group."""
    return store.find("vnic", group.region, lambda r: group.id in r.body["nsgIds"])


def member_rows(store: Store, group: Record) -> list[Json]:
    return [
        {
            "vnicId": vnic.id,
            "resourceId": vnic.hidden["owner"],
            "timeAssociated": vnic.body["timeCreated"],
        }
        for vnic in members(store, group)
    ]


def add_rules(store: Store, group: Record, rules: list[Json]) -> list[Json]:
    _check_count(rules)
    present = group.hidden["rules"]
    if len(present) + len(rules) > MAX_RULES:
        raise over_limit(
            f"NetworkSecurityGroup {group.id} can have {MAX_RULES} security rules, "
            f"has {len(present)}, and {len(rules)} more were asked for."
        )
    added = [_rule(store, group, rule, id_=secrets.token_hex(3).upper()) for rule in rules]
    present.extend(added)
    _changed(store, group)
    return added


def update_rules(store: Store, group: Record, rules: list[Json]) -> list[Json]:
    _check_count(rules)
    known = {rule["id"]: n for n, rule in enumerate(group.hidden["rules"])}
    updated = []
    for rule in rules:
        if rule["id"] not in known:
            raise not_found()
        fresh = _rule(store, group, rule, id_=rule["id"])
        group.hidden["rules"][known[rule["id"]]] = fresh
        updated.append(fresh)
    _changed(store, group)
    return updated


def remove_rules(store: Store, group: Record, ids: list[str]) -> None:
    known = {rule["id"] for rule in group.hidden["rules"]}
    if not set(ids) <= known:
        raise not_found()
    group.hidden["rules"] = [rule for rule in group.hidden["rules"] if rule["id"] not in ids]
    _changed(store, group)


def _changed(store: Store, group: Record) -> None:
    group.revision += 1
    store.touch()


def _check_count(rules: list[Json]) -> None:
    if len(rules) > MAX_RULES_OF_CALL:
        raise invalid(f"At most {MAX_RULES_OF_CALL} rules in one request, got {len(rules)}.")


def _rule(store: Store, group: Record, rule: Json, *, id_: str) -> Json:
    end = _ENDS[rule["direction"]]
    other = next(name for name in _ENDS.values() if name != end)
    if other in rule:
        raise invalid(f"A rule of direction {rule['direction']} has no {other}.")
    complete = {"isStateless": False, **rule, f"{end}Type": rule.get(f"{end}Type", "CIDR_BLOCK")}
    _check_rule(complete, end, group.region)
    if complete[f"{end}Type"] == "NETWORK_SECURITY_GROUP":
        peer = store.live("networksecuritygroup", complete[end], group.region)
        if peer.body["vcnId"] != group.body["vcnId"]:
            raise invalid(f"NetworkSecurityGroup {peer.id} is not in the same VCN.")
    return {**complete, "id": id_, "isValid": True, "timeCreated": now()}


def _check_list(region: str, body: Json) -> None:
    for name, end in (("ingressSecurityRules", "source"), ("egressSecurityRules", "destination")):
        for rule in body.get(name, []):
            rule.setdefault("isStateless", False)
            rule.setdefault(f"{end}Type", "CIDR_BLOCK")
            _check_rule(rule, end, region)


def _check_rule(rule: Json, end: str, region: str) -> None:
    if end not in rule:
        raise invalid(f"{end} may not be null or absent.")
    sort = rule[f"{end}Type"]
    if sort == "CIDR_BLOCK":
        network(rule[end], end)
    elif sort == "SERVICE_CIDR_BLOCK" and rule[end] not in service_cidrs(region):
        raise invalid(f"{end} '{rule[end]}' is not a service of {region}.")
    if rule["protocol"] != "all" and not rule["protocol"].isdecimal():
        raise invalid(f"protocol '{rule['protocol']}' must be 'all' or an IANA protocol number.")
    _check_options(rule)


def _check_options(rule: Json) -> None:
    for name, protocols in _PROTOCOLS.items():
        if name in rule and rule["protocol"] not in protocols:
            raise invalid(f"{name} needs protocol {' or '.join(protocols)}.")
    for name in ("tcpOptions", "udpOptions"):
        ports = rule.get(name, {}).get("destinationPortRange")
        if ports and not 1 <= ports["min"] <= ports["max"] <= LAST_PORT:
            raise invalid(f"{name}.destinationPortRange {ports['min']}-{ports['max']} is no range.")
