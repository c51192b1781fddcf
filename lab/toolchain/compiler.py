"""One `go build` of several programs, which tells while it runs what it compiles."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, cast

from lab.errors import LabError
from lab.paths import MODULES
from lab.toolchain import golang
from lab.toolchain.pins import GoTool

Watch = Callable[[str], None]
"""Takes the name of each package when the compiler begins it, and nothing every second between."""

_LOOK_SECONDS = 1.0
_TAIL_LINES = 20


def run(
    go: Path,
    tools: Sequence[GoTool],
    flags: Sequence[str],
    *,
    folder: Path,
    watch: Watch = lambda package: None,
) -> None:
    """Builds programs of one group into the folder; their modules are checked against its go.sum.

    What is in the folder already and up to date is not linked again.
    """
    group, complaints = tools[0].group, []
    with subprocess.Popen(
        [go, "build", "-v", *flags, "-o", f"{folder}/", *(tool.package for tool in tools)],
        cwd=MODULES / group,
        env=golang.environment(go),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in _lines(cast("IO[str]", process.stderr)):
            if " " not in line:
                watch(line)
            elif not line.startswith("go: downloading "):
                complaints.append(line)
    if process.returncode:
        tail = "\n".join(complaints[-_TAIL_LINES:])
        raise LabError(f"{group}: the build failed; run it again to resume\n{tail}")


def _lines(stream: IO[str]) -> Iterator[str]:
    """Each line as it comes, and an empty one for every second without."""
    lines: SimpleQueue[str | None] = SimpleQueue()

    def read() -> None:
        for line in stream:
            lines.put(line.rstrip("\n"))
        lines.put(None)

    Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=_LOOK_SECONDS)
        except Empty:
            yield ""
            continue
        if line is None:
            return
        yield line
