"""The engine's side of a checkout: state, passphrase, and the lab stack's own settings file.

The engine writes a salt into a stack's settings, so it works on a copy under `.lab/`; the copy is
renewed when the committed file changes, and keeps the salt.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from pathlib import Path
from typing import Any

from lab.environment import environment
from lab.errors import LabError
from lab.paths import LabPaths

STACK = "lab"
_PUBLIC_KEY = re.compile(r"^( +sshPublicKey: ).*$", re.MULTILINE)
_SALT = re.compile(r"^encryptionsalt: .*\n?", re.MULTILINE)


def prepare(paths: LabPaths) -> None:
    """Makes the stack if it is not there; otherwise only renews its settings."""
    paths.pulumi_state.mkdir(parents=True, exist_ok=True)
    _ensure_key(paths)
    if not paths.passphrase.exists():
        write_private(paths.passphrase, secrets.token_urlsafe(32))
    committed = paths.root / "Pulumi.yaml"
    if not committed.exists():
        raise LabError(f"{committed}: is not there; run the lab in a checkout of the project")
    paths.project.mkdir(parents=True, exist_ok=True)
    (paths.project / "Pulumi.yaml").write_text(committed.read_text())
    if not is_known(paths):
        _pulumi(paths, "stack", "init", STACK, "--cwd", str(paths.project))
    renew_settings(paths)
    _pulumi(paths, "stack", "select", STACK, "--cwd", str(paths.root))


def renew_settings(paths: LabPaths) -> None:
    """Takes over the committed settings if they are not those that the copy was made from."""
    committed = paths.committed_settings
    taken = paths.project / "committed.yaml"
    wanted = committed.read_text() if committed.exists() else ""
    if taken.exists() and taken.read_text() == wanted and paths.stack_settings.exists():
        return
    old = paths.stack_settings.read_text() if paths.stack_settings.exists() else ""
    salt = _SALT.search(old)
    public = paths.ssh_key.with_suffix(".pub")
    key = public.read_text().strip() if public.exists() else ""
    text = _PUBLIC_KEY.sub(rf"\g<1>{key}", _SALT.sub("", wanted))
    if salt:
        text = salt.group().rstrip("\n") + "\n" + text
    paths.stack_settings.write_text(text)
    taken.write_text(wanted)


def _ensure_key(paths: LabPaths) -> None:
    """Makes the key that signs in to the lab's computers."""
    if paths.ssh_key.exists():
        return
    paths.ssh_key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(paths.ssh_key)]
    subprocess.run(line, check=True)


def is_known(paths: LabPaths) -> bool:
    """Whether the stack is there; its state must be readable."""
    return bool(states(paths))


def states(paths: LabPaths) -> list[dict[str, Any]]:
    """The stack's state as the engine keeps it; none if there is no stack.

    Raises:
        LabError: it cannot be read.
    """
    found = []
    for file in paths.pulumi_state.glob(f".pulumi/stacks/*/{STACK}.json"):
        try:
            found.append(json.loads(file.read_text()))
        except ValueError as fault:
            raise LabError(
                f"{file}: is no readable state ({fault}); put the engine's copy "
                f"{file.name}.bak in its place"
            ) from fault
    return found


def write_private(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as sink:
        sink.write(text)


def _pulumi(paths: LabPaths, *command: str) -> None:
    answer = subprocess.run(
        [paths.wrappers / "pulumi", *command, "--non-interactive"],
        env=os.environ | environment(paths),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise LabError(f"pulumi {' '.join(command)}: {answer.stderr.strip()}")
