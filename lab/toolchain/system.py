"""Debian's part of the toolchain: installed where that is possible, else named in one message."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lab.errors import LabError
from lab.toolchain.build import Say
from lab.toolchain.pins import SYSTEM

SEARCH = os.pathsep.join(
    (os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin")
)

SERVICES: Final = {
    "containerd": "containerd.service",
    "docker-registry": "docker-registry.service",
    "etcd-server": "etcd.service",
    "openssh-server": "ssh.service",
}
"""What a package would start, and start again at every boot: the lab runs its own, elsewhere."""

_POLICY: Final = "usr/sbin/policy-rc.d"
_UNITS: Final = "etc/systemd/system"
_OURS: Final = "# Written by the lab of oke-mesh while it installs packages."


OF_COMPUTERS: Final = {
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "sudo": "sudo",
    "curl": "curl",
}
"""What runs on the lab's computers; the pins do not have it, for nothing is built with it."""


def missing(packages: Mapping[str, str] = SYSTEM | OF_COMPUTERS) -> list[str]:
    """The packages whose program is not there."""
    return sorted({p for program, p in packages.items() if not _is_there(program)})


def ensure(say: Say) -> None:
    """Installs what is missing, or says what to install."""
    wanted = missing()
    if not wanted:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise LabError(
            f"system packages: missing {', '.join(wanted)}; install them, "
            f"on Debian by `sudo apt-get install --no-install-recommends {' '.join(wanted)}`"
        )
    say(f"system packages: installing {', '.join(wanted)}")
    services = [SERVICES[package] for package in wanted if package in SERVICES]
    if services:
        say(f"system packages: {', '.join(services)} stay masked; `systemctl unmask` undoes it")
    _install(wanted)
    still = missing()
    if still:
        raise LabError(f"system packages: installed, but without the programs of {still}")


def _is_there(program: str) -> bool:
    if program.startswith("/"):
        return Path(program).exists()
    return shutil.which(program, path=SEARCH) is not None


def _install(packages: list[str]) -> None:
    masked(packages)
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as options, no_services():
        options.write('DPkg::Lock::Timeout "300";\nAPT::Install-Recommends "false";\n')
        options.flush()
        for command in (["update", "-qq"], ["install", "-y", "-qq", *packages]):
            _apt(command, options.name)


def masked(packages: list[str], root: Path = Path("/")) -> None:
    """Keeps systemd from starting what these packages bring, now and at every boot.

    Before they are installed, so that an installation that is killed leaves nothing enabled.
    """
    for service in (SERVICES[package] for package in packages if package in SERVICES):
        unit = root / _UNITS / service
        # Somebody's own unit of that name stays as it is.
        if not unit.exists() and not unit.is_symlink():
            unit.parent.mkdir(parents=True, exist_ok=True)
            unit.symlink_to("/dev/null")


@contextmanager
def no_services(root: Path = Path("/")) -> Iterator[None]:
    """Keeps Debian from starting what it installs, on machines without systemd too.

    What a killed installation leaves behind allows everything, and removes itself when asked.
    """
    policy = root / _POLICY
    if policy.exists() and _OURS not in policy.read_text(errors="replace"):
        yield  # the machine's own, which decides for itself
        return
    policy.parent.mkdir(parents=True, exist_ok=True)
    policy.write_text(_policy(os.getpid()))
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)


def _policy(pid: int) -> str:
    """Which says no as long as this process lives, told from a later one by when it began."""
    began = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return (
        f"#!/bin/sh\n{_OURS}\n"
        f"began=$(sed 's/.*) //' /proc/{pid}/stat 2>/dev/null | cut -d ' ' -f 20)\n"
        f'[ "$began" = {began} ] && exit 101\n'
        'rm -f -- "$0"\n'
    )


def _apt(command: list[str], options: str) -> None:
    answer = subprocess.run(
        ["apt-get", *command],
        env=os.environ | {"APT_CONFIG": options, "DEBIAN_FRONTEND": "noninteractive"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise LabError(f"apt-get {' '.join(command)}: {answer.stderr.strip()}")
