"""Who is let in from the whole world, in every description that the tests know."""

from __future__ import annotations

import pytest

from tests.support.harness import Registered
from tests.support.program import CASES, inventory_run

RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
LISTS = (
    "oci:Core/securityList:SecurityList",
    "oci:Core/defaultSecurityList:DefaultSecurityList",
)
WORLD = ("0.0.0.0/0", "::/0")
ONE_PORT = ({"min": 80, "max": 80}, {"min": 443, "max": 443})
PATH_DISCOVERY = {"type": 3, "code": 4}


def is_harmless(rule: Registered) -> bool:
    """Whether a rule lets in no more than an ingress gateway answers, or that a packet is big."""
    if rule.inputs["protocol"] == "1":
        return bool(rule.inputs["icmpOptions"] == PATH_DISCOVERY)
    options = rule.inputs.get("tcpOptions") or {}
    return rule.inputs["protocol"] == "6" and options.get("destinationPortRange") in ONE_PORT


@pytest.mark.parametrize("case", CASES)
def test_the_world_comes_in_on_80_and_443_alone(case: str) -> None:
    made = inventory_run(case)
    rules = [rule for rule in made.of(RULE) if rule.inputs["direction"] == "INGRESS"]
    assert [r.name for r in rules if r.inputs["source"] in WORLD and not is_harmless(r)] == []


@pytest.mark.parametrize("case", CASES)
def test_ports_80_and_443_are_open_where_ingress_gateways_stand_alone(case: str) -> None:
    made = inventory_run(case)
    groups = {
        rule.name.partition("-anyone-calls-")[0]
        for rule in made.of(RULE)
        if rule.inputs.get("source") in WORLD and rule.inputs["protocol"] == "6"
    }
    assert all(group.endswith("-public-lb-nsg") for group in groups)


@pytest.mark.parametrize("case", CASES)
def test_no_security_list_lets_in_anybody(case: str) -> None:
    made = inventory_run(case)
    lists = [one for type_ in LISTS for one in made.of(type_)]
    assert [one.name for one in lists if one.inputs.get("ingressSecurityRules")] == []
