"""A value that is known only when something else is there."""

from __future__ import annotations

import pytest

from components.known_after import known_after
from tests.support.graph import order
from tests.support.harness import deploy
from tests.support.thing import THING, Thing


def program() -> None:
    Thing("user", value=known_after("value", [Thing("first"), Thing("second")]))


@pytest.mark.parametrize("resource", ["first", "second"])
def test_whoever_uses_the_value_waits_for_every_resource(resource: str) -> None:
    assert order(deploy(program), resource, "user")


def test_a_preview_knows_the_value_of_what_is_to_come() -> None:
    """Unknown, it would replace what exists and uses it."""
    assert deploy(program, preview=True).one(THING, "user").inputs == {"value": "value"}
