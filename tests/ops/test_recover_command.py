"""`ops recover` as a whole, with a stand-in for pulumi and a cloud that is a table."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops import pulumi
from ops.__main__ import main
from ops.recover import repair
from ops.recover.deployment import Deployment, Operation, Resource
from ops.recover.plan import Do, Found
from tests.ops.recover_world import (
    KEY,
    POOL,
    PROJECT,
    RELEASE,
    STACK,
    SUBNET,
    VCN,
    Document,
    Killed,
    named,
    resource,
    state,
    urn,
)

SERVED = "ocid1.subnet.there"
BEGINNING = "stack test: the last update did not come to its end"
NOTHING = "stack test: nothing was left under way"
LOCKED = (
    "error: the stack is currently locked by 1 lock(s).\n"
    "  s3://b/1.json: created by {user}@{host} (pid {pid}) at 2026-11-26T15:02:03+00:00\n"
)


class Table:
    """Finds by logical name, and notes what it is asked to do."""

    def __init__(self, **there: Found) -> None:
        self.there = there
        self.done: list[str] = []

    def find(self, operation: Operation) -> list[Found]:
        found = self.there.get(operation.resource.name)
        return [found] if found else []

    def delete(self, resource: Resource, found: Found) -> None:
        self.done.append(f"delete {resource.name} {found.id}")

    def free(self, resource: Resource) -> None:
        self.done.append(f"free {resource.name}")

    def finish(self, resource: Resource) -> None:
        self.done.append(f"finish {resource.name}")


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Killed:
    made = Killed.make(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
    monkeypatch.setattr(pulumi, "PROJECT_FOLDER", tmp_path)
    return made


@pytest.fixture
def recover(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    def run(table: Table | None = None, *words: str) -> int:
        finder = table or Table()
        monkeypatch.setattr(repair, "_finders", lambda *_: {"oci": finder, "kubernetes": finder})
        return main(["recover", "--stack", STACK, *(words or ("--yes",))])

    return run


def lock_of(pid: int) -> Document:
    now = datetime.now(UTC).isoformat()
    return {"pid": pid, "username": "alice", "hostname": socket.gethostname(), "timestamp": now}


def ended() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def half() -> Document:
    """Killed while two subnets, a key and a release were being made and a VCN was changed."""
    creating = [
        named(SUBNET, "there"),
        named(SUBNET, "missing"),
        resource(KEY, "key"),
        resource(RELEASE, "istiod"),
    ]
    vcn = named(VCN, "vcn", "ocid1.vcn")
    return state(vcn, creating=creating, updating=[vcn])


def test_nothing_under_way_is_nothing_to_do(
    killed: Killed, recover: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    killed.put(state(named(VCN, "vcn", "ocid1.vcn")))
    assert recover() == 0
    assert capsys.readouterr().err == f"{NOTHING}\n"
    assert {words[0] for words in map(tuple, killed.calls("stack"))} == {"stack"}
    assert (killed.calls("refresh"), killed.calls("cancel")) == ([], [])


def test_the_plan_is_shown_and_carried_out(
    killed: Killed, recover: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    killed.put(half())
    table = Table(there=Found(id=SERVED), istiod=Found(id="i/istiod", is_locked=True))
    assert recover(table) == 0
    assert capsys.readouterr().err.splitlines() == [
        BEGINNING,
        "  there (Subnet), made as …id1.subnet.there: take it into the state",
        "  missing (Subnet), not made: the next update makes it",
        "  key (PrivateKey), not made: the next update makes it",
        "  istiod (Release), half made as i/istiod: " + Do.FREE.value,
        "  vcn (Vcn), was updating: read it again",
        "  reads 2 of them as they are now",
        "stack test: recovered; the next update goes on from here",
    ]
    assert table.done == ["free istiod"]
    assert killed.state["pending_operations"] == []
    assert killed.state["resources"][-1]["id"] == SERVED
    (words,) = killed.calls("refresh")
    targets = [words[n + 1] for n, word in enumerate(words) if word == "--target"]
    assert targets == [urn(SUBNET, "there"), urn(VCN, "vcn")]


@pytest.mark.parametrize(
    ("age", "doing", "waited"),
    [(2, "creating", 8), (-2, "creating", 12), (11, "creating", None), (2, "updating", None)],
    ids=["just now", "by a clock that is ahead", "long ago", "nothing that could be there twice"],
)
def test_what_was_sent_before_the_kill_is_waited_for(
    killed: Killed,
    recover: Any,
    monkeypatch: pytest.MonkeyPatch,
    *,
    age: float,
    doing: str,
    waited: float | None,
) -> None:
    killed.put(state(**{doing: [named(VCN, "vcn", "ocid1.vcn")]}))
    monkeypatch.setattr(Deployment, "age", timedelta(seconds=age))
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    assert recover() == 0
    assert waits == ([] if waited is None else [waited])


def test_a_state_that_moves_on_meanwhile_is_not_overwritten(
    killed: Killed, recover: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    killed.put(half())

    class Slow(Table):
        def find(self, operation: Operation) -> list[Found]:
            killed.put(state(named(VCN, "other", "ocid1.vcn")))
            return super().find(operation)

    assert recover(Slow()) == 1
    assert "the stack has changed since" in capsys.readouterr().err
    assert killed.state["resources"][-1]["id"] == "ocid1.vcn"


def test_without_anybody_to_ask_nothing_is_done(
    killed: Killed, recover: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    killed.put(half())
    assert recover(None, "--stack", STACK) == 1  # pytest has no terminal
    assert "look at the plan, then give --yes" in capsys.readouterr().err
    assert len(killed.state["pending_operations"]) == 5


def test_the_lock_of_somebody_who_works_stays_and_is_told(
    killed: Killed, recover: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    killed.put(half())
    lock = killed.lock(**lock_of(os.getpid()))
    assert recover() == 1
    told = capsys.readouterr().err
    assert told.startswith(f"ops recover: stack test: an update is under way, by alice@{HOST}, pro")
    assert lock.exists()
    assert len(killed.state["pending_operations"]) == 5


HOST = socket.gethostname()


def test_the_lock_of_somebody_who_is_gone_is_shown_and_released(
    killed: Killed, recover: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    killed.put(state())
    lock = killed.lock(**lock_of(pid := ended()))
    assert recover() == 0
    told = capsys.readouterr().err.splitlines()
    assert (told[0], told[2:]) == (BEGINNING, [NOTHING])
    assert told[1].startswith(f"  lock of alice@{HOST}, process {pid}, since ")
    assert told[1].endswith(", who is gone: release it")
    assert not lock.exists()


@pytest.mark.parametrize("is_gone", [True, False], ids=["gone", "at work"])
def test_a_lock_that_only_the_engine_can_see_is_treated_alike(
    killed: Killed, recover: Any, capsys: pytest.CaptureFixture[str], *, is_gone: bool
) -> None:
    killed.put(half())
    host = HOST if is_gone else "elsewhere"
    (killed.folder / "locked").write_text(LOCKED.format(user="bob", host=host, pid=ended()))
    assert recover() == (0 if is_gone else 1)
    assert (killed.state["pending_operations"] == []) is is_gone
    if not is_gone:
        assert "an update is under way, by bob@elsewhere" in capsys.readouterr().err


def test_after_a_failed_update_what_it_gave_up_is_looked_for(killed: Killed, recover: Any) -> None:
    killed.put(state(named(VCN, "vcn", "ocid1.vcn")))
    killed.answer("stack-history", [{"result": "failed"}])
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    steps = [
        {"op": "same", "urn": urn(VCN, "vcn"), "newState": named(VCN, "vcn", "ocid1.vcn")},
        *(
            {"op": "create", "urn": urn(kind, name), "newState": named(kind, name, **more)}
            for kind, name, more in (
                (SUBNET, "there", {}),
                (SUBNET, "missing", {}),
                (POOL, "later", {"clusterId": unknown}),
            )
        ),
    ]
    killed.answer("preview", {"steps": steps})
    table = Table(there=Found(id=SERVED), later=Found(id="x"))
    assert recover(table) == 0
    assert [one["id"] for one in killed.state["resources"][2:]] == ["ocid1.vcn", SERVED]
    assert table.done == []


@pytest.mark.parametrize(
    "entry",
    [{"kind": "destroy"}, {"kind": "update", "resourceChanges": {"same": 3, "delete": 1}}],
    ids=["destroy", "update"],
)
def test_after_a_failed_deletion_all_that_is_left_is_read(
    killed: Killed, recover: Any, capsys: pytest.CaptureFixture[str], *, entry: Document
) -> None:
    release = resource(RELEASE, "istiod", "i/istiod")
    killed.put(state(named(VCN, "vcn", "ocid1.vcn"), resource(KEY, "key", "k"), release))
    killed.answer("stack-history", [{**entry, "result": "failed"}])
    killed.answer("preview", {"steps": []})
    table = Table(istiod=Found(id="i/istiod", is_going=True))
    assert recover(table) == 0
    assert table.done == ["finish istiod"]
    assert capsys.readouterr().err.splitlines() == [
        BEGINNING,
        "  looks for what it may have done without noting it",
        "  istiod (Release), half deleted as i/istiod: delete what Helm has left of it",
        "  2 others, of which some may be gone: read it again",
        "  reads 2 of them as they are now",
        "stack test: recovered; the next update goes on from here",
    ]
    (words,) = killed.calls("refresh")
    assert words.count("--target") == 2


@pytest.fixture
def plugin(killed: Killed) -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    started = []

    def start(port: int) -> subprocess.Popen[bytes]:
        program = "import time; time.sleep(60)"
        words = [sys.executable, "-c", program, "pulumi-resource-x", f"127.0.0.1:{port}"]
        process = subprocess.Popen(words, cwd=killed.folder)  # noqa: S603 this interpreter
        started.append(process)
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_plugin_whose_engine_is_gone_is_ended_before_anything_is_looked_for(
    killed: Killed, recover: Any, *, plugin: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    killed.put(state())
    with socket.create_server(("127.0.0.1", 0)) as engine:
        alive = plugin(engine.getsockname()[1])
        with socket.create_server(("127.0.0.1", 0)) as other:
            left = plugin(other.getsockname()[1])
        assert recover() == 0
        assert (left.poll() is None, alive.poll() is None) == (False, True)
    told = capsys.readouterr().err.splitlines()
    assert (told[0], told[2:]) == (BEGINNING, [NOTHING])
    assert told[1].startswith(f"  process {left.pid} (python")
    assert told[1].endswith(" pulumi-resource-x), left by a killed engine: end it")


def test_the_project_s_folder_is_that_of_the_program() -> None:
    assert (pulumi.PROJECT_FOLDER / "Pulumi.yaml").exists()
