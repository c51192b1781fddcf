"""Programs of Debian that a test alone asks for: unpacked in the cache, and installed nowhere.

Nothing of theirs starts, and `make up` fetches none of them.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from lab.errors import LabError
from lab.paths import LabPaths
from lab.toolchain.system import SEARCH


def program(paths: LabPaths, package: str, name: str) -> Path:
    """The program of a package: the machine's own, or one that is unpacked now or was before."""
    own = shutil.which(name, path=SEARCH)
    if own:
        return Path(own)
    folder = paths.cache / "unpacked" / package
    if not folder.exists():
        _unpack(package, folder)
    found = folder / "usr" / "bin" / name
    if not found.exists():
        raise LabError(f"{package}: unpacked into {folder}, and without {name}")
    return found


def _unpack(package: str, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        work = Path(name)
        _download(package, work)
        archives = [*work.glob("*.deb")]
        if len(archives) != 1:
            raise LabError(f"{package}: fetched {len(archives)} archives in place of one")
        _run(["dpkg", "-x", str(archives[0]), "unpacked"], work)
        # At once, so that a fetch that was killed leaves nothing that looks whole.
        (work / "unpacked").rename(folder)


def _download(package: str, work: Path) -> None:
    fetch = ["apt-get", "download", "-qq", package]
    try:
        _run(fetch, work)
    except LabError:
        # A machine may have no lists of packages yet, or those of a release that is gone.
        with suppress(LabError):
            _run(["apt-get", "update", "-qq"], work)
        _run(fetch, work)


def _run(command: list[str], work: Path) -> None:
    try:
        answer = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise LabError(f"{command[0]} is missing: this is no Debian; install its program") from None
    if answer.returncode:
        raise LabError(f"{' '.join(command)}: {answer.stderr.strip()}")
