"""The command line's guards: preflight, lock, processes, environment."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import lock, preflight, processes
from lab.environment import environment
from lab.errors import LabError
from lab.preflight import Feature
from tests.lab_unit.toolchain_fixtures import lab_paths

SLEEPS = [sys.executable, "-c", "import time; print('on', flush=True); time.sleep(60)"]
HEEDLESS = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open("ready", "w").close()
time.sleep(60)
"""


def test_a_user_other_than_root_is_told_why() -> None:
    with pytest.raises(LabError) as failure:
        preflight.check_root(1000)
    assert str(failure.value) == (
        "lab: needs root for network namespaces and containers, got user 1000; run it as root"
    )


def test_too_little_disk_is_told_with_both_figures(tmp_path: Path) -> None:
    faults = [re.sub(r"got \S+", "got N", fault) for fault in preflight.disk(tmp_path, 1e6)]
    assert faults == [
        f"disk: too little room in {tmp_path}, got N GiB; free some up to have 1000000 GiB"
    ]


def test_enough_disk_is_no_fault(tmp_path: Path) -> None:
    assert list(preflight.disk(tmp_path, 0)) == []


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_in_use_is_told_with_its_owner_and_how_to_find_it(used_port: int) -> None:
    told = (
        f"port {used_port}: is in use, and the lab's proxy needs it; end the process that "
        f"`ss -ltnp sport = :{used_port}` shows"
    )
    assert list(preflight.ports({"proxy": used_port})) == [told]


def test_a_free_port_is_no_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert list(preflight.ports({"proxy": port})) == []


def test_a_missing_kernel_feature_is_told_with_what_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unshare = tmp_path / "unshare"
    unshare.write_text('#!/bin/sh\nshift 3\nexec sh -c "$1"\n')
    unshare.chmod(0o755)
    monkeypatch.setattr(preflight, "SEARCH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    features = (
        Feature("bridges", "CONFIG_BRIDGE", "echo 'Unknown device type.' >&2; exit 2"),
        Feature("links", "CONFIG_VETH", "true"),
    )
    assert list(preflight.kernel(features)) == [
        "kernel: no bridges, got 'Unknown device type.'; use a kernel with CONFIG_BRIDGE"
    ]


def test_two_labs_at_once_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with (
        lock.held(Path("/first"), file),
        pytest.raises(LabError) as failure,
        lock.held(Path("/second"), file),
    ):
        pass
    assert str(failure.value) == (
        "lab: one runs or starts already, got /first; wait for it, or run "
        "`python -m lab down` there"
    )


def test_the_lock_tells_whose_lab_runs(tmp_path: Path) -> None:
    with lock.held(Path("/first"), tmp_path / "lock"):
        assert lock.owner(tmp_path / "lock") == Path("/first")


def test_a_lock_that_nobody_holds_has_no_owner(tmp_path: Path) -> None:
    with lock.held(Path("/first"), tmp_path / "lock"):
        pass
    assert lock.owner(tmp_path / "lock") is None


def test_who_inherits_the_lock_goes_on_holding_it(tmp_path: Path) -> None:
    file, pid = tmp_path / "lock", tmp_path / "pid"
    with lock.held(Path("/first"), file) as descriptor:
        child = processes.spawn(pid, SLEEPS, tmp_path / "log", keep=(descriptor,))
    assert lock.owner(file) == Path("/first")
    processes.stop(pid)
    child.wait()


def test_a_started_process_is_found_by_its_pid_file(tmp_path: Path) -> None:
    child = processes.spawn(tmp_path / "pid", SLEEPS, tmp_path / "log")
    assert processes.running(tmp_path / "pid") == child.pid
    child.kill()
    child.wait()


def test_a_process_that_has_ended_does_not_run(tmp_path: Path) -> None:
    child = processes.spawn(tmp_path / "pid", ["/bin/true"], tmp_path / "log")
    child.wait()
    assert processes.running(tmp_path / "pid") is None


def test_a_number_that_is_now_another_processs_is_not_the_labs(tmp_path: Path) -> None:
    (tmp_path / "pid").write_text(json.dumps({"pid": os.getpid(), "started": "1"}))
    assert processes.running(tmp_path / "pid") is None


def test_a_pid_file_cut_short_is_no_process(tmp_path: Path) -> None:
    (tmp_path / "pid").write_text('{"pid": 1')
    assert processes.read(tmp_path / "pid") is None


def test_another_processs_number_is_never_signalled(tmp_path: Path) -> None:
    child = subprocess.Popen(SLEEPS, stdout=subprocess.DEVNULL)  # noqa: S603 this interpreter
    (tmp_path / "pid").write_text(json.dumps({"pid": child.pid, "started": "1"}))
    processes.stop(tmp_path / "pid")
    assert child.poll() is None
    child.kill()
    child.wait()


def test_stopping_ends_the_process_and_forgets_it(tmp_path: Path) -> None:
    child = processes.spawn(tmp_path / "pid", SLEEPS, tmp_path / "log")
    assert processes.stop(tmp_path / "pid")
    assert (child.wait(), (tmp_path / "pid").exists()) == (-15, False)


def test_a_process_that_does_not_heed_is_ended_by_force(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    child = processes.spawn(
        tmp_path / "pid", [sys.executable, "-c", HEEDLESS], tmp_path / "log", cwd=tmp_path
    )
    while not (tmp_path / "ready").exists():
        assert child.poll() is None
    processes.stop(tmp_path / "pid", 0.1)
    assert child.wait() == -9


def test_stopping_what_does_not_run_is_no_fault(tmp_path: Path) -> None:
    assert not processes.stop(tmp_path / "pid")


def test_the_environment_adds_to_path_and_repeats_nothing(tmp_path: Path) -> None:
    paths = lab_paths(tmp_path)
    once = environment(paths, {"PATH": "/usr/bin:/bin"})["PATH"]
    first = [str(paths.wrappers), str(paths.bin), str(Path(sys.executable).parent)]
    assert once.split(":") == [*first, "/usr/bin", "/bin"]
    assert environment(paths, {"PATH": once})["PATH"] == once


def test_the_lab_networks_are_reached_without_the_proxy(tmp_path: Path) -> None:
    assert environment(lab_paths(tmp_path), {})["NO_PROXY"] == (
        "localhost,127.0.0.1,198.18.0.0/15,10.0.0.0/8"
    )
