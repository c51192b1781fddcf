"""One operation at a time; before it, `ops recover` where the last one did not come to its end."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import stack
from lab.environment import environment
from lab.errors import LabError
from lab.events import Update
from lab.paths import LabPaths


@contextmanager
def alone(paths: LabPaths, operation: str) -> Iterator[None]:
    """Nobody else's operation runs meanwhile; whoever comes second is told whose does.

    The engine has a lock of its own, but not yet while it starts, nor while others recover.
    """
    paths.pulumi_state.mkdir(parents=True, exist_ok=True)
    with (paths.pulumi_state / "operation").open("a+") as file:
        try:
            # A lock of the kernel's: a kill releases it.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise LabError(
                f"stack {stack.STACK}: {file.read()} is under way; wait for its end"
            ) from None
        file.truncate(0)
        file.write(f"`{operation}`, process {os.getpid()}, since {time.strftime('%H:%M:%S')},")
        file.flush()
        yield


def recover(paths: LabPaths) -> int:
    """Puts right what a killed update has left; the exit code is not 0 if that cannot be done."""
    if not is_needed(paths):
        return 0
    code = subprocess.run(
        [sys.executable, "-m", "ops", "recover", "--stack", stack.STACK, "--yes"],
        env=os.environ | environment(paths),
        cwd=paths.root,
        check=False,
    ).returncode
    if code == 0:
        _mark(paths).unlink(missing_ok=True)
    return code


def is_needed(paths: LabPaths) -> bool:
    """Cheaper than to ask the engine, since every update does it."""
    backend = paths.pulumi_state / ".pulumi"
    states = backend.glob(f"stacks/*/{stack.STACK}.json")
    return (
        _mark(paths).exists()
        or any(backend.glob(f"locks/*/*/{stack.STACK}/*.json"))
        or any('"pending_operations"' in file.read_text() for file in states)
    )


@contextmanager
def marked(paths: LabPaths, update: Update) -> Iterator[None]:
    """Leaves a mark if this process is killed in the block, or the update has lost something."""
    mark = _mark(paths)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    yield
    if not update.lost:
        mark.unlink()


def _mark(paths: LabPaths) -> Path:
    # Beside the state that it tells of, so that both are moved aside together.
    return paths.pulumi_state / "unfinished"
