"""Tries mutants: each in a copy of the tree, with the tests that should find it, in a fork.

A fork has the SDKs imported already, which take longer than most of the tests. It never sees the
tree that it was started from: its modules and its folder are those of the copy.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

import pytest

from tests.mutants.table import Mutant, TableError

# No test of the project takes a tenth of this.
TIME_LIMIT_SECONDS: Final = 300

_SDKS: Final = ("pulumi", "pulumi_oci", "pulumi_kubernetes", "pulumi_tls", "pulumi_command", "oci")
_OPTIONS: Final = ("-q", "-x", "--no-header", "-p", "no:randomly", "-p", "no:cacheprovider")


class Outcome(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    ALIVE = "ALIVE"
    BROKEN = "broken"
    """Its tests did not run: it is no fault that a test could find."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The outcome, the time that it took, and what pytest printed."""

    mutant: Mutant
    outcome: Outcome
    seconds: float
    printed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """A file as it was before a fault."""

    file: Path
    text: str
    times: tuple[int, int]
    """Of access and of change, in nanoseconds."""

    def put_back(self) -> None:
        """Write the file with its times, so that what was compiled of it is good again."""
        self.file.write_text(self.text)
        os.utime(self.file, ns=self.times)


class Copy:
    """A copy of the tree, in which tests run in processes of their own."""

    def __init__(self, root: Path, place: Path) -> None:
        ignored = (root / ".gitignore").read_text().split()
        shutil.copytree(
            root, place, ignore=shutil.ignore_patterns(".git", *(i.strip("/") for i in ignored))
        )
        self.root = place
        self.log = place.with_suffix(".log")

    def put(self, mutant: Mutant) -> Original:
        """Write the fault, at a time that no compiled file is of, and return what it replaced."""
        text, file = mutant.applied(self.root), self.root / mutant.file
        stat = file.stat()
        original = Original(
            file=file, text=file.read_text(), times=(stat.st_atime_ns, stat.st_mtime_ns)
        )
        file.write_text(text)
        os.utime(file, (stat.st_atime, stat.st_mtime + 10))
        return original

    def printed(self) -> str:
        """Return what the last tests printed."""
        return self.log.read_text(errors="replace")

    def start(self, tests: Sequence[str], *, compiles: bool = False) -> int:
        """Run tests in a process of their own and return its id."""
        pid = os.fork()
        if pid == 0:
            os._exit(self._run(tests, compiles=compiles))
        return pid

    def _run(self, tests: Sequence[str], *, compiles: bool) -> int:
        signal.alarm(TIME_LIMIT_SECONDS)
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(self.root)
        sys.dont_write_bytecode = not compiles
        sys.path[0] = str(self.root)
        ours = {path.name for path in self.root.iterdir() if path.is_dir()}
        for name in [*sys.modules]:
            if name.partition(".")[0] in ours:
                del sys.modules[name]
        return int(pytest.main([*_OPTIONS, *tests]))


def warm_up() -> None:
    """Import what every fork would import."""
    for name in _SDKS:
        __import__(name)


def without_faults(copies: Sequence[Copy], mutants: Sequence[Mutant]) -> None:
    """Run the tests of all mutants on the tree as it is.

    Raises:
        TableError: one fails, so it would seem to find any fault.
    """
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    files = sorted({test.partition("::")[0] for test in tests})
    started = {}
    for number, copy in enumerate(copies):
        share = [t for t in tests if files.index(t.partition("::")[0]) % len(copies) == number]
        if share:
            started[copy.start(share, compiles=True)] = copy
    ended = [(started[pid], status) for pid, status in _ends(started)]
    for copy, status in ended:
        if status != 0:
            raise TableError(f"tests fail without any fault:\n{copy.printed()}")


def try_all(copies: Sequence[Copy], mutants: Sequence[Mutant]) -> Iterator[Result]:
    """Yield the result of each mutant as it comes, one in each copy at a time."""
    waiting, free = [*mutants], [*copies]
    running: dict[int, tuple[Mutant, Copy, Original, float]] = {}
    while waiting or running:
        while waiting and free:
            mutant, copy = waiting.pop(0), free.pop()
            original = copy.put(mutant)
            running[copy.start(mutant.tests)] = mutant, copy, original, time.monotonic()
        pid, status = os.wait()
        mutant, copy, original, since = running.pop(pid)
        original.put_back()
        free.append(copy)
        yield Result(
            mutant=mutant,
            outcome=outcome_of(status),
            seconds=time.monotonic() - since,
            printed=copy.printed(),
        )


def outcome_of(status: int) -> Outcome:
    """Return what the end of pytest's process says: 1 is a test that failed, 0 that none did."""
    return {0: Outcome.ALIVE, 1: Outcome.KILLED}.get(
        os.waitstatus_to_exitcode(status), Outcome.BROKEN
    )


def _ends(started: dict[int, Copy]) -> Iterator[tuple[int, int]]:
    for pid in started:
        yield os.waitpid(pid, 0)
