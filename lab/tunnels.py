"""The tunnel of the lab's stack, where the program does not run that would open it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from lab import engine, stack
from lab.environment import environment
from lab.paths import LabPaths


def open_(paths: LabPaths) -> int:
    """Opens it for a refresh or a destruction; 0 also when the stack has none."""
    access = engine.outputs(paths).get("access")
    if not isinstance(access, dict) or access.get("socksPort") is None:
        return 0
    return _ops(paths, "open", "--stack", stack.STACK)


def close(paths: LabPaths) -> None:
    """Closes every tunnel of this checkout's lab and forgets whom they led to."""
    for folder in (paths.user_state / "oke-mesh").glob("tunnel-*"):
        _ops(paths, "close", "--port", folder.name.removeprefix("tunnel-"))
    shutil.rmtree(paths.user_state, ignore_errors=True)


def _ops(paths: LabPaths, *words: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", "ops", "tunnel", *words],
        env=os.environ | environment(paths),
        cwd=paths.root,
        stdout=subprocess.DEVNULL,
        check=False,
    ).returncode
