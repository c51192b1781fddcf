"""Processes by more than their number, which the system gives to another one later."""

import socket
import time
from contextlib import suppress
from typing import Final

import psutil

_GRACE_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.02


def identity(pid: int) -> str | None:
    """Return what tells this process from every other with its number; None if it has ended."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            # A process whose first thread has ended holds its port while another one goes on.
            has_ended = process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1
            # Of the time of day, which is set right now and then, only the difference stays.
            started = process.create_time() - psutil.boot_time()
    except psutil.NoSuchProcess:
        return None
    return None if has_ended else f"{started:.2f}"


def stop(pid: int, expected: str) -> bool:
    """End the process if it is still the one of that identity; return whether it was."""
    if identity(pid) != expected:
        return False
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.terminate()
        if not _ends(pid, expected):
            process.kill()
            _ends(pid, expected)
    return True


def _ends(pid: int, expected: str) -> bool:
    """Wait for the end, which may be long before somebody buries it: in many a container nobody."""
    deadline = time.monotonic() + _GRACE_SECONDS
    while identity(pid) == expected:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def is_free(port: int) -> bool:
    """Return whether a program could serve this local port."""
    with socket.socket() as probe:
        # As ssh does: connections that wait for their end do not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def serves(pid: int, port: int) -> bool:
    """Return whether this very process listens on a local port."""
    try:
        found = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(c.status == psutil.CONN_LISTEN and c.laddr[1:] == (port,) for c in found)


def listener(port: int) -> int | None:
    """Return the number of the process that serves a local port, if this user may see it."""
    with suppress(psutil.AccessDenied):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,):
                return connection.pid
    return None
