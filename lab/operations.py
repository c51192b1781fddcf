"""The engine's operations on the lab's stack, as commands: deploy, preview, refresh, destroy."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from lab import engine, processes, recovery, stack, tunnels
from lab.environment import environment
from lab.errors import LabError
from lab.events import Update
from lab.paths import LabPaths


def show_environment(paths: LabPaths) -> None:
    """Exports for a shell: `eval "$(python -m lab env)"`."""
    _require_lab(paths)
    for name, value in environment(paths).items():
        print(f"export {name}={shlex.quote(value)}")


def deploy(paths: LabPaths, words: Sequence[str]) -> int:
    """`pulumi up` with a line for each stage, the table at the end, and what to try next."""
    code, update = _run(paths, "up", words)
    if code:
        return code
    outputs = engine.outputs(paths)
    _write_kubeconfig(paths, outputs)
    if update.table:
        print("\n" + "\n".join(update.table))
    elif outputs.get("verification") and (code := _verify(paths)):
        return code
    print("\n" + "\n".join(what_next(outputs)))
    return 0


def preview(paths: LabPaths, words: Sequence[str]) -> int:
    """What a deployment would change."""
    _require_lab(paths)
    return engine.attached(paths, "preview", words)


def refresh(paths: LabPaths, words: Sequence[str]) -> int:
    """Brings the stack's state to what is there."""
    return _run(paths, "refresh", words)[0]


def destroy(paths: LabPaths, words: Sequence[str]) -> int:
    """Deletes everything of the stack; the lab goes on running."""
    code, _ = _run(paths, "destroy", words)
    if code == 0:
        paths.kubeconfig.unlink(missing_ok=True)
    return code


OPERATIONS: dict[str, Callable[[LabPaths, Sequence[str]], int]] = {
    "deploy": deploy,
    "preview": preview,
    "refresh": refresh,
    "destroy": destroy,
}


def what_next(outputs: dict[str, Any]) -> list[str]:
    """Three things to try with a stack that is up."""
    python = shlex.quote(os.path.relpath(sys.executable))
    lines = [
        (f'eval "$({python} -m lab env)"', "then pulumi, kubectl and oci mean the lab"),
        ("make preview", "empty; change Pulumi.lab.yaml and look again"),
        ("make down", "ends the lab and leaves nothing"),
    ]
    for cluster in outputs["clusters"].values():
        if cluster["ingressAddress"]:
            asked = f"curl http://{cluster['ingressAddress']}/hello"
            lines[1] = (asked, "a few times: every region answers")
            break
    width = max(len(command) for command, _ in lines)
    return ["next:", *(f"  {command.ljust(width)}   # {why}" for command, why in lines)]


def _run(paths: LabPaths, operation: str, words: Sequence[str]) -> tuple[int, Update]:
    """An operation that changes the state, from where the last one has come to."""
    _require_lab(paths)
    with recovery.alone(paths, operation):
        # The program opens the tunnel, and runs in an update only; what recovers goes before it.
        is_needed = operation != "up" or recovery.is_needed(paths)
        if is_needed and (code := tunnels.open_(paths)):
            return code, Update()
        if code := recovery.recover(paths):
            return code, Update()
        return engine.watched(paths, operation, words)


def _require_lab(paths: LabPaths) -> None:
    if not processes.running(paths.daemon_pid):
        raise LabError("lab: does not run; run `make up` first")
    stack.renew_settings(paths)


def _write_kubeconfig(paths: LabPaths, outputs: dict[str, Any]) -> None:
    paths.kubeconfig.unlink(missing_ok=True)
    stack.write_private(paths.kubeconfig, outputs["mergedKubeconfig"])


def _verify(paths: LabPaths) -> int:
    """Nothing has changed, so the stack has not verified itself: look again now."""
    return subprocess.run(
        [sys.executable, "-m", "ops", "verify", "--stack", stack.STACK],
        env=os.environ | environment(paths),
        cwd=paths.root,
        check=False,
    ).returncode
