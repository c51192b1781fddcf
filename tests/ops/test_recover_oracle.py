"""What is looked for in Oracle Cloud, and what is taken for it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import oci
import pytest
import yaml

from ops.errors import OpsError
from ops.recover import oracle
from ops.recover.deployment import CREATING, Deployment, Operation, Resource
from ops.recover.oracle import KINDS, Oracle, covers
from ops.recover.plan import Found
from tests.ops.recover_world import POOL, RULE, SUBNET, TAGS, Document, named, resource, state
from tests.support.inventory import FOLDER

GROUP = "ocid1.networksecuritygroup"
MONITOR = "oci:HealthChecks/httpMonitor:HttpMonitor"
TOPIC = "oci:Ons/notificationTopic:NotificationTopic"
POLICY = "oci:Dns/steeringPolicy:SteeringPolicy"


class Cloud:
    """Takes the place of the SDK's clients: lists of models, by noun."""

    def __init__(self, **lists: list[list[Any]]) -> None:
        self.lists = lists
        self.deleted: list[str] = []

    def __getattr__(self, name: str) -> Any:
        verb, _, noun = name.partition("_")
        if verb == "list":
            return lambda *_, **__: SimpleNamespace(data=self._turn(noun))
        if verb == "get":
            return lambda identity: SimpleNamespace(data=self._one(identity))
        return self.deleted.append

    def _turn(self, noun: str) -> list[Any]:
        turns = self.lists[noun]
        return turns.pop(0) if len(turns) > 1 else turns[0]

    def _one(self, identity: str) -> Any:
        if identity in self.deleted:
            raise oci.exceptions.ServiceError(404, "NotAuthorizedOrNotFound", {}, "gone")
        return thing(identity)


def thing(identity: str, lifecycle: str = "AVAILABLE", **more: Any) -> Any:
    seen = {"display_name": "x", "freeform_tags": TAGS, "lifecycle_state": lifecycle}
    return SimpleNamespace(id=identity, **{**seen, **more})


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Searches one cloud for what a document of the state asks for."""
    monkeypatch.setattr(oracle, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(
        oci.pagination, "list_call_get_all_results", lambda call, *a, **k: call(*a, **k)
    )

    def find(cloud: Cloud, document: Document, doing: str = CREATING) -> list[tuple[str, bool]]:
        made = Oracle(Deployment(state()), said.append)
        monkeypatch.setattr(Oracle, "_client", lambda *_: cloud)
        operation = Operation(doing=doing, resource=Resource(document=document))
        return [(one.id, one.is_good) for one in made.find(operation)]

    said: list[str] = []
    find.said = said  # type: ignore[attr-defined]  # a test looks at it
    return find


def test_it_is_found_by_its_name_and_all_of_its_tags(look: Any) -> None:
    others = [
        thing("name", display_name="y"),
        thing("tags", freeform_tags={**TAGS, "stack": "other"}),
        thing("bare", freeform_tags=None),
        thing("gone", "TERMINATED"),
    ]
    more = thing("it", freeform_tags={**TAGS, "added": "by hand"})
    assert look(Cloud(subnets=[[*others, more]]), named(SUBNET, "x")) == [("it", True)]


def test_without_the_stack_s_tags_nothing_is_taken_for_it(look: Any) -> None:
    bare = resource(SUBNET, "x", displayName="x", freeformTags={"project": "oke-mesh"})
    assert look(Cloud(subnets=[[thing("a", freeform_tags={"project": "oke-mesh"})]]), bare) == []


def test_what_failed_comes_last_and_is_no_good(look: Any) -> None:
    found = look(Cloud(subnets=[[thing("a", "FAILED"), thing("b")]]), named(SUBNET, "x"))
    assert found == [("b", True), ("a", False)]


def test_what_is_on_its_way_is_waited_for_and_told_once(look: Any) -> None:
    turns = [[thing("a", "CREATING")], [thing("a", "CREATING")], [thing("a", "ACTIVE")]]
    assert look(Cloud(node_pools=turns), named(POOL, "x")) == [("a", True)]
    assert look.said == ["x: waits while it is CREATING"]


def test_what_has_no_state_of_its_life_is_there_or_is_not(look: Any) -> None:
    monitor = SimpleNamespace(id="a", display_name="x", freeform_tags=TAGS)
    assert look(Cloud(http_monitors=[[monitor]]), named(MONITOR, "x")) == [("a", True)]


def test_what_has_a_plural_of_its_own_is_found(look: Any) -> None:
    assert look(Cloud(steering_policies=[[thing("a")]]), named(POLICY, "x")) == [("a", True)]


def test_a_topic_is_found_by_what_it_calls_its_name_and_id(look: Any) -> None:
    topic = SimpleNamespace(topic_id="a", name="x", freeform_tags=TAGS, lifecycle_state="ACTIVE")
    asked = resource(TOPIC, "x", name="x", compartmentId="ocid1.compartment", freeformTags=TAGS)
    assert look(Cloud(topics=[[topic]]), asked) == [("a", True)]


def test_what_does_not_come_to_an_end_is_an_error(
    look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oracle, "_PATIENCE_SECONDS", -1.0)
    with pytest.raises(OpsError) as failure:
        look(Cloud(subnets=[[thing("a", "PROVISIONING")]]), named(SUBNET, "x"))
    assert str(failure.value) == (
        "x: is still PROVISIONING, got a; look at its work request, then run this again"
    )


def test_what_is_neither_named_nor_tagged_is_not_looked_for(look: Any) -> None:
    assert look(Cloud(), resource("oci:Core/volume:Volume", "x")) == []


def test_a_rule_is_told_by_its_content_within_its_group(look: Any) -> None:
    def rule(identity: str, **more: Any) -> Any:
        ports = oci.core.models.PortRange(min=6443, max=6443)
        content = {
            "direction": "INGRESS",
            "protocol": "6",
            "source": "10.0.0.0/16",
            "is_stateless": False,
            "tcp_options": oci.core.models.TcpOptions(destination_port_range=ports),
        }
        return oci.core.models.SecurityRule(id=identity, **{**content, **more})

    wanted = resource(
        RULE,
        "x",
        networkSecurityGroupId=GROUP,
        direction="INGRESS",
        protocol="6",
        source="10.0.0.0/16",
        stateless=False,
        tcpOptions={"destinationPortRange": {"min": 6443.0, "max": 6443.0}},
    )
    rules = [rule("other", source="10.1.0.0/16"), rule("it"), rule("stateless", is_stateless=True)]
    cloud = Cloud(network_security_group_security_rules=[rules])
    assert look(cloud, wanted) == [("it", True)]


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        ({"tcpOptions": {"destinationPortRange": {"min": 1}}}, {"tcp_options": None}),
        ({"description": "a"}, {"description": "b"}),
        ({"stateless": True}, {"is_stateless": False}),
    ],
    ids=["nothing there", "another text", "another name"],
)
def test_a_rule_with_anything_else_is_another(wanted: Document, seen: Document) -> None:
    assert not covers(wanted, seen)


def test_what_was_being_deleted_is_waited_for_by_its_id(look: Any) -> None:
    cloud = Cloud()
    cloud.deleted.append("ocid1.subnet")
    assert look(cloud, named(SUBNET, "x", "ocid1.subnet"), "deleting") == []


def test_deleting_waits_until_it_is_gone(look: Any) -> None:
    cloud = Cloud(subnets=[[thing("a")]])
    look(cloud, named(SUBNET, "x"))
    made = Oracle(Deployment(state()), print)
    made.delete(Resource(document=named(SUBNET, "x")), Found(id="a"))
    assert cloud.deleted == ["a"]


def test_every_kind_of_the_program_s_with_a_name_is_known() -> None:
    names = [yaml.safe_load(file.read_text())["names"] for file in FOLDER.glob("*.yaml")]
    kinds = {kind.rpartition("$")[2] for each in names for group in each.values() for kind in group}
    used = {kind for kind in kinds if kind.startswith("oci:")}
    written_over = {
        # A VCN's own list is taken over, never made, and records of a name are replaced.
        "oci:Core/defaultSecurityList:DefaultSecurityList",
        "oci:Dns/rrset:Rrset",
    }
    # It bears neither tags nor a compartment of its own (ADR 0028).
    by_hand = {"oci:Dns/steeringPolicyAttachment:SteeringPolicyAttachment"}
    # Of a budget and of a topic, with which they go; a second one writes once more (ADR 0030).
    told_twice = {"oci:Budget/rule:Rule", "oci:Ons/subscription:Subscription"}
    assert used == {*KINDS, RULE, *written_over, *by_hand, *told_twice}


def test_every_kind_is_one_that_the_sdk_has() -> None:
    for kind in KINDS.values():
        package, _, name = kind.client.partition(".")
        client = getattr(getattr(oci, package), name)
        for method in (kind.lists, f"get_{kind.noun}", f"{kind.delete}_{kind.noun}"):
            assert callable(getattr(client, method)), method
