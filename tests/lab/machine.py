"""What of a lab is on this machine, asked of the kernel and not of the lab."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lab.hosts import cgroups
from lab.paths import REGISTRY_PORT, LabPaths

_FOLDERS = (
    "/var/log/containers",
    "/var/lib/cni",
    "/run/containerd",
    "/var/lib/kubelet",
)
_KEEPER = " -m ops tunnel keep "
"""Of a tunnel, also another checkout's."""
_QUESTIONS = (("nft", "list", "ruleset"), ("ip", "rule"), ("ip", "route"))


def traces(paths: LabPaths) -> list[str]:
    """Everything that a lab leaves when it does not clean up, and its programs."""
    return [*traces_of_hosts(paths), *_rules(), *_programs(paths)]


def traces_of_hosts(paths: LabPaths) -> list[str]:
    """Everything that hosts leave when they are not cleared."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return [
        *cgroups.names(),
        *(p.name for p in Path("/run/netns").glob("okm-*")),
        *(p.name for p in Path("/sys/class/net").glob("okm-*")),
        *(line for line in mounts if f" {paths.state}/" in line),
        *sorted(_in_shared_folders() - _THERE_BEFORE),
    ]


def _in_shared_folders() -> set[str]:
    return {str(path) for folder in _FOLDERS for path in Path(folder).rglob("*")}


_THERE_BEFORE = _in_shared_folders()
"""What another checkout's killed lab left before these tests: its own `make down` removes it."""


def _rules() -> Iterator[str]:
    """Lines of the machine's own rules and routes that name what is the lab's."""
    for question in _QUESTIONS:
        answer = subprocess.run(  # noqa: S603 the questions above
            question, capture_output=True, text=True, check=True
        )
        yield from (
            line
            for line in answer.stdout.splitlines()
            if any(mark in line for mark in ("okm", "198.18.", "proto 77"))
        )


def _programs(paths: LabPaths) -> Iterator[str]:
    """The lab's own services, and every process that works with its state."""
    services = (" -m lab serve", f"TCP-LISTEN:{REGISTRY_PORT},")
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        with suppress(OSError):  # it has ended since
            line = (folder / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
            is_keeper = _KEEPER in line and (folder / "cwd").readlink() == paths.root
            if (
                is_keeper
                or f"{paths.state}/" in line
                or any(service in line for service in services)
            ):
                yield f"process {folder.name}: {line}"
