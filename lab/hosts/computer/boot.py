"""Makes the root of a computer and starts its first program in it.

Run by path as a program of its own, as the first process of fresh namespaces: it must not import
anything of the lab's. The system's programs are the machine's own, read only; everything that a
computer writes is its own.
"""

import os
import subprocess
import sys
from pathlib import Path

_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_PACKAGES = "/opt/lab/site-packages"
_INIT = "/opt/lab/init.py"
SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def main(root: Path, packages: str) -> None:
    """Mount, enter, and become the first program."""
    # What is mounted below a folder moves with it only if the folder is a mount itself.
    _mount("--bind", root, root)
    _system(root)
    _mount("--bind", root.parent / "local", root / "usr/local")
    if not Path(sys.base_prefix).is_relative_to("/usr"):
        # Where it was built for, or it finds another one's library.
        _read_only(Path(sys.base_prefix), root / sys.base_prefix[1:])
    _read_only(Path(packages), root / _PACKAGES[1:])
    _mount("-t", "proc", "proc", root / "proc")
    _mount("-t", "tmpfs", "-o", "mode=0755", "run", root / "run")
    _devices(root / "dev")
    _enter(root)
    environment = {"PATH": SEARCH, "HOME": "/root"}
    os.execve("/usr/local/bin/python3", ["init", "-I", _INIT], environment)  # noqa: S606


def _system(root: Path) -> None:
    _read_only(Path("/usr"), root / "usr")
    for name in _SYSTEM:
        own, there = root / name, Path("/") / name
        if there.is_symlink():
            if not own.is_symlink():
                own.symlink_to(there.readlink())
        elif there.is_dir():
            own.mkdir(exist_ok=True)
            _read_only(there, own)


def _devices(folder: Path) -> None:
    _mount("-t", "tmpfs", "-o", "mode=0755", "dev", folder)
    for name in _DEVICES:
        (folder / name).touch()
        _mount("--bind", Path("/dev") / name, folder / name)
    for name in ("pts", "shm"):
        (folder / name).mkdir()
    options = "newinstance,ptmxmode=0666,mode=0620,gid=5"
    _mount("-t", "devpts", "-o", options, "devpts", folder / "pts")
    _mount("-t", "tmpfs", "-o", "mode=1777", "shm", folder / "shm")
    (folder / "ptmx").symlink_to("pts/ptmx")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        (folder / name).symlink_to(f"/proc/self/fd/{number}")
    (folder / "fd").symlink_to("/proc/self/fd")


def _enter(root: Path) -> None:
    """Leave the machine's own root for good."""
    os.chdir(root)
    # The two roots lie on the same folder for a moment, so none is needed for the old one.
    subprocess.run(["pivot_root", ".", "."], check=True)
    subprocess.run(["umount", "--lazy", "."], check=True)
    os.chdir("/")


def _read_only(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    _mount("--bind", source, target)
    _mount("-o", "remount,bind,ro", target)


def _mount(*words: object) -> None:
    subprocess.run(["mount", *map(str, words)], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
