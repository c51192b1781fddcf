"""Whose lock it is, and whether that process is still there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.recover.locks import Holder, holders, told
from tests.ops.recover_world import STACK, Killed

HERE = socket.gethostname()


def holder(pid: int, host: str = HERE, *, ago: timedelta = timedelta(0)) -> Holder:
    since = datetime.now(UTC).astimezone() - ago
    return Holder(user="alice", host=host, pid=pid, since=since)


def ended() -> int:
    """The number of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_a_process_that_runs_holds_its_lock() -> None:
    assert not holder(os.getpid()).is_gone


def test_a_process_that_has_ended_holds_none() -> None:
    assert holder(ended()).is_gone


def test_a_number_that_was_given_out_again_is_another_process() -> None:
    assert holder(os.getpid(), ago=timedelta(days=400)).is_gone


def test_a_process_of_another_machine_may_be_there_still() -> None:
    assert not holder(ended(), "elsewhere").is_gone


def test_the_locks_of_a_folder_are_read(tmp_path: Path) -> None:
    killed = Killed.make(tmp_path)
    stamp = "2026-11-26T15:02:03.123456789+01:00"
    killed.lock(pid=7, username="bob", hostname="desk", timestamp=stamp)
    (found,) = holders(f"file://{tmp_path}", STACK)
    assert (found.user, found.host, found.pid) == ("bob", "desk", 7)
    assert found.since == datetime.fromisoformat("2026-11-26T15:02:03+01:00")
    assert holders(f"file://{tmp_path}", "other") == []
    assert holders("s3://bucket", STACK) == []


def test_the_locks_of_the_home_folder_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    Killed.make(tmp_path).lock(pid=7, username="b", hostname="d", timestamp="2026-11-26T15:02:03Z")
    assert [one.pid for one in holders("file://~", STACK)] == [7]


def test_what_the_engine_says_of_a_lock_is_understood() -> None:
    said = (
        "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) "
        "to end or delete the lock file with `pulumi cancel`.\n"
        "  s3://b/.pulumi/locks/organization/p/s/1.json: created by bob@desk (pid 71) at "
        "2026-11-26T15:02:03+01:00"
    )
    (found,) = told(said)
    assert (found.user, found.host, found.pid) == ("bob", "desk", 71)
    assert told("error: no network") == []


@pytest.mark.parametrize(
    ("host", "remedy"),
    [
        (HERE, "wait for its end"),
        ("desk", "wait for its end, or run `pulumi cancel` if that process is gone"),
    ],
    ids=["here", "elsewhere"],
)
def test_who_comes_second_is_told_who_is_at_work(host: str, remedy: str) -> None:
    since = datetime(2026, 11, 26, 15, 2, 3, tzinfo=UTC)
    found = Holder(user="bob", host=host, pid=7, since=since)
    assert found.refusal("dev") == (
        f"stack dev: an update is under way, by bob@{host}, process 7, since 15:02:03; {remedy}"
    )
