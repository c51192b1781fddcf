"""Work inside a network namespace: sockets and settings, without a program in between."""

from __future__ import annotations

import ctypes
import os
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from lab.errors import LabError

NAMESPACES = Path("/run/netns")
CLONE_NEWNET = 0x40000000

T = TypeVar("T")
_libc = ctypes.CDLL(None, use_errno=True)


def namespace_path(name: str) -> Path:
    """The file that holds the namespace open."""
    return NAMESPACES / name


def list_namespaces(prefix: str) -> set[str]:
    """The named namespaces that start with the prefix."""
    if not NAMESPACES.is_dir():
        return set()
    return {entry.name for entry in NAMESPACES.iterdir() if entry.name.startswith(prefix)}


def within(name: str, action: Callable[[], T]) -> T:
    """Runs the action in the namespace and returns its result.

    A thread of its own enters and ends there, so that no thread of the caller's is ever
    left in the wrong network. An empty name means the caller's own namespace.
    """
    if not name:
        return action()
    results: list[T] = []
    faults: list[BaseException] = []

    def run() -> None:
        try:
            _enter(name)
            results.append(action())
        except BaseException as fault:  # handed on to the caller below
            faults.append(fault)

    thread = threading.Thread(target=run, name=f"in {name}", daemon=True)
    thread.start()
    thread.join()
    if faults:
        raise faults[0]
    return results[0]


def connect(name: str, address: tuple[str, int], timeout: float) -> socket.socket:
    """A TCP connection that starts in the namespace; it stays there wherever it is used."""
    return within(name, lambda: socket.create_connection(address, timeout=timeout))


def write_settings(name: str, settings: Mapping[str, str]) -> None:
    """Sets kernel settings, named as below `/proc/sys/net`, in the namespace."""

    def write() -> None:
        for key, value in settings.items():
            (Path("/proc/sys/net") / key).write_text(value)

    within(name, write)


def _enter(name: str) -> None:
    try:
        descriptor = os.open(namespace_path(name), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as fault:
        raise LabError(f"network namespace {name} is missing; apply the estate again") from fault
    try:
        if _libc.setns(descriptor, CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, f"cannot enter {name}: {os.strerror(number)}")
    finally:
        os.close(descriptor)
