"""Leaves out of the programs what nothing here asks of them.

A module group may have a folder `without/` with packages at their import paths. Each takes the
place of the vendor's, with the names that others call and nothing behind them. A module that has
such a package is compiled from a copy of its pinned sources; every other package stays as it is.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from lab.errors import LabError
from lab.toolchain import golang

_REQUIRED = re.compile(r"^\t(\S+) v\S+", re.MULTILINE)


def flags(group: Path, work: Path) -> list[str]:
    """What `go` is told so that it builds the group with what `prepare` laid into `work`."""
    return [f"-modfile={work / 'go.mod'}"] if (group / "without").is_dir() else []


def prepare(go: Path, group: Path, work: Path) -> None:
    """Lays copies of the modules concerned, and a module file that names them, into `work`."""
    packages = sorted(set(_packages(group / "without")))
    if not packages:
        return
    definition = (group / "go.mod").read_text()
    required = _REQUIRED.findall(definition)
    for module in sorted({_module(package, required) for package in packages}):
        _copy(golang.module_folder(go, group, module), work / module)
        definition += f"\nreplace {module} => {work / module}\n"
    for package in packages:
        if not (work / package).is_dir():
            raise LabError(
                f"without/{package}: leaves out a package that {_module(package, required)} "
                "has not; remove it"
            )
        _exchange(group / "without" / package, work / package)
    (work / "go.mod").write_text(definition)
    shutil.copyfile(group / "go.sum", work / "go.sum")


def _packages(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*.go"):
        yield file.parent.relative_to(folder).as_posix()


def _module(package: str, required: list[str]) -> str:
    """The module that a package is of: the longest path that begins it."""
    return max((m for m in required if f"{package}/".startswith(f"{m}/")), key=len)


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(
        source,
        target,
        ignore=shutil.ignore_patterns("testdata", "*_test.go"),
        copy_function=shutil.copyfile,
    )
    # The module cache is read-only, and so are folders that are copied from it.
    for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
        folder.chmod(0o755)


def _exchange(package: Path, target: Path) -> None:
    for file in target.glob("*.go"):
        file.unlink()
    for file in package.glob("*.go"):
        shutil.copyfile(file, target / file.name)
