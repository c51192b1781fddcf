"""Runs the engine on the lab's stack and shows how it goes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from lab import recovery, stack
from lab.environment import environment
from lab.errors import LabError
from lab.events import Update
from lab.paths import LabPaths
from lab.progress import View, duration

INTERRUPTED = 130
_LOOK_SECONDS = 0.25


def attached(paths: LabPaths, command: str, words: Sequence[str]) -> int:
    """Runs the engine with its own display; returns its exit code."""
    with _patient():
        return subprocess.run(
            _line(paths, command, words), env=_environment(paths), cwd=paths.root, check=False
        ).returncode


def watched(paths: LabPaths, command: str, words: Sequence[str]) -> tuple[int, Update]:
    """Runs the engine to its end with a line for each stage; its own display goes to a log."""
    log, events = (paths.logs / f"{command}.{kind}" for kind in ("log", "events"))
    paths.logs.mkdir(parents=True, exist_ok=True)
    for file in (log, events):
        file.unlink(missing_ok=True)
        # To its owner only: outputs may hold what somebody did not mark as a secret.
        file.touch(0o600)
    more = ("--yes", "--skip-preview", "--event-log", str(events), *words)
    begun, update = time.monotonic(), Update()
    with log.open("wb") as sink, _patient() as interrupts, recovery.marked(paths, update):
        process = subprocess.Popen(
            _line(paths, command, more),
            env=_environment(paths),
            cwd=paths.root,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )
        _follow(process, events, update)
    _conclude(update, code=process.returncode, log=log)
    spent = duration(time.monotonic() - begun)
    code = INTERRUPTED if interrupts else process.returncode
    said = {0: "done", INTERRUPTED: "interrupted"}.get(code, f"FAILED, exit status {code}")
    print(f"pulumi {command}: {said} in {spent}; log in {log}", file=sys.stderr)
    return code, update


def _follow(process: subprocess.Popen[bytes], events: Path, update: Update) -> None:
    """Reads the events as they are written, and once more after the end."""
    begun, view, read = time.monotonic(), View(sys.stderr), 0
    while True:
        ended = _ended(process)
        read = read_events(events, read, update)
        if ended:
            break
        view.show(update, time.time(), time.monotonic() - begun)
    view.end(update, time.time())


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def read_events(file: Path, offset: int, update: Update) -> int:
    """Takes the whole lines behind the offset; returns the next offset."""
    with file.open("rb") as log:
        log.seek(offset)
        for line in log:
            if not line.endswith(b"\n"):
                break
            update.take(json.loads(line))
            offset += len(line)
    return offset


def _conclude(update: Update, *, code: int, log: Path) -> None:
    """What the engine complained of, whole; its own last words where it told of nothing."""
    for text in update.warnings:
        print(f"warning: {text}", file=sys.stderr)
    if code == 0:
        return
    if update.verification:
        print("\n".join(update.table or update.verification), file=sys.stderr)
    for text in update.errors:
        print(f"error: {text}", file=sys.stderr)
    if not update.errors:
        print(log.read_text(errors="replace").strip(), file=sys.stderr)


def outputs(paths: LabPaths) -> dict[str, object]:
    """The stack's outputs, with secrets."""
    answer = subprocess.run(
        _line(paths, "stack", ("output", "--json", "--show-secrets")),
        env=_environment(paths),
        cwd=paths.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise LabError(f"pulumi stack output: {answer.stderr.strip()}")
    found: dict[str, object] = json.loads(answer.stdout)
    return found


def _line(paths: LabPaths, command: str, words: Sequence[str]) -> list[str | Path]:
    # The caller's words come last, so that they win.
    return [paths.wrappers / "pulumi", command, "--stack", stack.STACK, *words]


def _environment(paths: LabPaths) -> dict[str, str]:
    # The event log is among the options that the engine offers for its own debugging.
    return os.environ | environment(paths) | {"PULUMI_DEBUG_COMMANDS": "true"}


@contextmanager
def _patient() -> Iterator[list[int]]:
    """The engine hears Ctrl-C itself and ends in order; who waits for it must not end before."""
    heard: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        if not heard:
            print(
                "\ninterrupted: waiting for what is under way; again to end at once",
                file=sys.stderr,
            )
        heard.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)
