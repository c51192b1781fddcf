"""Firewall rules: security groups with their rules, and security lists."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

from lab.plugins.base.provider import Call, State
from lab.plugins.oci import kinds
from lab.plugins.oci.faults import NOT_FOUND, ApiError, asked, found
from lab.plugins.oci.resource import CloudResource
from lab.plugins.oci.session import Session
from sdks.checking import Checker
from sdks.schema import ResourceSchema
from sdks.values import Properties


class SecurityGroup(CloudResource):
    kind = kinds.SECURITY_GROUP


class SecurityList(CloudResource):
    """Rules of a subnet; the package writes ports flat, the API in a range of their own."""

    kind = kinds.SECURITY_LIST
    RULES = ("ingressSecurityRules", "egressSecurityRules")
    PORTS = ("tcpOptions", "udpOptions")

    def create_details(self, inputs: Properties) -> Any:
        return super().create_details(self._ranged(inputs))

    def change(self, call: Call, old: State, values: Properties) -> None:
        super().change(call, old, self._ranged(values))

    def live(self, model: Any) -> Properties:
        told = super().live(model)
        for name, rules in (
            ("ingressSecurityRules", model.ingress_security_rules),
            ("egressSecurityRules", model.egress_security_rules),
        ):
            for shown, rule in zip(told.get(name, ()), rules or (), strict=True):
                self._flatten(shown, rule)
        return told

    def _ranged(self, values: Properties) -> Properties:
        changed = {
            name: [self._ranged_rule(rule) for rule in values[name]]
            for name in self.RULES
            if name in values
        }
        return {**values, **changed}

    def _ranged_rule(self, rule: Properties) -> Properties:
        ported = {name: _with_range(rule[name]) for name in self.PORTS if rule.get(name)}
        return {**rule, **ported}

    def _flatten(self, shown: Properties, rule: Any) -> None:
        for name, options in (("tcpOptions", rule.tcp_options), ("udpOptions", rule.udp_options)):
            ports = None if options is None else options.destination_port_range
            if ports is not None:
                shown[name] = {**shown.get(name, {}), "min": ports.min, "max": ports.max}


class DefaultSecurityList(SecurityList):
    """The list that a VCN is born with: taken over, changed, and left to the VCN in the end."""

    kind = kinds.DEFAULT_SECURITY_LIST
    VCNS_OWN = "manageDefaultResourceId"

    def make(self, call: Call, inputs: Properties) -> str:
        made = str(inputs[self.VCNS_OWN])
        rules = {name: inputs.get(name) or [] for name in self.RULES}
        self.change(call, State(made, inputs, {}), {**inputs, **rules})
        return made

    def delete(self, call: Call, old: State) -> None:
        """Nothing: the list goes with its VCN."""


def _with_range(options: Properties) -> Properties:
    ranged = {name: value for name, value in options.items() if name == "sourcePortRange"}
    if "min" in options:
        ranged["destinationPortRange"] = {"min": options["min"], "max": options["max"]}
    return ranged


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
        group = state.inputs[self.GROUP]
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
        group = old.inputs[self.GROUP]
        found(lambda: self._of_group("remove", "Remove", group, security_rule_ids=[old.id]))

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
