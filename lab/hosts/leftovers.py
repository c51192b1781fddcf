"""What a host leaves outside its processes: mounts, sockets and links in shared folders."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lab.hosts.kernel import execute
from lab.hosts.namespace import NAMESPACES

CONTAINER_LOGS = Path("/var/log/containers")
CNI_RESULTS = Path("/var/lib/cni/results")
SHIM_SOCKETS = Path("/run/containerd/s")
DEVICE_SOCKET = Path("/var/lib/kubelet/device-plugins/kubelet.sock")
_SHARED = (
    CONTAINER_LOGS,
    CNI_RESULTS,
    CNI_RESULTS.parent,
    SHIM_SOCKETS,
    SHIM_SOCKETS.parent,
    DEVICE_SOCKET.parent,
    DEVICE_SOCKET.parent.parent,
)
"""Folders whose places are fixed in Kubernetes, CNI and containerd."""
_ESCAPE = re.compile(r"\\([0-7]{3})")


def remove_folder(folder: Path) -> None:
    """Removes a host's folder with all that is mounted in it and all that points to it."""
    for mount in mounts_below(folder):
        execute(["umount", "--lazy", str(mount)])
    _remove_links(folder)
    _remove_notes(folder)
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


def _remove_links(folder: Path) -> None:
    if CONTAINER_LOGS.is_dir():
        for link in CONTAINER_LOGS.iterdir():
            with suppress(FileNotFoundError):  # another host's, which is removed meanwhile
                if link.is_symlink() and link.readlink().is_relative_to(folder):
                    link.unlink()


def _remove_notes(folder: Path) -> None:
    """CNI keeps a note of each pod's link, with the place of the pod's namespace."""
    for note in CNI_RESULTS.glob("*"):
        with suppress(FileNotFoundError):  # likewise
            if f'"{folder}/' in note.read_text():
                note.unlink()


def remove_shared() -> None:
    """Removes dead sockets, and shared folders that nobody else uses."""
    # Dead sockets are nobody's, whichever containerd or kubelet made them.
    for path in (DEVICE_SOCKET, *SHIM_SOCKETS.glob("*")):
        if not _is_served(path):
            path.unlink(missing_ok=True)
    for path in _SHARED:
        with suppress(OSError):  # not there, or another's things are in it
            path.rmdir()
    if NAMESPACES.is_dir() and not any(NAMESPACES.iterdir()):
        # `ip netns add` mounts the folder onto itself, and does so anew when it is needed.
        execute(["umount", str(NAMESPACES)], forgiving=True)


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0
