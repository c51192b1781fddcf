"""Debian's part of the toolchain: installed where that is possible, else named in one message."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lab.errors import LabError
from lab.toolchain.build import Say
from lab.toolchain.pins import SYSTEM

SEARCH = os.pathsep.join(
    (os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin")
)
_POLICY = Path("/usr/sbin/policy-rc.d")


def missing(packages: Mapping[str, str] = SYSTEM) -> list[str]:
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
    _install(wanted)
    still = missing()
    if still:
        raise LabError(f"system packages: installed, but without the programs of {still}")


def _is_there(program: str) -> bool:
    if program.startswith("/"):
        return Path(program).exists()
    return shutil.which(program, path=SEARCH) is not None


def _install(packages: list[str]) -> None:
    # Debian starts the services of what it installs; the lab runs its own, elsewhere.
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as options:
        had_policy = _POLICY.exists()
        if not had_policy:
            _POLICY.write_text("#!/bin/sh\nexit 101\n")
            _POLICY.chmod(0o755)
        options.write('DPkg::Lock::Timeout "300";\nAPT::Install-Recommends "false";\n')
        options.flush()
        try:
            for command in (["update", "-qq"], ["install", "-y", "-qq", *packages]):
                _apt(command, options.name)
        finally:
            if not had_policy:
                _POLICY.unlink(missing_ok=True)


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
