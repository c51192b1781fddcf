"""A project of its own, with the real engine, and our plugins and the built one on its path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import LabError
from lab.paths import LabPaths
from lab.plugins.install import write_wrappers
from lab.toolchain.pins import PLUGIN


@dataclass(frozen=True)
class Stack:
    """A stack in a local backend."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *words: str, fails: bool = False) -> str:
        done = subprocess.run(  # noqa: S603 - the test's own words
            [Path(self.environment["TOOL"]), *words, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr if fails else done.stdout

    def preview(self) -> dict[str, list[str]]:
        """The steps that change something: the resource's name and the paths of its diff."""
        steps = json.loads(self.run("preview", "--json"))["steps"]
        return {
            step["urn"].rsplit("::", 1)[-1]: sorted(step.get("detailedDiff") or {})
            for step in steps
            if step["op"] not in ("same", "read")
        }

    def up(self) -> None:
        self.run("up", "--yes", "--skip-preview")

    def destroy(self) -> None:
        self.run("destroy", "--yes", "--skip-preview")

    def state(self) -> dict[str, dict[str, Any]]:
        """The resources by name."""
        resources = json.loads(self.run("stack", "export"))["deployment"].get("resources") or []
        return {item["urn"].rsplit("::", 1)[-1]: item for item in resources}

    def outputs(self) -> dict[str, Any]:
        text = self.run("stack", "output", "--json", "--show-secrets")
        outputs: dict[str, Any] = json.loads(text)
        return outputs


def why_not_here() -> str | None:
    """The reason why the engine cannot run here; None if it can."""
    paths = LabPaths.locate()
    try:
        paths.tool("pulumi")
    except LabError as error:
        return str(error)
    return None if paths.program(PLUGIN.name).exists() else f"{PLUGIN.name}: not built"


def new_stack(place: Path, program: str) -> Stack:
    """Make a project of that program in a new folder of `place`, with a stack `test`."""
    folder = place / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: probe\nruntime: python\n")
    (folder / "__main__.py").write_text(program)
    stack = Stack(folder, _environment(place))
    stack.run("stack", "init", "test")
    return stack


def _environment(place: Path) -> dict[str, str]:
    paths, path = LabPaths.locate(), place / "path"
    write_wrappers(path, Path(sys.executable))
    (path / PLUGIN.name).symlink_to(paths.program(PLUGIN.name))
    # The engine looks for its language host beside itself, so it is copied, not linked.
    (path / "pulumi").write_bytes(paths.tool("pulumi").read_bytes())
    host = path / "pulumi-language-python"
    script = paths.root / "lab" / "toolchain" / "language_host.py"
    host.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
    for file in (path / "pulumi", host):
        file.chmod(0o755)
    (place / "state").mkdir()
    return {
        **os.environ,
        "TOOL": str(path / "pulumi"),
        "PATH": f"{path}:{os.environ['PATH']}",
        "PYTHONPATH": str(paths.root),
        "NO_PROXY": "127.0.0.1",
        "PULUMI_HOME": str(place / "home"),
        "PULUMI_BACKEND_URL": f"file://{place / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "made up",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
