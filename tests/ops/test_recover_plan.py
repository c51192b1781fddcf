"""What is done about each operation that a killed update has left under way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops.recover.deployment import CREATING, Deployment, Operation, Resource
from ops.recover.plan import Do, Found, plan
from tests.ops import recover_world as world
from tests.ops.recover_world import POOL, RELEASE, RULE, SUBNET, named, resource, state

A, B = "ocid1.nodepool.aaaaaaaaaaaaaaaaaaaaaaaa", "ocid1.nodepool.bbbbbbbbbbbbbbbbbbbbbbbb"

CLUSTER_A, CLUSTER_B = (
    f"urn:pulumi:test::oke-mesh::pulumi:providers:kubernetes::{x}" for x in "ab"
)


def creating(document: world.Document) -> Operation:
    return Operation(doing=CREATING, resource=Resource(document=document))


def planned(
    *found: Found, here: tuple[world.Document, ...] = (), operation: Operation | None = None
) -> list[tuple[Do, str | None]]:
    """The plan for a node pool that was being created."""
    operation = operation or creating(named(POOL, "pool"))
    deployment = Deployment(state(*here))
    steps = plan(deployment, [operation], {operation.resource.urn: found})
    return [(step.do, step.found.id if step.found else None) for step in steps]


def test_what_was_not_made_is_left_to_the_next_update() -> None:
    assert planned() == [(Do.FORGET, None)]


def test_what_was_made_is_taken_into_the_state() -> None:
    assert planned(Found(id=A)) == [(Do.TAKE, A)]


def test_of_two_one_is_taken_and_the_other_deleted() -> None:
    assert planned(Found(id=A), Found(id=B)) == [(Do.TAKE, A), (Do.DELETE, B)]


def test_what_failed_to_come_up_is_deleted_and_made_anew() -> None:
    assert planned(Found(id=A, is_good=False)) == [(Do.FORGET, None), (Do.DELETE, A)]


def test_what_the_state_has_under_any_name_is_nobody_else_s() -> None:
    other = named(POOL, "renamed", A)
    assert planned(Found(id=A), here=(other,)) == [(Do.FORGET, None)]
    assert planned(Found(id=A), Found(id=B), here=(other,)) == [(Do.TAKE, B)]


def test_the_successor_of_what_the_stack_still_has_is_deleted_and_made_anew() -> None:
    old = named(POOL, "pool", A)
    assert planned(Found(id=A), Found(id=B), here=(old,)) == [(Do.FORGET, None), (Do.DELETE, B)]


def test_one_that_only_waits_for_its_deletion_is_no_reason_to_delete_its_successor() -> None:
    old = {**named(POOL, "pool", A), "delete": True}
    assert planned(Found(id=A), Found(id=B), here=(old,)) == [(Do.TAKE, B)]


def test_two_operations_never_take_the_same_thing() -> None:
    first, second = creating(named(SUBNET, "first")), creating(named(SUBNET, "second"))
    found = {each.resource.urn: [Found(id=A), Found(id=B)] for each in (first, second)}
    steps = plan(Deployment(state()), [first, second], found)
    assert [(step.do, step.operation.resource.name) for step in steps] == [
        (Do.TAKE, "first"),
        (Do.DELETE, "first"),
        (Do.FORGET, "second"),
    ]


def test_an_object_of_one_cluster_is_not_that_of_another() -> None:
    there = {**resource(RELEASE, "a-istiod", "istio-system/istiod"), "provider": f"{CLUSTER_A}::1"}
    mine = creating({**resource(RELEASE, "b-istiod"), "provider": f"{CLUSTER_B}::2"})
    found = Found(id="istio-system/istiod")
    assert planned(found, here=(there,), operation=mine) == [(Do.TAKE, found.id)]
    # The provider's own id is another one as soon as the cluster's address changes.
    same = creating({**resource(RELEASE, "istiod"), "provider": f"{CLUSTER_A}::2"})
    assert planned(found, here=(there,), operation=same) == [(Do.FORGET, None)]


def test_a_rule_of_one_group_is_not_that_of_another() -> None:
    there = resource(RULE, "a-rule", "04ABEC", networkSecurityGroupId="ocid1.a")
    mine = creating(resource(RULE, "b-rule", networkSecurityGroupId="ocid1.b"))
    assert planned(Found(id="04ABEC"), here=(there,), operation=mine) == [(Do.TAKE, "04ABEC")]


@pytest.mark.parametrize("doing", ["updating", "deleting", "reading", "importing"])
def test_what_was_changed_or_deleted_is_read_again(doing: str) -> None:
    operation = replace(creating(named(POOL, "pool", A)), doing=doing)
    assert planned(operation=operation) == [(Do.READ, None)]


def test_a_release_that_is_half_installed_is_freed_and_installed_over() -> None:
    half = Found(id="istio-system/istiod", is_locked=True)
    assert planned(half, operation=creating(resource(RELEASE, "istiod"))) == [(Do.FREE, half.id)]


def test_a_release_that_is_half_upgraded_is_freed_and_read() -> None:
    half = Found(id="istio-system/istiod", is_locked=True)
    upgrading = replace(creating(resource(RELEASE, "istiod", half.id)), doing="updating")
    assert planned(half, operation=upgrading) == [(Do.FREE, half.id), (Do.READ, None)]


def test_a_release_that_is_half_deleted_is_deleted_to_its_end_and_read() -> None:
    half = Found(id="istio-system/istiod", is_going=True)
    deleting = replace(creating(resource(RELEASE, "istiod", half.id)), doing="deleting")
    assert planned(half, operation=deleting) == [(Do.FINISH, half.id), (Do.READ, None)]


def test_a_release_that_failed_without_a_note_of_its_own_is_only_read() -> None:
    half = Found(id="istio-system/istiod", is_locked=True)
    other = replace(
        creating(resource(RELEASE, "istiod", half.id)), is_noted=False, doing="deleting"
    )
    assert planned(half, operation=other) == [(Do.READ, None)]


def test_what_the_state_does_not_note_is_never_deleted() -> None:
    given_up = replace(creating(named(POOL, "pool")), is_noted=False)
    assert planned(operation=given_up) == []
    assert planned(Found(id=A), Found(id=B), operation=given_up) == [(Do.TAKE, A), (Do.LEAVE, B)]


def test_a_line_of_the_plan_says_what_was_seen_and_what_is_done() -> None:
    operation = creating(named(POOL, "pool"))
    steps = plan(Deployment(state()), [operation], {operation.resource.urn: [Found(id=A)]})
    assert [step.text for step in steps] == [
        "pool (NodePool), made as …aaaaaaaaaaaaaaaa: take it into the state"
    ]
