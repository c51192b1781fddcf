"""One lab on a machine: its names of namespaces and its addresses are the machine's."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.errors import LabError

LOCK = Path("/run/oke-mesh-lab.lock")


@contextmanager
def held(root: Path, lock: Path = LOCK) -> Iterator[int]:
    """Holds the lock; who inherits the descriptor goes on holding it after the block."""
    descriptor = _take(root, lock)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def owner(lock: Path = LOCK) -> Path | None:
    """The checkout whose lab holds the lock now."""
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return Path(lock.read_text().strip())
    finally:
        os.close(descriptor)
    return None


def _take(root: Path, lock: Path) -> int:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        other = lock.read_text().strip()
        raise LabError(
            f"lab: one runs or starts already, got {other}; wait for it, or run "
            f"`python -m lab down` there"
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{root}\n".encode())
    return descriptor
