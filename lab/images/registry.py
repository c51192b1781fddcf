"""The local registry: a process on the loopback address that serves a folder of images."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.errors import LabError
from lab.paths import LabPaths

LOOPBACK = "127.0.0.1"
START_SECONDS = 10


def configuration(storage: Path, port: int, *, read_only: bool) -> str:
    """The registry's settings; JSON is YAML."""
    return json.dumps(
        {
            "version": 0.1,
            "log": {"level": "warn"},
            "storage": {
                "filesystem": {"rootdirectory": str(storage)},
                "maintenance": {"readonly": {"enabled": read_only}},
            },
            "http": {"addr": f"{LOOPBACK}:{port}"},
        }
    )


def start(paths: LabPaths, config: Path, log: Path) -> subprocess.Popen[bytes]:
    """Starts it in a session of its own, so that it outlives the command that started it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        return subprocess.Popen(
            [paths.tool("docker-registry"), "serve", config],
            stdout=sink,
            stderr=sink,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            # No ambient setting may override the file, which every `REGISTRY_*` variable would.
            env={},
        )


def await_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once it answers; fails with the end of its log."""
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
            raise LabError(f"registry: does not answer on {LOOPBACK}:{port}\n{tail}")
        time.sleep(0.05)


@contextmanager
def writable(paths: LabPaths, storage: Path) -> Iterator[int]:
    """A registry on a free port while images are pushed into `storage`."""
    port = _free_port()
    config = storage.with_name("registry.json")
    log = storage.with_name("registry.log")
    config.write_text(configuration(storage, port, read_only=False))
    process = start(paths, config, log)
    try:
        await_ready(port, process, log)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/v2/")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
