"""Before an update: whether the last one came to its end, and `ops recover` where it did not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import stack
from lab.environment import environment
from lab.events import Update
from lab.paths import LabPaths


def recover(paths: LabPaths) -> int:
    """Puts right what a killed update has left; the exit code is not 0 if that cannot be done."""
    if not is_needed(paths):
        return 0
    print("pulumi: the last operation did not come to its end", file=sys.stderr)
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
