"""Processes of the lab, known by pid files that outlive the command that wrote them.

A number alone is not enough: the kernel gives it out again. So a file holds the moment of the start
too, and only the process that has both is ever signalled; and a fingerprint of what was started, so
that a changed program is started anew.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.errors import LabError

STOP_SECONDS = 10.0
_KILL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Running:
    """A pid file's contents."""

    pid: int
    started: str | None
    fingerprint: str = ""

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return self.started is not None and start_time(self.pid) == self.started


def spawn(
    pid_file: Path,
    command: Sequence[str | Path],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    keep: Sequence[int] = (),
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a process in a session of its own, with the descriptors in `keep`; notes its pid."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            pass_fds=keep,
            cwd=cwd,
        )
    note(pid_file, process.pid)
    return process


def note(pid_file: Path, pid: int, fingerprint: str = "") -> None:
    """Writes the file of a process that runs."""
    pid_file.parent.mkdir(parents=True, exist_ok=True)
    draft = pid_file.with_suffix(".new")
    draft.write_text(json.dumps(asdict(Running(pid, start_time(pid), fingerprint))))
    draft.replace(pid_file)


def read(pid_file: Path) -> Running | None:
    """The process of a pid file, alive or not."""
    try:
        return Running(**json.loads(pid_file.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def running(pid_file: Path) -> int | None:
    """The pid of the process that the file tells of, if it still runs."""
    found = read(pid_file)
    return found.pid if found is not None and found.is_alive() else None


def start_time(pid: int) -> str | None:
    """The process's start in ticks since boot; None if there is none, or it has ended.

    No clock is in it: a start in the time of day moves when the clock is set right.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold spaces, so fields are counted from behind it.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def stop(pid_file: Path, seconds: float = STOP_SECONDS) -> bool:
    """Ends the process, by force once `seconds` are over; False if there was none."""
    pid = running(pid_file)
    if pid is not None:
        _end(pid, seconds)
    pid_file.unlink(missing_ok=True)
    return pid is not None


def _end(pid: int, seconds: float) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, _KILL_SECONDS)):
            signal.pidfd_send_signal(handle, number)
            if select.select([handle], [], [], patience)[0]:
                return
    except ProcessLookupError:
        return
    finally:
        os.close(handle)
    raise LabError(f"process {pid} does not end, not even by SIGKILL")
