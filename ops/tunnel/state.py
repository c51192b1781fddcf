"""What this machine knows of its tunnels: one folder per local port, under XDG_STATE_HOME."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The ssh process that serves a port, and whom it reaches."""

    pid: int
    identity: str
    target: str
    host_id: str
    key: str | None
    ssh_port: int


@dataclass(frozen=True, slots=True)
class TunnelState:
    """The files of one local port."""

    port: int

    @property
    def known_hosts(self) -> Path:
        """The keys of operator hosts, pinned at their first use; shared by all ports."""
        return _folder() / "known_hosts"

    @property
    def log(self) -> Path:
        """What the latest ssh process of this port said."""
        return self._own / "ssh.log"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let one process at a time deal with this port; the lock ends with its holder."""
        self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._own / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def read(self) -> Record | None:
        """Return the record of this port; None if there is none that can be read."""
        try:
            return Record(**json.loads(self._record.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, record: Record) -> None:
        """Keep the record, whole or not at all."""
        new = self._record.with_suffix(".new")
        new.write_text(json.dumps(asdict(record), indent=1))
        new.replace(self._record)

    def forget(self) -> None:
        """Drop the record."""
        self._record.unlink(missing_ok=True)

    @property
    def _own(self) -> Path:
        return _folder() / f"tunnel-{self.port}"

    @property
    def _record(self) -> Path:
        return self._own / "record.json"


def _folder() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / "oke-mesh"
