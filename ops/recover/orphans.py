"""Plugins that outlived the engine that started them: they may go on making things unheard."""

import re
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from ops import pulumi
from ops.tunnel.processes import identity, stop

# The engine's address is the last word of a plugin's command line.
_ENGINE: Final = re.compile(r"127\.0\.0\.1:(\d+)")


def orphans() -> list[psutil.Process]:
    """Return the plugins that work in this project's folder for an engine that is gone."""
    return [process for process in psutil.process_iter() if _is_orphan(process)]


def shown(process: psutil.Process) -> str:
    """Return its number and what it runs, without the address of its engine."""
    words: list[str] = []
    with suppress(psutil.Error):
        words = process.cmdline()[:-1]
    return (
        f"process {process.pid} ({' '.join([Path(words[0]).name, *words[1:]]) if words else '?'})"
    )


def end(found: list[psutil.Process]) -> None:
    """End them, by force after a while."""
    for process in found:
        stop(process.pid, identity(process.pid) or "")


def _is_orphan(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        words = process.cmdline()
        engine = _ENGINE.fullmatch(words[-1]) if words else None
        return (
            engine is not None
            and any("pulumi" in word or "plugins" in word for word in words)
            and process.cwd() == str(pulumi.PROJECT_FOLDER)
            and not _listens(int(engine[1]))
        )
    return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
