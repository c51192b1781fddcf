"""Runs a program, shows its lines as they come, and keeps them for the outputs."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from lab.plugins.base.errors import InterruptError, PluginError
from lab.plugins.base.provider import Call

# Enough to see the fault, not so much that the screen is lost.
TAIL_LINES = 40
POLL_SECONDS = 0.1
GRACE_SECONDS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """What to run."""

    command: str
    interpreter: Sequence[str] = ("/bin/sh", "-c")
    folder: str | None = None
    environment: Mapping[str, str]
    stdin: str | None = None
    show_stdout: bool = True
    show_stderr: bool = True


@dataclass(frozen=True, slots=True)
class Printed:
    """What it printed, without the last line break."""

    stdout: str
    stderr: str


def run(call: Call, program: Program, show: Callable[[str], None]) -> Printed:
    """Run to the end; a failure tells the exit status and the end of what was printed."""
    with _start(program) as process:
        out, err = _Reader(process.stdout), _Reader(process.stderr)
        if program.show_stdout:
            out.show = show
        if program.show_stderr:
            err.show = show
        workers = [
            threading.Thread(target=out.read),
            threading.Thread(target=err.read),
            threading.Thread(target=_feed, args=(process, program.stdin or "")),
        ]
        for worker in workers:
            worker.start()
        try:
            _await(call, process)
        finally:
            for worker in workers:
                worker.join()
    if process.returncode:
        raise PluginError(_fault(process.returncode, err.text or out.text))
    return Printed(out.text, err.text)


class _Reader:
    """Collects a stream's lines."""

    def __init__(self, stream: IO[str] | None) -> None:
        self.stream = stream
        self.lines: list[str] = []
        self.show: Callable[[str], None] = lambda line: None

    def read(self) -> None:
        for line in self.stream or ():
            self.lines.append(line)
            self.show(line.rstrip("\n"))

    @property
    def text(self) -> str:
        return "".join(self.lines).removesuffix("\n")


def _start(program: Program) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            [*program.interpreter, program.command],
            cwd=program.folder,
            env={**os.environ, **program.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # A group of its own, so that a cancelled command takes its children with it.
            start_new_session=True,
        )
    except OSError as fault:
        raise PluginError(f"command does not start: {fault.strerror}, {fault.filename}") from fault


def _feed(process: subprocess.Popen[str], text: str) -> None:
    if process.stdin is None:
        return
    try:
        with process.stdin as pipe:
            pipe.write(text)
    except BrokenPipeError:
        # The program ended without reading all of it, which is its right.
        return


def _await(call: Call, process: subprocess.Popen[str]) -> None:
    while True:
        try:
            process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            late = call.timeout and time.monotonic() - call.started > call.timeout
            if late or call.cancelled.is_set():
                _stop(process)
                why = f"not done after {call.timeout:g} s" if late else "cancelled"
                raise InterruptError(f"command: {why}; it was stopped") from None
        else:
            return


def _stop(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _fault(status: int, text: str) -> str:
    lines = text.splitlines()
    tail = "\n".join(lines[-TAIL_LINES:])
    left = f" (the last {TAIL_LINES} of {len(lines)} lines)" if len(lines) > TAIL_LINES else ""
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return f"command failed with {how}{left}:\n{tail}" if tail else f"command failed with {how}"
