"""A process is known by more than its number."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.tunnel import processes
from tests.ops.machine import free_port

SLEEPER = [sys.executable, "-c", "input()"]
STUBBORN = [
    *(sys.executable, "-c"),
    "import signal as s; s.signal(s.SIGTERM, s.SIG_IGN); print('up', flush=True); input()",
]

CARELESS = [
    *(sys.executable, "-c"),
    (
        "import subprocess as s, sys; "
        "print(s.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True); "
        "input()"
    ),
]

HALF_ENDED = [
    *(sys.executable, "-c"),
    (
        "import ctypes as c, threading as t; t.Thread(target=input).start(); "
        "c.CDLL(None).pthread_exit(None)"
    ),
]


def test_two_processes_are_told_apart() -> None:
    with subprocess.Popen(SLEEPER, stdin=subprocess.PIPE) as other:  # noqa: S603 a stand-in
        assert processes.identity(other.pid) != processes.identity(os.getppid())
        other.kill()


def test_a_process_that_ended_has_no_identity_even_before_it_is_buried() -> None:
    with subprocess.Popen(SLEEPER, stdin=subprocess.PIPE) as other:  # noqa: S603 a stand-in
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert processes.identity(other.pid) is None


@pytest.mark.skipif(sys.platform != "linux", reason="only there a first thread ends by itself")
def test_a_process_goes_on_while_one_of_its_threads_does() -> None:
    with subprocess.Popen(HALF_ENDED, stdin=subprocess.PIPE) as other:  # noqa: S603 a stand-in
        deadline = time.monotonic() + 10
        while ") Z " not in Path(f"/proc/{other.pid}/stat").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        identity = processes.identity(other.pid)
        assert identity is not None
        assert processes.stop(other.pid, identity)
        assert processes.identity(other.pid) is None


def test_a_process_of_another_identity_is_not_stopped() -> None:
    with subprocess.Popen(SLEEPER, stdin=subprocess.PIPE) as other:  # noqa: S603 a stand-in
        assert not processes.stop(other.pid, "someone else")
        assert other.poll() is None
        other.kill()


def test_a_process_that_ignores_a_request_is_stopped_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with subprocess.Popen(  # noqa: S603 a stand-in
        STUBBORN, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        identity = processes.identity(other.pid)
        assert identity is not None
        monkeypatch.setattr(processes, "_GRACE_SECONDS", 0.2)
        assert processes.stop(other.pid, identity)
        assert processes.identity(other.pid) is None


def test_a_process_that_nobody_buries_has_ended_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in a container whose first process does not look after orphans."""
    monkeypatch.setattr(processes, "_GRACE_SECONDS", 2)
    with subprocess.Popen(  # noqa: S603 a stand-in
        CARELESS, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        identity = processes.identity(pid)
        assert identity is not None
        assert processes.stop(pid, identity)
        assert ") Z " in Path(f"/proc/{pid}/stat").read_text()
        parent.kill()


def test_the_process_that_serves_a_port_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert (processes.listener(port), processes.is_free(port)) == (os.getpid(), False)


def test_a_port_that_nobody_serves_is_free() -> None:
    port = free_port()
    assert (processes.listener(port), processes.is_free(port)) == (None, True)
