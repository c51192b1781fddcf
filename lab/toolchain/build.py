"""Builds the Go programs into the store, each under a key of its own sources and stamps.

A program lands by a rename, so what is there is whole and is never built again, also after an
interruption; a change in one module group leaves the other groups' programs alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from lab.errors import LabError
from lab.paths import MODULES, LabPaths
from lab.toolchain import golang
from lab.toolchain.pins import GoTool

Say = Callable[[str], None]


def stored(tool: GoTool, store: Path) -> Path:
    """Where the built program lies."""
    return store / key(tool)


def key(tool: GoTool) -> str:
    """The program's name in the store; it changes with anything that goes into the build."""
    digest = sha256(repr((tool.package, tool.stamp)).encode())
    folder = MODULES / tool.group
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return f"{tool.name}-{digest.hexdigest()[:16]}"


def ensure(paths: LabPaths, tools: Sequence[GoTool], say: Say) -> None:
    """Links what is built into the folder of programs, then builds what is missing."""
    missing = []
    for tool in tools:
        if stored(tool, paths.store).exists():
            link(stored(tool, paths.store), paths.program(tool.name))
        else:
            missing.append(tool)
    if not missing:
        return
    go = golang.find(paths.store)
    for number, tool in enumerate(missing, 1):
        say(f"[{number}/{len(missing)}] {tool.name}: building")
        started = time.monotonic()
        build(go, tool, stored(tool, paths.store))
        link(stored(tool, paths.store), paths.program(tool.name))
        took = time.monotonic() - started
        say(f"[{number}/{len(missing)}] {tool.name}: built in {took:.0f} s")


def build(go: Path, tool: GoTool, target: Path) -> None:
    """One program; its dependencies are checked against the group's go.sum."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    flags = " ".join(["-s", "-w", *(f"-X {stamp}" for stamp in tool.stamp)])
    answer = subprocess.run(
        [go, "build", "-trimpath", "-ldflags", flags, "-o", draft, tool.package],
        cwd=MODULES / tool.group,
        env=golang.environment(go),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if answer.returncode:
        draft.unlink(missing_ok=True)
        tail = "\n".join(answer.stderr.strip().splitlines()[-20:])
        raise LabError(f"{tool.name}: the build failed; run it again to resume\n{tail}")
    draft.rename(target)


def link(source: Path, target: Path) -> None:
    """The same file under a second name; a copy where the file system does not allow that."""
    if target.exists() and _is_same(source, target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        draft.hardlink_to(source)
    except OSError:
        shutil.copy2(source, draft)
    draft.replace(target)


def _is_same(source: Path, target: Path) -> bool:
    one, other = source.stat(), target.stat()
    # A copy keeps the time; a size alone is the same for two versions of one program.
    return one.st_size == other.st_size and one.st_mtime_ns == other.st_mtime_ns
