"""What a tunnel is to be, and the ssh command that makes it; pure."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class TunnelRequest:
    """A tunnel through `host` that serves `port` of this machine."""

    host: str
    host_id: str
    """What the host's key is pinned under: its OCID, for an address may change hands."""
    user: str
    port: int
    owner: str = ""
    """Whose tunnel it is; another owner's is never ended."""
    key: Path | None = None
    host_keys: tuple[str, ...] = ()
    """Public keys of which the host must show one; the one at the first use if there are none."""
    ssh_port: int = 22

    @property
    def target(self) -> str:
        """The host as ssh takes it."""
        return f"{self.user}@{self.host}"

    @property
    def proxy_url(self) -> str:
        """What clients are given."""
        return f"socks5://127.0.0.1:{self.port}"

    def arguments(self) -> list[str]:
        """Return the options by which `ops tunnel keep` is given all of this."""
        key = ["--key", str(self.key)] if self.key else []
        return [
            *("--host", self.host, "--host-id", self.host_id, "--user", self.user),
            *("--port", str(self.port), "--owner", self.owner),
            *("--ssh-port", str(self.ssh_port), *key),
            *(word for host_key in self.host_keys for word in ("--host-key", host_key)),
        ]

    @property
    def known_hosts(self) -> str:
        """The host and its keys as ssh reads them."""
        return "".join(f"{self.host_id} {host_key}\n" for host_key in self.host_keys)

    def ssh_arguments(self, known_hosts: Path, port: int) -> list[str]:
        """Return the arguments of an ssh that serves SOCKS on a local port.

        Options here win over those of the user's own files.
        """
        options = {
            "BatchMode": "yes",
            "ExitOnForwardFailure": "yes",
            "ConnectTimeout": "10",
            # A dead link ends the process within half a minute, and the keeper starts another.
            "ServerAliveInterval": "10",
            "ServerAliveCountMax": "3",
            # In a file of our own: nobody is asked, and a changed key fails.
            "StrictHostKeyChecking": "yes" if self.host_keys else "accept-new",
            "UserKnownHostsFile": str(known_hosts),
            "GlobalKnownHostsFile": "/dev/null",
            "HashKnownHosts": "no",
            "HostKeyAlias": self.host_id,
            "CheckHostIP": "no",
            # A connection shared with another ssh would end with that one.
            "ControlMaster": "no",
            "ControlPath": "none",
        }
        identity = []
        if self.key:
            identity = ["-i", str(self.key.expanduser()), "-o", "IdentitiesOnly=yes"]
        settings = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        forward = ["-N", "-D", f"127.0.0.1:{port}"]
        return [*forward, *settings, *identity, "-p", str(self.ssh_port), self.target]
