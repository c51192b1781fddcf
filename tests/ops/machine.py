"""A machine for `ops tunnel`: a state folder, a port, and the stand-in as the only ssh."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ops.tunnel import processes

PROJECT = Path(__file__).resolve().parents[2]
STAND_IN = Path(__file__).with_name("ssh_stand_in.py")


class Machine:
    """Runs the real command line in processes of its own."""

    def __init__(self, root: Path) -> None:
        self.bin = root / "bin"
        self.state = root / "state"
        self.bin.mkdir()
        ssh = self.bin / "ssh"
        ssh.write_text(f"#!{sys.executable} -IS\n{STAND_IN.read_text()}")
        ssh.chmod(0o755)
        self.port = free_port()

    def start(self, *words: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "XDG_STATE_HOME": str(self.state),
            "PATH": f"{self.bin}:/usr/bin:/bin",
        }
        return subprocess.Popen(  # noqa: S603 the command line under test
            [sys.executable, "-m", "ops", "tunnel", *words],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, given: str = "") -> tuple[int, str, str]:
        """Return exit code, output and errors of one command."""
        process = self.start(*words)
        out, err = process.communicate(given, timeout=60)
        return process.returncode, out, err

    def ensure_words(self, host: str = "203.0.113.7", timeout: float = 20) -> list[str]:
        place = ["--host", host, "--host-id", f"id-of-{host}", "--port", str(self.port)]
        return ["ensure", *place, "--timeout", str(timeout)]

    def ensure(self, host: str = "203.0.113.7", timeout: float = 20) -> tuple[int, str, str]:
        return self.run(*self.ensure_words(host, timeout))

    def status(self) -> tuple[int, str]:
        code, out, _ = self.run("status", "--port", str(self.port))
        return code, out.strip()

    def close(self) -> str:
        return self.run("close", "--port", str(self.port))[1].strip()

    @property
    def record_path(self) -> Path:
        return self.state / "oke-mesh" / f"tunnel-{self.port}" / "record.json"

    @property
    def record(self) -> dict[str, Any]:
        return dict(json.loads(self.record_path.read_text()))

    @property
    def calls(self) -> list[str]:
        """How ssh was called, each time."""
        path = self.bin / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def behave(self, **files: str) -> None:
        for name, text in files.items():
            (self.bin / name).write_text(text)

    def refuse(self, times: int, saying: str) -> None:
        self.behave(refuse=str(times), say=saying)

    def end(self) -> None:
        """Leave no tunnel behind, whatever a test has done."""
        if self.record_path.exists():
            self.kill_tunnel()

    def kill_tunnel(self) -> int:
        """End the ssh process behind the tunnel's back; return its number."""
        record = self.record
        processes.stop(record["pid"], record["identity"])
        return int(record["pid"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_end(pid: int, identity: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while processes.identity(pid) == identity:
        assert time.monotonic() < deadline, f"process {pid} goes on"
        time.sleep(0.02)
