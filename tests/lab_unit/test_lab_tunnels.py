"""When the lab opens its stack's tunnel, which the program does in an update alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab import tunnels
from lab.operations import OPERATIONS
from lab.paths import LabPaths
from tests.lab_unit.toolchain_fixtures import lab_paths

OPEN = [sys.executable, "-m", "ops", "tunnel", "open", "--stack", "lab"]
ACCESS = "urn:pulumi:lab::oke-mesh::okemesh:access:Access"
CLOSING = f"{ACCESS}$okemesh:access:Tunnel$command:local:Command::access-tunnel-close"


@pytest.fixture
def paths(tmp_path: Path) -> LabPaths:
    return lab_paths(tmp_path)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What is run, none of which comes to a good end."""
    commands: list[list[str]] = []

    def run(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(words)
        return subprocess.CompletedProcess(words, 3)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr("lab.operations._require_lab", lambda _: None)
    return commands


def keep(paths: LabPaths, *, port: int | None, is_closed: bool = False) -> None:
    """A state with the way to private endpoints, if there is a port."""
    access: dict[str, Any] = {"urn": f"{ACCESS}::access", "type": "okemesh:access:Access"}
    outputs = {} if port is None else {"outputs": {"socksPort": port}}
    closing = {"urn": CLOSING, "type": "command:local:Command"}
    resources = [access | outputs, *([] if is_closed else [closing])]
    file = paths.pulumi_state / ".pulumi/stacks/oke-mesh/lab.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"checkpoint": {"latest": {"resources": resources}}}))


@pytest.mark.parametrize("operation", ["refresh", "destroy"])
def test_what_does_not_run_the_program_goes_on_with_an_open_tunnel_only(
    paths: LabPaths, ran: list[list[str]], operation: str
) -> None:
    keep(paths, port=20_000)
    assert OPERATIONS[operation](paths, []) == 3
    assert ran == [OPEN]


def test_what_recovers_goes_on_with_an_open_tunnel_only(
    paths: LabPaths, ran: list[list[str]]
) -> None:
    keep(paths, port=20_000)
    (paths.pulumi_state / "unfinished").touch()
    assert OPERATIONS["deploy"](paths, []) == 3
    assert ran == [OPEN]


def test_a_stack_without_one_needs_none(paths: LabPaths, ran: list[list[str]]) -> None:
    assert tunnels.open_(paths) == 0
    keep(paths, port=None)
    assert tunnels.open_(paths) == 0
    assert ran == []


def test_behind_its_end_there_is_none(paths: LabPaths, ran: list[list[str]]) -> None:
    """A killed destruction: nothing that needs it is left, and the host may be gone."""
    keep(paths, port=20_000, is_closed=True)
    assert tunnels.open_(paths) == 0
    assert ran == []
