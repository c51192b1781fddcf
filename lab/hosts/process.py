"""Programs of the lab's hosts: started into a namespace and a control group."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from lab import processes
from lab.errors import LabError
from lab.hosts.cgroups import entrance
from lab.hosts.namespace import namespace_path

_ENTER = 'echo $$ > "$1" && shift && exec "$@"'
_STOP_SECONDS = 5.0
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
        running = processes.read(process.pid_file)
        if running is not None and running.is_alive():
            if running.fingerprint == fingerprint:
                return False
            processes.stop(process.pid_file, _STOP_SECONDS)
        self._start(process, fingerprint)
        return True

    def _start(self, process: Process, fingerprint: str) -> None:
        process.folder.mkdir(parents=True, exist_ok=True)
        if process.log.exists() and process.log.stat().st_size > _LOG_LIMIT:
            process.log.replace(process.log.with_suffix(".log.old"))
        argv = ["sh", "-c", _ENTER, "sh", str(entrance(process.cgroup)), "nsenter"]
        argv += [f"--net={namespace_path(process.namespace)}", "--", *process.argv]
        child = processes.spawn(
            process.pid_file,
            argv,
            process.log,
            env={"PATH": _PATH, "HOME": str(process.folder), **process.environment},
            cwd=process.folder,
        )
        processes.note(process.pid_file, child.pid, fingerprint)
        with self._lock:
            self._children[child.pid] = child
        if processes.running(process.pid_file) is None:
            raise LabError(f"{process.name} ended at once\n{tail(process.log)}")

    def bury(self) -> None:
        """Takes note of children that have ended, which the kernel keeps until then."""
        with self._lock:
            ended = [pid for pid, child in self._children.items() if child.poll() is not None]
            for pid in ended:
                del self._children[pid]


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, for a message."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - 8192))
            text = stream.read().decode(errors="replace")
    except FileNotFoundError:
        return f"({log.name} is not there)"
    return "\n".join(text.splitlines()[-lines:])
