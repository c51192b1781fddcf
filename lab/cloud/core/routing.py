"""Route tables of subnets: where traffic to a range leads."""

from __future__ import annotations

from lab.cloud.core.cidrs import network
from lab.cloud.core.gateways import service_cidrs
from lab.cloud.core.vcn import in_region, refuse_default
from lab.cloud.errors import in_use, invalid
from lab.cloud.router import Call
from lab.cloud.store import Json, Record, Store

TARGETS = ("internetgateway", "natgateway", "servicegateway", "drg")
MAX_RULES = 200


def create_route_table(store: Store, call: Call, body: Json) -> Record:
    in_region(store, "vcn", body["vcnId"], region=call.region)
    body["routeRules"] = _checked_rules(store, body["vcnId"], call.region, rules=body["routeRules"])
    return store.create("routetable", call.region, body)


def update_route_table(store: Store, table: Record, change: Json) -> None:
    if "routeRules" in change:
        change["routeRules"] = _checked_rules(
            store, table.body["vcnId"], table.region, rules=change["routeRules"]
        )
    table.body.update(change)


def delete_route_table(store: Store, table: Record) -> None:
    refuse_default(table, "RouteTable")
    for subnet in store.find("subnet", table.region, lambda r: r.body["routeTableId"] == table.id):
        raise in_use(f"RouteTable {table.id}", f"Subnet {subnet.id}")


def target_of(store: Store, rule: Json) -> Record | None:
    """What a route rule leads to; None when it is gone."""
    record = store.records.get(rule["networkEntityId"])
    return record if record is not None and record.live and record.kind in TARGETS else None


def _checked_rules(store: Store, vcn_id: str, region: str, *, rules: list[Json]) -> list[Json]:
    if len(rules) > MAX_RULES:
        raise invalid(f"A route table has at most {MAX_RULES} rules, got {len(rules)}.")
    result: list[Json] = []
    for given in rules:
        rule = {"destinationType": "CIDR_BLOCK", "routeType": "STATIC", **given}
        if "cidrBlock" in rule:
            rule.setdefault("destination", rule.pop("cidrBlock"))
        _check_destination(rule, region)
        _check_target(store, vcn_id, rule)
        if any(rule["destination"] == other["destination"] for other in result):
            raise invalid(f"Route rules have the destination {rule['destination']} twice.")
        result.append(rule)
    return result


def _check_destination(rule: Json, region: str) -> None:
    if "destination" not in rule:
        raise invalid("A route rule needs a destination.")
    if rule["destinationType"] == "CIDR_BLOCK":
        network(rule["destination"], "destination")
    elif rule["destination"] not in service_cidrs(region):
        raise invalid(f"destination '{rule['destination']}' is not a service of {region}.")


def _check_target(store: Store, vcn_id: str, rule: Json) -> None:
    target = target_of(store, rule)
    id_ = rule["networkEntityId"]
    if target is None:
        raise invalid(f"networkEntityId {id_} is not a gateway that a route rule can lead to.")
    if (rule["destinationType"] == "SERVICE_CIDR_BLOCK") != (target.kind == "servicegateway"):
        raise invalid(f"A service as destination and a service gateway need each other, got {id_}.")
    if target.kind == "drg":
        attached = store.find(
            "drgattachment",
            where=lambda r: r.body["drgId"] == id_ and r.body.get("vcnId") == vcn_id,
        )
        if not attached:
            raise invalid(f"DRG {id_} is not attached to VCN {vcn_id}.")
    elif target.body["vcnId"] != vcn_id:
        raise invalid(f"networkEntityId {id_} is not in VCN {vcn_id}.")
