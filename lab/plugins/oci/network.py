"""Resource types of the network service; those that keep to the rule need a line each."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

from lab.plugins.base.checking import Checker
from lab.plugins.base.errors import PluginError
from lab.plugins.base.provider import Call, State
from lab.plugins.base.schema import ResourceSchema
from lab.plugins.base.values import Properties
from lab.plugins.oci import kinds, waits
from lab.plugins.oci.faults import NOT_FOUND, ApiError, asked, found
from lab.plugins.oci.resource import CloudResource
from lab.plugins.oci.session import Session

PEERED = "PEERED"
# Only from these may a connection still become PEERED.
PEERING_AHEAD = frozenset({"NEW", "PENDING"})


class Vcn(CloudResource):
    kind = kinds.VCN

    def change(self, call: Call, old: State, values: Properties) -> None:
        rest = dict(values)
        if "cidrBlocks" in rest:
            self._change_ranges(call, old, rest.pop("cidrBlocks"))
        super().change(call, old, rest)

    def _change_ranges(self, call: Call, old: State, wanted: list[str]) -> None:
        """The API adds and removes one range at a time, and is busy in between."""
        had = old.outputs.get("cidrBlocks") or []
        for verb, title, ranges in (
            ("add", "Add", [r for r in wanted if r not in had]),
            ("remove", "Remove", [r for r in had if r not in wanted]),
        ):
            for cidr in ranges:
                details = self.mapper.to_model(f"{title}VcnCidrDetails", {"cidrBlock": cidr})
                asked(getattr(self.client, f"{verb}_vcn_cidr"), old.id, details)
                waits.until_ready(call, lambda: self.get(old.id), ready=self.kind.ready, within=600)


class Subnet(CloudResource):
    kind = kinds.SUBNET


class InternetGateway(CloudResource):
    kind = kinds.INTERNET_GATEWAY


class NatGateway(CloudResource):
    kind = kinds.NAT_GATEWAY


class ServiceGateway(CloudResource):
    kind = kinds.SERVICE_GATEWAY


class RouteTable(CloudResource):
    kind = kinds.ROUTE_TABLE


class SecurityGroup(CloudResource):
    kind = kinds.SECURITY_GROUP


class Drg(CloudResource):
    kind = kinds.DRG


class DrgAttachment(CloudResource):
    kind = kinds.DRG_ATTACHMENT


class Peering(CloudResource):
    """A remote peering connection; the one that names its peer makes the connection."""

    kind = kinds.PEERING

    def complete(self, call: Call, made: str, inputs: Properties) -> None:
        if not inputs.get("peerId"):
            return
        waits.until_ready(
            call,
            lambda: self.get(made),
            ready=self.kind.ready,
            within=self.kind.creates_within,
        )
        details = self.mapper.to_model(
            "ConnectRemotePeeringConnectionsDetails",
            {"peerId": inputs["peerId"], "peerRegionName": inputs.get("peerRegionName")},
        )
        asked(self.client.connect_remote_peering_connections, made, details)
        self._await_peered(call, made)

    def _await_peered(self, call: Call, made: str) -> None:
        for pause in waits.pauses():
            status = str(self.get(made).peering_status)
            if status == PEERED:
                return
            if status not in PEERING_AHEAD:
                raise PluginError(
                    f"{call.name}: peering came to {status}; replace both ends of the pair"
                )
            call.report(f"waiting, peering {status.lower()}")
            call.wait(pause, within=self.kind.creates_within, state=status)


class SecurityRule(CloudResource):
    """One rule of a security group; the API knows them only as members of their group."""

    kind = kinds.SECURITY_RULE
    GROUP = "networkSecurityGroupId"

    def __init__(self, schema: ResourceSchema, checker: Checker, session: Session) -> None:
        super().__init__(schema, checker, session)
        # The API refuses changes of one group that overlap; those of different groups may.
        self.locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def create(self, call: Call, inputs: Properties) -> State:
        group = inputs[self.GROUP]
        rule = self.mapper.to_model("AddSecurityRuleDetails", self._own(inputs))
        added = self._of_group("add", "Add", group, security_rules=[rule]).data
        return State(
            str(added.security_rules[0].id), inputs, self.outputs(added.security_rules[0], inputs)
        )

    def read(self, call: Call, state: State) -> State | None:
        group = self._group(state)
        live = found(lambda: self._rule(group, state.id))
        if live is None:
            return None
        inputs = self.projected_inputs(state.inputs, {**self.live(live), self.GROUP: group})
        return State(state.id, inputs, {**self.outputs(live, inputs), self.GROUP: group})

    def update(self, call: Call, old: State, news: Properties) -> Properties:
        group = news[self.GROUP]
        # The API takes the whole rule: what is left out goes back to its default.
        rule = self.mapper.to_model("UpdateSecurityRuleDetails", self._own(news))
        rule.id = old.id
        self._of_group("update", "Update", group, security_rules=[rule])
        return self.outputs(self._rule(group, old.id), news)

    def delete(self, call: Call, old: State) -> None:
        group = self._group(old)
        found(lambda: self._of_group("remove", "Remove", group, security_rule_ids=[old.id]))

    def _group(self, state: State) -> str:
        group = state.inputs.get(self.GROUP) or state.outputs.get(self.GROUP)
        if not group:
            raise PluginError(
                "networkSecurityGroupId: not known of an imported rule; declare the rule instead"
            )
        return str(group)

    def _of_group(self, verb: str, title: str, group: str, **fields: Any) -> Any:
        model = f"{title}NetworkSecurityGroupSecurityRulesDetails"
        details = getattr(self.mapper.models, model)(**fields)
        operation = getattr(self.client, f"{verb}_network_security_group_security_rules")
        with self.locks[group]:
            return asked(operation, group, details)

    def _rule(self, group: str, rule_id: str) -> Any:
        import oci  # noqa: PLC0415 - takes half a second, and a preview needs it rarely

        listing = asked(
            oci.pagination.list_call_get_all_results,
            self.client.list_network_security_group_security_rules,
            group,
        ).data
        for rule in listing:
            if rule.id == rule_id:
                return rule
        raise ApiError(f"security rule {rule_id}: not in its group any more", status=NOT_FOUND)
