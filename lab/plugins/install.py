"""Puts the plugins on PATH: executables `pulumi-resource-NAME` as the engine looks for them."""

from __future__ import annotations

import shlex
from pathlib import Path

PLUGINS = ("command", "oci", "tls")

ROOT = Path(__file__).resolve().parents[2]


def write_wrappers(directory: Path, python: Path) -> list[Path]:
    """Write an executable for each plugin that runs it with this interpreter from this checkout."""
    directory.mkdir(parents=True, exist_ok=True)
    return [_write(directory / f"pulumi-resource-{name}", name, python) for name in PLUGINS]


def _write(file: Path, name: str, python: Path) -> Path:
    # The engine starts a plugin in the program's folder, so the checkout is named in full; `exec`
    # keeps the engine as the parent, whose end the plugin watches.
    text = (
        "#!/bin/sh\n"
        f"PYTHONPATH={shlex.quote(str(ROOT))}${{PYTHONPATH:+:$PYTHONPATH}} "
        f'exec {shlex.quote(str(python))} -m lab.plugins {name} "$@"\n'
    )
    if not file.exists() or file.read_text() != text:
        draft = file.with_suffix(".new")
        draft.write_text(text)
        draft.chmod(0o755)
        draft.replace(file)
    return file
