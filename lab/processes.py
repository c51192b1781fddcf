"""Long-lived processes of the lab, known by pid files that survive the command that wrote them.

A pid alone is not enough: after a crash and some time it may be somebody else's. So a file holds
the process's start time too, and only the process that has both is ever signalled.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 10


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
    pid_file.parent.mkdir(parents=True, exist_ok=True)
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
    pid_file.write_text(f"{process.pid} {start_time(process.pid)}\n")
    return process


def start_time(pid: int) -> int | None:
    """The process's start in ticks since boot; None if there is none, or it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold spaces, so fields are counted from behind it.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def running(pid_file: Path) -> int | None:
    """The pid of the process that wrote the file's name, if it still runs."""
    try:
        pid, started = map(int, pid_file.read_text().split())
    except (FileNotFoundError, ValueError):
        return None
    return pid if start_time(pid) == started else None


def stop(pid_file: Path, seconds: float = STOP_SECONDS) -> bool:
    """Ends the process, by force once `seconds` are over; False if there was none."""
    pid = running(pid_file)
    if pid is not None:
        handle = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(handle, signal.SIGTERM)
            if not select.select([handle], [], [], seconds)[0]:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                select.select([handle], [], [], STOP_SECONDS)
        except ProcessLookupError:
            pass
        finally:
            os.close(handle)
    pid_file.unlink(missing_ok=True)
    return pid is not None
