"""The lab's long-lived processes: the image registry with its forwarder, and the daemon."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from lab import processes
from lab.errors import LabError
from lab.images import registry
from lab.paths import API_PORT, MANAGEMENT_ADDRESS, REGISTRY_PORT, LabPaths

DAEMON_SECONDS = 60
DAEMON_STOP_SECONDS = 120
"""It takes the hosts down itself, pods and all."""


def start_registry(paths: LabPaths) -> None:
    """Serves the images on the loopback address, and on the one that the nodes know."""
    config = paths.run / "registry.json"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(registry.configuration(paths.registry, REGISTRY_PORT, read_only=True))
    log = paths.logs / "registry.log"
    # Any `REGISTRY_*` variable of the user's would override the file, so it gets none.
    command: list[str | Path] = [paths.tool("docker-registry"), "serve", config]
    process = processes.spawn(paths.registry_pid, command, log, env={})
    registry.await_ready(REGISTRY_PORT, process, log)
    # The management address appears only with the first host, hence `freebind`.
    listen = f"TCP-LISTEN:{REGISTRY_PORT},bind={MANAGEMENT_ADDRESS},freebind,reuseaddr,fork"
    forward: list[str | Path] = [
        paths.tool("socat"),
        listen,
        f"TCP:{registry.LOOPBACK}:{REGISTRY_PORT}",
    ]
    processes.spawn(paths.forwarder_pid, forward, paths.logs / "forwarder.log")


def start_daemon(paths: LabPaths, lock: int) -> None:
    """Starts the daemon, which holds the lock from now on, and waits until its API listens."""
    log = paths.logs / "daemon.log"
    os.set_inheritable(lock, True)
    process = processes.spawn(
        paths.daemon_pid, [sys.executable, "-m", "lab", "serve"], log, keep=(lock,), cwd=paths.root
    )
    deadline = time.monotonic() + DAEMON_SECONDS
    while not _listens(API_PORT):
        if process.poll() is not None or time.monotonic() > deadline:
            processes.stop(paths.daemon_pid)
            raise LabError(
                f"daemon: did not start; the end of {log}:\n{_tail(process, log.read_text())}"
            )
        time.sleep(0.05)


def stop(paths: LabPaths) -> None:
    """Ends all of them, the daemon first: its hosts pull images to the last."""
    processes.stop(paths.daemon_pid, DAEMON_STOP_SECONDS)
    processes.stop(paths.forwarder_pid)
    processes.stop(paths.registry_pid)


def _tail(process: subprocess.Popen[bytes], text: str) -> str:
    return "\n".join(text.splitlines()[-15:]) or f"(empty, exit status {process.poll()})"


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
