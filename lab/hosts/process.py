"""Programs of the lab's hosts: started into a namespace and a control group, found again by a
pid file, and ended by their number.

A pid file also holds the moment of the start, since the kernel gives numbers out again, and a
fingerprint of the command and its files, so that a changed program is started anew.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from lab.errors import LabError
from lab.hosts.cgroups import entrance
from lab.hosts.namespace import namespace_path

_ENTER = 'echo $$ > "$1" && shift && exec "$@"'
_LOG_LIMIT = 8 * 2**20
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file that a host needs."""

    path: Path
    text: str
    mode: int = 0o644


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """A program as it should run."""

    name: str
    argv: tuple[str, ...]
    namespace: str
    cgroup: str
    folder: Path
    """Of its pid file; it starts there."""
    log: Path
    depends: tuple[Path, ...] = ()
    """Files that it reads at its start only: other contents start it anew."""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def pid_file(self) -> Path:
        """Where its number is kept."""
        return self.folder / f"{self.name}.pid"

    def fingerprint(self) -> str:
        """Changes with whatever would make the program behave otherwise."""
        digest = sha256(repr((self.argv, sorted(self.environment.items()))).encode())
        for path in self.depends:
            digest.update(path.read_bytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Running:
    """A pid file's contents."""

    pid: int
    started: str
    fingerprint: str

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return start_time(self.pid) == self.started


def write_files(files: Iterable[File]) -> None:
    """Writes what differs, by a rename, with its mode from the first moment."""
    for file in files:
        if file.path.exists() and file.path.read_text() == file.text:
            continue
        file.path.parent.mkdir(parents=True, exist_ok=True)
        draft = file.path.with_name(f".{file.path.name}.new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, file.mode)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(file.text)
        draft.replace(file.path)


def start_time(pid: int) -> str | None:
    """When the process began, in the kernel's ticks; None if it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def read_pid_file(path: Path) -> Running | None:
    """The process of a pid file, alive or not."""
    try:
        return Running(**json.loads(path.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


class Supervisor:
    """Starts and ends programs; knows the children of this very process to bury them."""

    def __init__(self) -> None:
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        """Of the children: hosts are raised side by side."""

    def ensure(self, process: Process) -> bool:
        """Lets the program run as it should; true if it had to be started."""
        self.bury()
        fingerprint = process.fingerprint()
        running = read_pid_file(process.pid_file)
        if running is not None and running.is_alive():
            if running.fingerprint == fingerprint:
                return False
            self.stop(process.pid_file)
        self._start(process, fingerprint)
        return True

    def _start(self, process: Process, fingerprint: str) -> None:
        process.folder.mkdir(parents=True, exist_ok=True)
        process.log.parent.mkdir(parents=True, exist_ok=True)
        if process.log.exists() and process.log.stat().st_size > _LOG_LIMIT:
            process.log.replace(process.log.with_suffix(".log.old"))
        argv = ["sh", "-c", _ENTER, "sh", str(entrance(process.cgroup)), "nsenter"]
        argv += [f"--net={namespace_path(process.namespace)}", "--", *process.argv]
        with process.log.open("ab") as log:
            child = subprocess.Popen(
                argv,
                cwd=process.folder,
                env={"PATH": _PATH, "HOME": str(process.folder), **process.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started = start_time(child.pid)
        if started is None:
            raise LabError(f"{process.name} ended at once\n{tail(process.log)}")
        with self._lock:
            self._children[child.pid] = child
        text = json.dumps({"pid": child.pid, "started": started, "fingerprint": fingerprint})
        write_files([File(path=process.pid_file, text=text)])

    def stop(self, pid_file: Path, seconds: float = 5.0) -> None:
        """Asks the program to end, and makes it after a while."""
        running = read_pid_file(pid_file)
        if running is not None and running.is_alive():
            end_process(running.pid, seconds)
        self.bury()
        pid_file.unlink(missing_ok=True)

    def bury(self) -> None:
        """Takes note of children that have ended, which the kernel keeps until then."""
        with self._lock:
            ended = [pid for pid, child in self._children.items() if child.poll() is not None]
            for pid in ended:
                del self._children[pid]


def end_process(pid: int, seconds: float) -> None:
    """SIGTERM, then SIGKILL when the time is over; returns when the process is gone."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
            signal.pidfd_send_signal(descriptor, number)
            if select.select([descriptor], [], [], patience)[0]:
                return
    except ProcessLookupError:
        return
    finally:
        os.close(descriptor)
    raise LabError(f"process {pid} does not end, not even by SIGKILL")


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, for a message."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - 8192))
            text = stream.read().decode(errors="replace")
    except FileNotFoundError:
        return f"({log.name} is not there)"
    return "\n".join(text.splitlines()[-lines:])
