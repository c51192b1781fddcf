"""Who holds a stack's lock, and whether that process is still there.

Backends that are files keep a lock as a small document. Every other backend tells of it only when
the engine meets it, and then says it in words; Pulumi's own service says who is at work by itself.
"""

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import psutil
import yaml

from ops import pulumi

_SAID: Final = re.compile(r"created by (\S+)@(\S+) \(pid (\d+)\) at ([\d.:TZ+-]+)")
_FRACTION: Final = re.compile(r"\.\d+")
# Fractions are left out, and the clock of the processes' starts is not quite that of the locks.
_SLACK: Final = timedelta(seconds=3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Who locked the stack."""

    user: str
    host: str
    pid: int
    since: datetime

    @property
    def is_here(self) -> bool:
        """Whether it was a process of this machine."""
        return self.host == socket.gethostname()

    @property
    def is_gone(self) -> bool:
        """Whether it was a process of this machine and has ended."""
        return self.is_here and not _was_there(self.pid, self.since)

    def refusal(self, stack: str) -> str:
        """Return what whoever comes second is told."""
        remedy = "wait for its end"
        if not self.is_here:
            remedy += ", or run `pulumi cancel` if that process is gone"
        return f"stack {stack}: an update is under way, by {self}; {remedy}"

    def __str__(self) -> str:
        return f"{self.user}@{self.host}, process {self.pid}, since {self.since:%H:%M:%S}"


def holders(backend: str, stack: str) -> list[Holder]:
    """Return who holds locks in a backend of files; nobody for any other."""
    address = urlsplit(backend)
    if address.scheme != "file":
        return []
    place = unquote(f"{address.netloc}{address.path}")
    folder = Path(place.replace("~", str(Path.home()), 1) if place.startswith("~") else place)
    project = yaml.safe_load((pulumi.PROJECT_FOLDER / "Pulumi.yaml").read_text())["name"]
    locks = folder / ".pulumi" / "locks" / "organization" / project / stack.rpartition("/")[2]
    return list(_read(locks))


def told(text: str) -> list[Holder]:
    """Return whom the engine named when it met a lock."""
    return [
        Holder(user=user, host=host, pid=int(pid), since=_time(at))
        for user, host, pid, at in _SAID.findall(text)
    ]


def _read(folder: Path) -> Iterator[Holder]:
    for file in sorted(folder.glob("*.json")):
        try:
            content = json.loads(file.read_text())
        except (OSError, ValueError):
            continue  # released, or not written yet
        yield Holder(
            user=content["username"],
            host=content["hostname"],
            pid=content["pid"],
            since=_time(content["timestamp"]),
        )


def _time(text: str) -> datetime:
    # Go writes nanoseconds, which Python does not read.
    return datetime.fromisoformat(_FRACTION.sub("", text)).astimezone()


def _was_there(pid: int, since: datetime) -> bool:
    """Return whether the process of that number is older than the lock, so that it is the same."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return datetime.fromtimestamp(process.create_time()).astimezone() <= since + _SLACK
    except psutil.NoSuchProcess:
        return False
