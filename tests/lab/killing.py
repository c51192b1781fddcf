"""Kills what an operation of the lab's consists of, at a moment that a seed tells."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from lab.environment import environment
from lab.paths import LabPaths

VICTIMS = ("engine", "engine and plugins", "a plugin", "everything")
LATER_SECONDS = 3.0
"""The kill comes up to so long after its step has begun: not only beginnings are broken off."""
_ENGINE = "pulumi"


@dataclass(frozen=True, slots=True)
class Killed:
    """What was killed, and when."""

    victims: str
    moment: str
    is_over: bool
    """Whether the operation had ended before."""

    def __str__(self) -> str:
        return f"killed: {self.victims}, {self.moment}{', when it was over' * self.is_over}"


def kill(
    paths: LabPaths,
    operation: str,
    *,
    seed: int,
    steps: int,
    meanwhile: Callable[[], None] = lambda: None,
) -> Killed:
    """Starts the operation and kills it with SIGKILL behind one of that many steps."""
    # Not for secrets: the same seed kills the same behind as many steps.
    chance = random.Random(seed)  # noqa: S311 see above
    after, victims = chance.randint(1, steps), chance.choice(VICTIMS)
    seconds = chance.uniform(0, LATER_SECONDS)
    events = paths.logs / f"{'up' if operation == 'deploy' else operation}.events"
    events.unlink(missing_ok=True)
    command = _start(paths, operation)
    engine = _engine_of(psutil.Process(command.pid), events.stem)
    while command.poll() is None and _begun(events) < after:
        time.sleep(0.02)
    meanwhile()
    _wait(command, seconds)
    is_over = command.poll() is not None
    _kill(_chosen(victims, command.pid, engine, chance=chance))
    command.wait()
    return Killed(victims, f"{seconds:.1f} s after step {after}", is_over)


def kill_early(paths: LabPaths, operation: str, *, seed: int, seconds: float) -> Killed:
    """Starts the operation and kills all of it within its first seconds, such as what recovers."""
    chance = random.Random(seed)  # noqa: S311 likewise
    after = chance.uniform(0, seconds)
    command = _start(paths, operation)
    _wait(command, after)
    is_over = command.poll() is not None
    if not is_over:
        process = psutil.Process(command.pid)
        _kill([process, *process.children(recursive=True)])
    command.wait()
    return Killed("everything", f"{after:.1f} s after its start", is_over)


def _start(paths: LabPaths, operation: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 this interpreter
        [sys.executable, "-m", "lab", operation],
        env=os.environ | environment(paths),
        cwd=paths.root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait(command: subprocess.Popen[bytes], seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        command.wait(seconds)


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _begun(events: Path) -> int:
    return events.read_bytes().count(b'"resourcePreEvent"') if events.exists() else 0


def _engine_of(command: psutil.Process, operation: str) -> psutil.Process:
    while True:
        for child in command.children(recursive=True):
            with suppress(psutil.Error):
                # What recovers runs other operations before.
                if child.name() == _ENGINE and child.cmdline()[1:2] == [operation]:
                    return child
        assert command.is_running(), "the engine was not started"
        time.sleep(0.01)


def _chosen(
    victims: str, command: int, engine: psutil.Process, *, chance: random.Random
) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        plugins = engine.children()
        match victims:
            case "engine":
                return [engine]
            case "a plugin":
                return [chance.choice(plugins)] if plugins else [engine]
            case "engine and plugins":
                return [engine, *plugins]
            case _:
                return [psutil.Process(command), engine, *plugins]
    return []
