"""A budget and alarms: where they are made, what they look at, and whom they tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import grpc
import pytest

from components.errors import OfferError
from components.notices.signals import signals
from components.plan.plan import build_plan
from tests.support import outputs
from tests.support.documents import COMPARTMENT, cluster, documents, settings
from tests.support.harness import Deployment
from tests.support.outputs import HOME_REGION, TENANCY, ocid
from tests.support.program import run, same_run

BUDGET = "oci:Budget/budget:Budget"
RULE = "oci:Budget/rule:Rule"
TOPIC = "oci:Ons/notificationTopic:NotificationTopic"
SUBSCRIPTION = "oci:Ons/subscription:Subscription"
ALARM = "oci:Monitoring/alarm:Alarm"
REGIONS = "oci:Identity/getRegionSubscriptions:getRegionSubscriptions"

OTHER = "ocid1.compartment.oc1..other"
TOLD = ["ops@example.com", "money@example.com"]
ASKED = {
    "mesh__samples": False,
    "budget": {"monthly": 500, "recipients": TOLD, "thresholds": [50, 100], "forecasts": [120]},
    "alarms": {"recipients": TOLD},
}


def made() -> Deployment:
    return same_run(documents(**ASKED))


def provider_of(deployment: Deployment, type_: str) -> set[str]:
    return {r.provider_urn.rpartition("::")[2] for r in deployment.of(type_)}


def test_nothing_is_made_unless_it_is_asked_for() -> None:
    found = same_run(documents(mesh__samples=False))
    kinds = ("oci:Budget", "oci:Ons", "oci:Monitoring")
    assert [r.name for r in found.resources if r.type.startswith(kinds)] == []
    assert "oci-home" not in [r.name for r in found.of("pulumi:providers:oci")]


def test_a_budget_counts_the_compartment_and_lies_in_the_root() -> None:
    budget = made().one(BUDGET, "budget-month").inputs
    assert (budget["compartmentId"], budget["targetType"]) == (TENANCY, "COMPARTMENT")
    assert (budget["targets"], budget["amount"]) == ([COMPARTMENT], 500)


def test_a_budget_is_made_in_the_home_region_alone() -> None:
    found = made()
    assert provider_of(found, BUDGET) == provider_of(found, RULE) == {"oci-home"}
    provider = found.one("pulumi:providers:oci", "oci-home")
    assert provider.inputs["region"] == HOME_REGION


def test_each_threshold_tells_everybody_of_what_was_spent_or_will_be() -> None:
    rules = [rule.inputs for rule in made().of(RULE)]
    assert [(r["type"], r["threshold"], r["thresholdType"]) for r in rules] == [
        ("ACTUAL", 100, "PERCENTAGE"),
        ("ACTUAL", 50, "PERCENTAGE"),
        ("FORECAST", 120, "PERCENTAGE"),
    ]
    assert {r["recipients"] for r in rules} == {"ops@example.com,money@example.com"}
    assert {r["budgetId"] for r in rules} == {ocid("budget", "budget-month")}


def test_a_budget_may_count_another_compartment() -> None:
    asked = {**ASKED, "budget": {**ASKED["budget"], "compartmentId": OTHER}}  # type: ignore[dict-item]
    found = same_run(documents(**asked)).one(BUDGET, "budget-month").inputs
    assert (found["targets"], found["compartmentId"]) == ([OTHER], TENANCY)


def test_each_region_tells_everybody_by_a_topic_of_its_own() -> None:
    found = made()
    names = [topic.inputs["name"] for topic in found.of(TOPIC)]
    assert names == ["oke-mesh-test-us-chicago-1-alarms", "oke-mesh-test-us-sanjose-1-alarms"]
    seen = [(s.provider_urn.rpartition("::")[2], s.inputs) for s in found.of(SUBSCRIPTION)]
    assert [(p, s["endpoint"], s["protocol"], s["topicId"]) for p, s in seen] == [
        (f"oci-{region}", mail, "EMAIL", ocid("onstopic", f"{region}-alarms-topic"))
        for region in ("us-chicago-1", "us-sanjose-1")
        for mail in sorted(TOLD)
    ]


def test_alarms_write_to_the_topic_of_their_region() -> None:
    alarms = made().of(ALARM)
    assert [
        (a.name, a.provider_urn.rpartition("::")[2], a.inputs["destinations"]) for a in alarms
    ] == [
        (f"{name}-alarm", f"oci-{region}", [ocid("onstopic", f"{region}-alarms-topic")])
        for name, region in (
            ("primary-instances", "us-sanjose-1"),
            ("secondary-instances", "us-chicago-1"),
            ("us-chicago-1-drg-bandwidth", "us-chicago-1"),
            ("us-chicago-1-no-route", "us-chicago-1"),
            ("us-sanjose-1-drg-bandwidth", "us-sanjose-1"),
            ("us-sanjose-1-no-route", "us-sanjose-1"),
        )
    ]


def test_packets_are_looked_for_that_the_region_s_drg_has_no_route_for() -> None:
    alarm = made().one(ALARM, "us-sanjose-1-no-route-alarm").inputs
    drg = ocid("drg", "us-sanjose-1-drg")
    assert alarm["namespace"] == "oci_dynamic_routing_gateway"
    assert alarm["query"] == (
        f'PacketDropsFromDrgAttachment[5m]{{drgOcid = "{drg}", attachmentType = "VCN", '
        'dropType = "noRoute"}.sum() > 0'
    )


def looked_at(region: str, **changes: Any) -> list[tuple[str, str]]:
    """Return the name of each signal of a region, and the compartment whose metrics it reads."""
    found = signals(build_plan(settings(**changes)), region, compartment_id=COMPARTMENT)
    return [(signal.name, signal.compartment_id) for signal in found]


def test_instances_are_looked_at_once_in_each_compartment_of_a_region() -> None:
    clusters = {
        "a": cluster(0),
        "b": cluster(3),
        "c": cluster(6, compartmentId=OTHER),
    }
    assert looked_at("us-sanjose-1", clusters=clusters) == [
        ("a-instances", COMPARTMENT),
        ("c-instances", OTHER),
    ]


def test_drops_are_looked_for_where_the_program_peers_a_drg_of_its_own() -> None:
    drops = [("us-sanjose-1-no-route", COMPARTMENT), ("us-sanjose-1-drg-bandwidth", COMPARTMENT)]
    assert looked_at("us-sanjose-1") == [("primary-instances", COMPARTMENT), *drops]
    brought = replace(build_plan(settings()), drg_ids={"us-sanjose-1": "ocid1.drg.oc1..own"})
    seen = signals(brought, "us-sanjose-1", compartment_id=COMPARTMENT)
    assert [signal.name for signal in seen] == ["primary-instances"]
    alone = {"clusters": {"a": cluster(0)}}
    assert looked_at("us-sanjose-1", **alone) == [("a-instances", COMPARTMENT)]


class Refused(grpc.RpcError):
    """What the engine answers when Oracle does not show the regions of a tenancy."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return "404-NotAuthorizedOrNotFound"


def test_a_home_region_that_may_not_be_read_ends_the_preview(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(_: Mapping[str, Any]) -> dict[str, Any]:
        raise Refused

    monkeypatch.setitem(outputs.ANSWERS, REGIONS, refused)
    with pytest.raises(OfferError) as error:
        run(documents(**ASKED), preview=True)
    assert str(error.value) == (
        "budget: needs the home region of the tenancy, which whoever deploys may not read, got "
        f"{TENANCY}; let them `inspect tenancies in tenancy`"
    )
