"""The exported state: what it notes, and what it becomes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from ops.recover.deployment import Deployment, Resource, plain
from tests.ops.recover_world import SECRET, SUBNET, VCN, named, resource, state

CLUSTER = resource("oci:ContainerEngine/cluster:Cluster", "a", "ocid1.cluster", type="BASIC")
BEFORE = Deployment(
    state(
        named(VCN, "a-vcn", "ocid1.vcn"),
        CLUSTER,
        creating=[named(SUBNET, "a-nodes"), named(SUBNET, "a-pods")],
        updating=[CLUSTER],
    )
)


def test_operations_come_with_what_they_were_doing() -> None:
    assert [(each.doing, each.resource.name) for each in BEFORE.operations] == [
        ("creating", "a-nodes"),
        ("creating", "a-pods"),
        ("updating", "a"),
    ]


def test_a_settled_state_has_no_notes_and_what_was_taken() -> None:
    taken = BEFORE.operations[0].resource
    after = Deployment(BEFORE.settled([(taken, "ocid1.subnet", {"more": 1})], set()))
    (added,) = [one for one in after.resources if one.urn == taken.urn]
    assert after.document["deployment"]["pending_operations"] == []
    assert added.id == "ocid1.subnet"
    assert added.document["outputs"] == {**taken.inputs, "more": 1}
    assert added.document["parent"] == taken.document["parent"]


def test_what_is_not_read_yet_shows_after_another_death() -> None:
    taken = BEFORE.operations[0].resource
    after = Deployment(BEFORE.settled([(taken, "ocid1.subnet", {})], {CLUSTER["urn"]}))
    assert [(each.doing, each.resource.name) for each in after.operations] == [
        ("reading", "a"),
        ("reading", "a-nodes"),
    ]


def test_the_state_before_stays_as_it_was() -> None:
    text = json.dumps(BEFORE.document)
    BEFORE.settled([(BEFORE.operations[0].resource, "x", {})], {CLUSTER["urn"]})
    assert json.dumps(BEFORE.document) == text


@pytest.mark.parametrize("fraction", ["", ".123456789"], ids=["seconds", "as the engine writes"])
def test_its_age_is_that_of_the_engine_s_last_note(fraction: str) -> None:
    document = json.loads(json.dumps(BEFORE.document))
    written = datetime.now(UTC) - timedelta(minutes=5)
    document["deployment"]["manifest"]["time"] = f"{written:%Y-%m-%dT%H:%M:%S}{fraction}Z"
    assert timedelta(minutes=4) <= Deployment(document).age < timedelta(minutes=6)
    assert Deployment({"deployment": {}}).age == timedelta.max


def test_every_update_of_the_stack_changes_the_stamp() -> None:
    later = json.loads(json.dumps(BEFORE.document))
    later["deployment"]["manifest"]["time"] = "2026-11-26T15:00:01Z"
    assert Deployment(later).stamp != BEFORE.stamp


def test_an_input_is_inherited_from_what_a_resource_depends_on() -> None:
    drg = named("oci:Core/drg:Drg", "drg", "ocid1.drg")
    attachment = resource("oci:Core/drgAttachment:DrgAttachment", "x", drgId="ocid1.drg")
    attachment["dependencies"] = [drg["urn"]]
    found = Deployment(state(drg)).inherited(Resource(document=attachment), "compartmentId")
    assert found == "ocid1.compartment"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({**SECRET, "plaintext": '{"a":"b"}'}, {"a": "b"}),
        ({"k": [{**SECRET, "plaintext": '"s"'}]}, {"k": ["s"]}),
        ({**SECRET, "ciphertext": "v1:xyz"}, None),
    ],
    ids=["whole", "inside", "encrypted"],
)
def test_secrets_are_unwrapped(value: object, expected: object) -> None:
    assert plain(value) == expected


def test_an_empty_stack_has_nothing_under_way() -> None:
    empty = Deployment({"version": 3, "deployment": {"manifest": {}}})
    assert (empty.operations, list(empty.resources)) == ([], [])
