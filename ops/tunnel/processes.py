"""Processes by more than their number, which the system gives to another one later."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

_POLL_SECONDS: Final = 0.05
_GRACE_SECONDS: Final = 5.0
_LISTEN: Final = "0A"

# macOS has none; there, ps and lsof answer the same questions.
_PROC: Final = Path("/proc/self")


def identity(pid: int) -> str | None:
    """Return what tells this process from every other with its number; None if it has ended."""
    if not _PROC.is_dir():
        return _printed("ps", "-o", "lstart=", "-p", str(pid)) or None
    try:
        # The command's name may hold blanks; what follows it is fixed, see proc(5).
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, threads, started = fields[0], int(fields[17]), fields[19]
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    # A process whose first thread has ended holds its port while another one goes on.
    has_ended = state in {"Z", "X"} and threads <= 1
    return None if has_ended else f"{boot}/{started}"


def stop(pid: int, expected: str) -> bool:
    """End the process if it is still the one of that identity; return whether it was."""
    if identity(pid) != expected:
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + _GRACE_SECONDS
        while time.monotonic() < deadline:
            if identity(pid) != expected:
                return True
            time.sleep(_POLL_SECONDS)
    return True


def is_free(port: int) -> bool:
    """Return whether a program could serve this local port."""
    with socket.socket() as probe:
        # As ssh does: connections that wait for their end do not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listener(port: int) -> int | None:
    """Return the number of the process that serves a local port, if this user may see it."""
    if _PROC.is_dir():
        inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
        return next((pid for pid in _pids() if inodes & _open_files(pid)), None)
    found = _printed("lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t").split()
    return int(found[0]) if found else None


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes


def _pids() -> list[int]:
    return sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _open_files(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found.add(str(entry.readlink()))
    return found


def _printed(*command: str) -> str:
    program = shutil.which(command[0])
    if program is None:
        return ""
    ran = subprocess.run(  # noqa: S603 words of this file and a number
        [program, *command[1:]], capture_output=True, text=True, check=False
    )
    return ran.stdout.strip()
