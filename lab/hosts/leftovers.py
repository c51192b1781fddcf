"""What a host leaves outside its processes: mounts, sockets and links in shared folders."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lab.hosts.addresses import PREFIX
from lab.hosts.kernel import execute

CONTAINER_LOGS = Path("/var/log/containers")
CNI_RESULTS = Path("/var/lib/cni/results")
SHIM_SOCKETS = Path("/run/containerd/s")
_SHARED = (
    CONTAINER_LOGS,
    CNI_RESULTS,
    CNI_RESULTS.parent,
    SHIM_SOCKETS,
    SHIM_SOCKETS.parent,
)
"""Folders whose places are fixed in Kubernetes, CNI and containerd."""
_ESCAPE = re.compile(r"\\([0-7]{3})")


def remove_folder(folder: Path) -> None:
    """Removes a host's folder with all that is mounted in it and all that points to it."""
    sockets = shim_sockets(folder)
    for mount in mounts_below(folder):
        execute(["umount", "--lazy", str(mount)])
    for socket in sockets:
        socket.unlink(missing_ok=True)
    _remove_links(folder)
    if folder.exists():
        shutil.rmtree(folder)


def mounts_below(folder: Path) -> list[Path]:
    """What is mounted below the folder, innermost first."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return mount_points(lines, folder)


def mount_points(lines: Iterable[str], folder: Path) -> list[Path]:
    """The mount points of those lines that lie in the folder, last mounted first."""
    points = (_ESCAPE.sub(lambda m: chr(int(m[1], 8)), line.split()[4]) for line in lines)
    return [Path(p) for p in reversed(list(points)) if Path(p).is_relative_to(folder)]


def shim_sockets(folder: Path) -> list[Path]:
    """The sockets of the folder's containers, which lie in a place that all containerds share."""
    addresses = folder.glob("state/io.containerd.runtime.v2.task/*/*/address")
    return [Path(file.read_text().strip().removeprefix("unix://")) for file in addresses]


def _remove_links(folder: Path) -> None:
    if CONTAINER_LOGS.is_dir():
        for link in CONTAINER_LOGS.iterdir():
            if link.is_symlink() and link.readlink().is_relative_to(folder):
                link.unlink()


def remove_shared() -> None:
    """Removes CNI's notes of the lab's pods, and shared folders that nobody else uses."""
    for result in CNI_RESULTS.glob(f"{PREFIX}*"):
        result.unlink()
    for path in _SHARED:
        with suppress(OSError):  # not there, or another's things are in it
            path.rmdir()
