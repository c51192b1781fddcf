"""Route tables of subnets: where traffic to a range leads."""

from __future__ import annotations

from lab.cloud.core.cidrs import network
from lab.cloud.core.gateways import service_cidrs
from lab.cloud.core.records import (
    Drg,
    DrgAttachment,
    InternetGateway,
    NatGateway,
    RouteRule,
    RouteTable,
    ServiceGateway,
    Subnet,
    Vcn,
)
from lab.cloud.core.vcn import refuse_default
from lab.cloud.errors import in_use, invalid
from lab.cloud.store import Store

MAX_RULES = 200

Target = InternetGateway | NatGateway | ServiceGateway | Drg


def create_route_table(store: Store, table: RouteTable) -> None:
    store.live(Vcn, table.vcn_id, table.region)
    _check_rules(store, table)


def update_route_table(store: Store, _before: RouteTable, after: RouteTable) -> None:
    _check_rules(store, after)


def delete_route_table(store: Store, table: RouteTable) -> None:
    refuse_default(table)
    for subnet in store.find(Subnet, table.region, lambda r: r.route_table_id == table.id):
        raise in_use(f"RouteTable {table.id}", f"Subnet {subnet.id}")


def target_of(store: Store, rule: RouteRule) -> Target | None:
    """What a route rule leads to; None when it is gone."""
    record = store.records.get(rule.network_entity_id)
    return record if isinstance(record, Target) and record.live else None


def _check_rules(store: Store, table: RouteTable) -> None:
    if len(table.route_rules) > MAX_RULES:
        raise invalid(f"A route table has at most {MAX_RULES} rules, got {len(table.route_rules)}.")
    seen: set[str] = set()
    for rule in table.route_rules:
        destination = _check_destination(rule, table.region)
        _check_target(store, table.vcn_id, rule)
        if destination in seen:
            raise invalid(f"Route rules have the destination {destination} twice.")
        seen.add(destination)


def _check_destination(rule: RouteRule, region: str) -> str:
    if rule.destination is None:
        raise invalid("A route rule needs a destination.")
    if rule.destination_type == "CIDR_BLOCK":
        network(rule.destination, "destination")
    elif rule.destination not in service_cidrs(region):
        raise invalid(f"destination '{rule.destination}' is not a service of {region}.")
    return rule.destination


def _check_target(store: Store, vcn_id: str, rule: RouteRule) -> None:
    target = target_of(store, rule)
    id_ = rule.network_entity_id
    if target is None:
        raise invalid(f"networkEntityId {id_} is not a gateway that a route rule can lead to.")
    if (rule.destination_type == "SERVICE_CIDR_BLOCK") != isinstance(target, ServiceGateway):
        raise invalid(f"A service as destination and a service gateway need each other, got {id_}.")
    if isinstance(target, Drg):
        attached = store.find(DrgAttachment, where=lambda r: r.drg_id == id_ and r.vcn_id == vcn_id)
        if not attached:
            raise invalid(f"DRG {id_} is not attached to VCN {vcn_id}.")
    elif target.vcn_id != vcn_id:
        raise invalid(f"networkEntityId {id_} is not in VCN {vcn_id}.")
