"""What this machine knows of its tunnels: one folder per local port, under XDG_STATE_HOME."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

_TAIL_LINES: Final = 5

_OTHER_KEY: Final = "Host key verification failed"
# What another attempt would not change, with what would. Everything else is tried again, because
# a host that boots refuses, resets and lets time out.
_FINAL_FAULTS: Final = {
    _OTHER_KEY: "if the host is really another one, delete its line in {known_hosts}",
    "Permission denied": (
        "let access.sshPrivateKeyPath name the other half of access.sshPublicKey, "
        "or load the key into ssh-agent"
    ),
    "Bad configuration option": "update OpenSSH to 7.6 or later",
    "not accessible": "let access.sshPrivateKeyPath name a file of this machine",
}


_NOT_OF_THE_CONSOLE: Final = (
    "its keys are not those of its console, so that somebody else may answer; if the host has made "
    "new ones, read them by `pulumi up --replace '**access-tunnel-host-keys'`"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The keeper of a port, and whom it reaches for whom."""

    pid: int
    identity: str
    target: str
    host_id: str
    owner: str
    key: str | None
    known_hosts: str
    """The host's keys, where they are known; empty takes the first."""
    ssh_port: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """The ssh process of a keeper, which outlives one that is killed."""

    pid: int
    identity: str


@dataclass(frozen=True, slots=True)
class TunnelState:
    """The files of one local port."""

    port: int

    def known_hosts(self, given: str) -> Path:
        """Return the file of keys that ssh reads.

        Args:
            given: Keys as ssh reads them, kept for this port alone; where there are none, the file
                in which all ports pin the keys of operator hosts at their first use.
        """
        if not given:
            return _folder() / "known_hosts"
        file = self._own / "known_hosts"
        file.write_text(given)
        return file

    @property
    def log(self) -> Path:
        """What the ssh processes of this port have said since the last that led to the host."""
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

    def read_link(self) -> Link | None:
        """Return the latest ssh process of this port; None if there is none that can be read."""
        try:
            return Link(**json.loads(self._link.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write_link(self, link: Link) -> None:
        """Keep which process it is."""
        self._link.write_text(json.dumps(asdict(link)))

    def forget(self) -> None:
        """Drop record and link."""
        self._record.unlink(missing_ok=True)
        self._link.unlink(missing_ok=True)

    def said(self) -> str:
        """Return the end of what ssh has said."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-_TAIL_LINES:])

    def final_fault(self, *, is_pinned: bool) -> str | None:
        """Return what would mend a fault that another attempt would not; None for any other.

        Args:
            is_pinned: Whether the host's keys were known before.
        """
        said = self.said()
        if is_pinned and _OTHER_KEY in said:
            return _NOT_OF_THE_CONSOLE
        remedies = (remedy for fault, remedy in _FINAL_FAULTS.items() if fault in said)
        known_hosts = self.known_hosts("")
        return next((r.format(known_hosts=known_hosts) for r in remedies), None)

    @property
    def _own(self) -> Path:
        return _folder() / f"tunnel-{self.port}"

    @property
    def _record(self) -> Path:
        return self._own / "record.json"

    @property
    def _link(self) -> Path:
        return self._own / "link.json"


def known_ports() -> list[int]:
    """Return the local ports that have a record, in their order."""
    found = _folder().glob("tunnel-*/record.json")
    return sorted(int(file.parent.name.removeprefix("tunnel-")) for file in found)


def _folder() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / "oke-mesh"
