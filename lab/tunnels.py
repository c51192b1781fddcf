"""The tunnel of the lab's stack, where the program does not run that would open it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from lab import stack
from lab.environment import environment
from lab.paths import LabPaths

_CLOSING = "okemesh:access:Tunnel$command:local:Command::"
"""What closes it, and goes before the host and behind all that needs it."""


def open_(paths: LabPaths) -> int:
    """Opens it where the program does not; 0 also when the stack has none, or not yet."""
    if not any(map(_leads, stack.states(paths))):
        return 0
    return _ops(paths, "open", "--stack", stack.STACK)


def _leads(state: Mapping[str, Any]) -> bool:
    """Whether a state has a tunnel that was open once, and whose end has not begun."""
    resources = (state["checkpoint"].get("latest") or {}).get("resources", ())
    was_open = any(
        one["type"] == "okemesh:access:Access" and (one.get("outputs") or {}).get("socksPort")
        for one in resources
    )
    return was_open and any(_CLOSING in one["urn"] for one in resources)


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
