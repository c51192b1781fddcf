"""Builds the Go programs into the store, each under a key of its own sources and flags.

All programs of a module group are one `go build`, so that no core waits while one is linked. A
program lands by a rename; an interrupted build finds in Go's cache, and in its own folder, what it
had done. A change in one module group leaves the other groups' programs alone.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from lab.paths import MODULES, LabPaths
from lab.progress import Meter, duration
from lab.toolchain import compiler, golang, left_out
from lab.toolchain.pins import STAMPS, GoTool
from lab.toolchain.work import Package, Work

Say = Callable[[str], None]

FLAGS = (
    "-trimpath",
    # Debug information would be written by the compiler and thrown away by the linker.
    "-gcflags=all=-dwarf=false",
    "-ldflags=" + " ".join(["-s", "-w", *(f"-X {stamp}" for stamp in STAMPS)]),
)


def stored(tool: GoTool, store: Path) -> Path:
    """Where the built program lies."""
    return store / key(tool)


def key(tool: GoTool) -> str:
    """The program's name in the store; it changes with anything that goes into the build."""
    digest = sha256(repr((tool.package, FLAGS)).encode())
    folder = MODULES / tool.group
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return f"{tool.name}-{digest.hexdigest()[:16]}"


def ensure(paths: LabPaths, tools: Sequence[GoTool], say: Say) -> None:
    """Builds what is missing, and links what is built to where it is looked for."""
    if _missing(paths, tools):
        with _alone(paths.store, say):
            _build(paths.store, _missing(paths, tools), say)
    for tool in tools:
        link(stored(tool, paths.store), paths.program(tool.name))


def _build(store: Path, tools: Sequence[GoTool], say: Say) -> None:
    if not tools:
        # Another checkout built them meanwhile.
        return
    go = golang.find(store)
    say(f"programs: building {', '.join(tool.name for tool in tools)}")
    with Meter(say) as meter:
        _Build(go, store, by_group(tools)).run(meter)
    say(f"programs: built in {duration(meter.elapsed)}")


def _missing(paths: LabPaths, tools: Sequence[GoTool]) -> list[GoTool]:
    return [tool for tool in tools if not stored(tool, paths.store).exists()]


def by_group(tools: Sequence[GoTool]) -> dict[str, list[GoTool]]:
    """The programs by their module group, in the order of the table."""
    groups: dict[str, list[GoTool]] = {}
    for tool in tools:
        groups.setdefault(tool.group, []).append(tool)
    return groups


@dataclass(frozen=True, slots=True)
class _Build:
    """Some programs on their way into the store."""

    go: Path
    store: Path
    groups: Mapping[str, Sequence[GoTool]]

    def run(self, meter: Meter) -> None:
        count = sum(len(tools) for tools in self.groups.values())
        with ThreadPoolExecutor(1) as fetching:
            contents = {name: fetching.submit(self._contents, name) for name in self.groups}
            self._plain(meter)
            work = Work({name: found.result() for name, found in contents.items()}, count)
        began = meter.elapsed
        for group in self.groups:
            self._compile(group, _watch(work, group, self._draft(group), meter=meter, began=began))
            work.ends(group)

    def _compile(self, group: str, watch: compiler.Watch) -> None:
        draft, tools = self._draft(group), self.groups[group]
        compiler.run(self.go, tools, [*FLAGS, *self._flags(group)], folder=draft, watch=watch)
        for tool in tools:
            (draft / tool.name).rename(stored(tool, self.store))
        shutil.rmtree(draft.parent)

    def _contents(self, group: str) -> dict[str, Package]:
        left_out.prepare(self.go, MODULES / group, self._modules(group))
        programs = [tool.package for tool in self.groups[group]]
        return golang.packages(self.go, MODULES / group, programs, flags=self._flags(group))

    def _flags(self, group: str) -> list[str]:
        return left_out.flags(MODULES / group, self._modules(group))

    def _plain(self, meter: Meter) -> None:
        """Compiles most of Go's own library while the network is busy with modules."""

        def watch(package: str) -> None:
            meter.tell("programs: fetching their sources", package)

        for group, tools in self.groups.items():
            plain = [tool for tool in tools if tool.is_plain]
            if plain:
                compiler.run(self.go, plain, FLAGS, folder=self._draft(group), watch=watch)

    def _draft(self, group: str) -> Path:
        folder = self.store / f".{group}" / "programs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _modules(self, group: str) -> Path:
        return self.store / f".{group}" / "modules"


def _watch(work: Work, group: str, draft: Path, *, meter: Meter, began: float) -> compiler.Watch:
    """Follows a build that `began` when the meter showed that many seconds."""

    def watch(package: str) -> None:
        work.begins(group, package)
        work.links(group, len(list(draft.iterdir())))
        meter.show(work.part, work.seconds_left(meter.elapsed - began), package)

    return watch


@contextmanager
def _alone(store: Path, say: Say) -> Iterator[None]:
    """Two builds at once would compile the same twice, and write over each other's programs."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("programs: another checkout builds; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def link(source: Path, target: Path) -> None:
    """The same file under a second name; a copy where the file system does not allow that."""
    if target.exists() and _is_same(source, target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        draft.hardlink_to(source)
    except OSError:
        shutil.copy2(source, draft)
    draft.replace(target)


def _is_same(source: Path, target: Path) -> bool:
    one, other = source.stat(), target.stat()
    # A copy keeps the time; a size alone is the same for two versions of one program.
    return one.st_size == other.st_size and one.st_mtime_ns == other.st_mtime_ns
