"""What the tests of `ops verify` as a whole have in common."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.__main__ import main
from ops.drill import acts, streams
from ops.drill import suite as drilling
from ops.verify import answers, session, suite, web
from ops.verify.kubectl import opened
from tests.ops import drill_world
from tests.ops.drill_world import Drill
from tests.ops.verify_world import Verify, World, fake


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path)
    monkeypatch.setattr(suite, "opened", lambda _: fake(made))
    monkeypatch.setattr(session, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(web, "PORT", made.ingress.port)
    # The answers are those of ten requests, one after the other.
    monkeypatch.setattr(web, "AT_ONCE", 1)
    monkeypatch.setattr(answers, "REQUESTS_PER_CLUSTER", 5)
    yield made
    made.close()


@pytest.fixture
def verify(world: World, monkeypatch: pytest.MonkeyPatch) -> Verify:
    def run(*words: str, timeout: str = "0") -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(world.write()))
        return main(["verify", "--requests", "10", "--timeout", timeout, *words])

    return run


@pytest.fixture
def kubectl(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stand-in be run, as kubectl is."""
    monkeypatch.setenv("PATH", f"{world.bin}:/usr/bin:/bin")
    monkeypatch.setattr(suite, "opened", opened)


@pytest.fixture
def drill(world: World, monkeypatch: pytest.MonkeyPatch) -> Drill:
    drill_world.make_drilled(world)
    monkeypatch.setattr(drilling, "opened", lambda _: fake(world))
    monkeypatch.setattr(drilling, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(drilling, "LAST_SECONDS", 0)
    monkeypatch.setattr(acts, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(streams, "A_SECOND", 200)
    monkeypatch.setattr(streams, "_PAUSE_SECONDS", 0.01)

    def run(*words: str, yes: bool = True, timeout: str = "5") -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(world.write()))
        agreed = ("--yes",) if yes else ()
        return main(["drill", *words, "--seconds", "0.05", "--timeout", timeout, *agreed])

    return run
