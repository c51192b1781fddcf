"""Control groups of the lab's hosts, in either version of the kernel's hierarchy.

Every process of a host is born in the host's group and its children stay there, so that the group
lists what is to be ended, whatever became of the process that started it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lab.errors import LabError
from lab.hosts.addresses import PREFIX

ROOT = Path("/sys/fs/cgroup")
SYSTEM = "system"
"""The group of a host's own programs, beside those of its pods."""
_END_SECONDS = 15.0


def hierarchies() -> list[Path]:
    """The mounted hierarchies: one in version 2, one for each controller in version 1."""
    if is_unified():
        return [ROOT]
    return sorted(path for path in ROOT.iterdir() if (path / "cgroup.procs").exists())


def is_unified() -> bool:
    """Whether this kernel runs version 2 only."""
    return (ROOT / "cgroup.controllers").exists()


def create(name: str) -> None:
    """Makes the group in every hierarchy, with a child for the host's programs."""
    for hierarchy in hierarchies():
        group = hierarchy / name
        group.mkdir(exist_ok=True)
        if hierarchy.name == "cpuset":
            # A new cpuset has neither processors nor memory, and takes no process until it has.
            for key in ("cpuset.cpus", "cpuset.mems"):
                (group / key).write_text((hierarchy / key).read_text())
    if is_unified():
        delegated = (ROOT / "cgroup.controllers").read_text().split()
        (ROOT / name / "cgroup.subtree_control").write_text(" ".join(f"+{c}" for c in delegated))
    entrance(name).parent.mkdir(exist_ok=True)


def entrance(name: str) -> Path:
    """The file through which a process enters the group."""
    hierarchy = ROOT if is_unified() else ROOT / "pids"
    return hierarchy / name / SYSTEM / "cgroup.procs"


def names() -> set[str]:
    """Every group of the lab's, also of an earlier run."""
    return {p.name for h in hierarchies() for p in h.iterdir() if p.name.startswith(PREFIX)}


def processes(name: str) -> set[int]:
    """Everything that runs in the group and below."""
    found: set[int] = set()
    for group in _groups(name):
        with suppress(OSError):  # a group may end while it is read
            found.update(int(line) for line in (group / "cgroup.procs").read_text().split())
    return found - {os.getpid()}


def remove(name: str) -> None:
    """Ends everything in the group, and the group."""
    deadline = time.monotonic() + _END_SECONDS
    while alive := processes(name):
        if time.monotonic() > deadline:
            raise LabError(f"cgroup {name}: processes {sorted(alive)} do not end; see `ps`")
        for pid in alive:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    for group in _groups(name):
        _remove_group(group, deadline)


def _remove_group(group: Path, deadline: float) -> None:
    """An ended process leaves its group a moment later; until then the kernel says busy."""
    while True:
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError as fault:
            if time.monotonic() > deadline:
                raise LabError(f"cgroup {group}: cannot be removed, {fault.strerror}") from fault
            time.sleep(0.02)
        else:
            return


def _groups(name: str) -> Iterator[Path]:
    """The group in every hierarchy, children first."""
    for hierarchy in hierarchies():
        top = hierarchy / name
        below = sorted((Path(folder) for folder, _, _ in os.walk(top)), reverse=True)
        yield from below
