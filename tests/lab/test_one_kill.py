"""The stack of all that follows comes up although its first update is killed."""

from __future__ import annotations

import pytest

from tests.lab.inventory import twice
from tests.lab.killing import kill
from tests.lab.stack_kit import Lab

# Not yet measured against the time that `make test-lab` may take.
pytestmark = pytest.mark.lab_all

SEED = 26
"""Kills the engine and its plugins while Istio comes up; `test_killed` has all others."""
STEPS = 250


def test_after_a_kill_the_next_up_ends_well(started: Lab) -> None:
    killed = kill(started.paths, "deploy", seed=SEED, steps=STEPS)
    assert not killed.is_over
    said = started("deploy")
    assert said.code == 0, f"{killed}\n{said.text}"
    assert "who is gone: release it" in said.text
    assert "oke-mesh: verified\n" in said.out
    assert twice(started) == []
    said = started("preview", "--expect-no-changes")
    assert said.code == 0, said.text
