"""When `make up` asks whether the last update left something behind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import recovery
from lab.errors import LabError
from lab.events import Update
from lab.operations import OPERATIONS
from lab.paths import LabPaths
from tests.lab_unit.toolchain_fixtures import lab_paths


@pytest.fixture
def paths(tmp_path: Path) -> LabPaths:
    made = lab_paths(tmp_path)
    backend = made.pulumi_state / ".pulumi"
    (backend / "stacks" / "oke-mesh").mkdir(parents=True)
    (backend / "locks" / "organization" / "oke-mesh" / "lab").mkdir(parents=True)
    state(made).write_text('{"checkpoint": {}}')
    return made


def state(paths: LabPaths) -> Path:
    return paths.pulumi_state / ".pulumi/stacks/oke-mesh/lab.json"


def failed(kind: str, operation: str = "create") -> Update:
    update = Update()
    urn = f"urn:pulumi:lab::oke-mesh::okemesh:network:Network${kind}::x"
    update.take({"resOpFailedEvent": {"metadata": {"op": operation, "type": kind, "urn": urn}}})
    return update


def test_an_update_that_ended_well_leaves_nothing_to_do(paths: LabPaths) -> None:
    with recovery.marked(paths, Update()):
        pass
    assert not recovery.is_needed(paths)


def test_a_killed_command_shows(paths: LabPaths) -> None:
    with pytest.raises(KeyboardInterrupt), recovery.marked(paths, Update()):
        raise KeyboardInterrupt
    assert recovery.is_needed(paths)


def test_a_killed_engine_shows_by_its_lock(paths: LabPaths) -> None:
    (paths.pulumi_state / ".pulumi/locks/organization/oke-mesh/lab/1.json").touch()
    assert recovery.is_needed(paths)


def test_a_killed_engine_shows_by_what_it_was_doing(paths: LabPaths) -> None:
    state(paths).write_text(json.dumps({"checkpoint": {"latest": {"pending_operations": [1]}}}))
    assert recovery.is_needed(paths)


@pytest.mark.parametrize(
    ("update", "is_needed"),
    [
        (failed("oci:Core/vcn:Vcn"), True),
        (failed("kubernetes:core/v1:Service", "create-replacement"), True),
        (failed("kubernetes:core/v1:Service", "delete"), True),
        (failed("oci:Core/vcn:Vcn", "update"), False),
        (failed("command:local:Command"), False),
    ],
    ids=["create", "replacement", "delete", "update", "nothing outside"],
)
def test_what_failed_may_have_been_a_killed_plugin(
    paths: LabPaths, update: Update, *, is_needed: bool
) -> None:
    with recovery.marked(paths, update):
        pass
    assert recovery.is_needed(paths) is is_needed


WORKS = """
import sys, time
from pathlib import Path
from lab import recovery
from lab.paths import LabPaths

with recovery.alone(LabPaths(root=Path(sys.argv[1]), cache=Path()), "up"):
    print("works", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def works(paths: LabPaths) -> Iterator[subprocess.Popen[str]]:
    """Somebody else's `make up` in the same checkout."""
    words = [sys.executable, "-c", WORKS, str(paths.root)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 own
        assert process.stdout
        assert process.stdout.readline() == "works\n"
        yield process
        process.kill()


def test_who_comes_second_is_told_who_is_at_work_until_that_process_is_gone(
    paths: LabPaths, works: subprocess.Popen[str]
) -> None:
    told = rf"^stack lab: `up`, process {works.pid}, since [\d:]+, is under way; wait for its end$"
    with pytest.raises(LabError, match=told), recovery.alone(paths, "destroy"):
        pass
    works.kill()
    works.wait()
    with recovery.alone(paths, "destroy"):
        pass


@pytest.mark.parametrize("operation", ["deploy", "refresh", "destroy"])
def test_what_cannot_be_recovered_keeps_the_engine_from_starting(
    paths: LabPaths, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (paths.pulumi_state / "unfinished").touch()
    ran = []

    def run(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        ran.append(words)
        return subprocess.CompletedProcess(words, 4)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr("lab.operations._require_lab", lambda _: None)
    monkeypatch.setattr("lab.tunnels.open_", lambda _: 0)
    assert OPERATIONS[operation](paths, []) == 4
    assert ran == [[sys.executable, "-m", "ops", "recover", "--stack", "lab", "--yes"]]
    assert recovery.is_needed(paths)
