"""Kills what an operation of the lab's consists of, at a moment that a seed tells."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from lab.environment import environment
from lab.paths import LabPaths

VICTIMS = ("engine", "engine and plugins", "a plugin", "everything")
_ENGINE = "pulumi"


@dataclass(frozen=True, slots=True)
class Killed:
    """What was killed, and behind which of the operation's steps."""

    victims: str
    steps: int
    is_over: bool
    """Whether the operation had ended before."""

    def __str__(self) -> str:
        return f"{self.victims} after {self.steps} steps{', when it was over' * self.is_over}"


def kill(paths: LabPaths, operation: str, *, seed: int, within: tuple[int, int]) -> Killed:
    """Starts the operation and kills it with SIGKILL once so many of its steps have begun."""
    # Not for secrets: the same seed kills the same after as many steps.
    chance = random.Random(seed)  # noqa: S311 see above
    steps, victims = chance.randint(*within), chance.choice(VICTIMS)
    events = paths.logs / f"{'up' if operation == 'deploy' else operation}.events"
    events.unlink(missing_ok=True)
    command = subprocess.Popen(  # noqa: S603 this interpreter
        [sys.executable, "-m", "lab", operation],
        env=os.environ | environment(paths),
        cwd=paths.root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    engine = _engine_of(psutil.Process(command.pid))
    while command.poll() is None and _begun(events) < steps:
        time.sleep(0.02)
    is_over = command.poll() is not None
    for process in _chosen(victims, command.pid, engine, chance=chance):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    command.wait()
    return Killed(victims, steps, is_over)


def _begun(events: Path) -> int:
    return events.read_bytes().count(b'"resourcePreEvent"') if events.exists() else 0


def _engine_of(command: psutil.Process) -> psutil.Process:
    while True:
        for child in command.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if child.name() == _ENGINE:
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
