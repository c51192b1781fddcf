"""The tunnel through the operator host, as a value: the URL of the proxy that it serves."""

import hashlib
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_command as command

from components.cloud.kubeconfig import SignIn

# Below the ports that the system gives to clients.
_FIRST_PORT: Final = 20_000
_PORTS: Final = 10_000

# Found by the shell, because a path of this machine would be a change on every other one.
_INTERPRETER: Final = 'PATH="$PWD/.venv/bin:$PATH" exec python'

_PROJECT_FOLDER: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class TunnelArgs:
    """The host that the tunnel goes through and the local port that it serves."""

    host: pulumi.Input[str]
    """The host's public address."""
    host_id: pulumi.Input[str]
    """The host's OCID, under which its key is pinned."""
    user: str
    owner: str
    """Whose tunnel it is, so that no other stack's is taken for it."""
    port: int
    private_key_path: str | None
    console: "ConsoleArgs | None" = None
    """Where the host's keys are read; None takes the one of the first use."""
    requires: Sequence[pulumi.Resource] = ()
    """The host."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsoleArgs:
    """The region of the host, and how the OCI command line signs in there."""

    region: str
    sign_in: SignIn


class Tunnel(pulumi.ComponentResource):
    """A proxy that reaches every private endpoint when its URL is known.

    `ops tunnel ensure` runs in every preview and every update, as the URL stays the same while
    the process behind it comes and goes. Before the host exists there is nothing to run, and the
    URL is unknown.
    """

    proxy_url: pulumi.Output[str]
    """For `proxy-url` in a kubeconfig."""
    host_keys: pulumi.Output[list[str]] | None
    """Public keys of the host, from its console; None where the first use decides."""

    def __init__(
        self, name: str, args: TunnelArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:access:Tunnel", name, None, opts)
        self.host_keys = self._host_keys(name, args, args.console) if args.console else None
        line = pulumi.Output.all(args.host, args.host_id, self.host_keys or []).apply(
            lambda known: ensure_command(args, host=known[0], host_id=known[1], host_keys=known[2])
        )
        ran = command.local.run_output(
            command=line,
            dir=str(_PROJECT_FOLDER),
            # Its one line is no news in a preview; what goes wrong it says in its error.
            logging=command.local.Logging.NONE,
            opts=pulumi.InvokeOptions(parent=self),
        )
        # Whoever uses the URL goes before this, and this before the host.
        closing = command.local.Command(
            f"{name}-close",
            delete=close_command(args),
            logging=command.local.Logging.NONE,
            add_previous_output_in_env=False,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.requires]),
        )
        self.proxy_url = pulumi.Output.all(ran.stdout, closing.urn).apply(
            lambda known: str(known[0]).strip()
        )
        self.register_outputs({"proxyUrl": self.proxy_url})

    def _host_keys(
        self, name: str, args: TunnelArgs, console: ConsoleArgs
    ) -> pulumi.Output[list[str]]:
        """Read them once for each host: the console forgets, and the state does not."""
        read = command.local.Command(
            f"{name}-host-keys",
            create=pulumi.Output.from_input(args.host_id).apply(
                lambda host_id: host_keys_command(console, host_id=host_id)
            ),
            environment=console.sign_in.environment or None,
            logging=command.local.Logging.STDERR,
            add_previous_output_in_env=False,
            triggers=[args.host_id],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.requires]),
        )
        return read.stdout.apply(lambda text: str(text).splitlines())


def host_keys_command(console: ConsoleArgs, *, host_id: str) -> str:
    """Return the shell command that prints the public keys of the host, a line for each."""
    words = ("-m", "ops", "tunnel", "host-keys", "--host-id", host_id, "--region", console.region)
    return f"{_INTERPRETER} {shlex.join([*words, '--', *console.sign_in.arguments])}"


def ensure_command(
    args: TunnelArgs, *, host: str, host_id: str, host_keys: Sequence[str] = ()
) -> str:
    """Return the shell command that opens the tunnel if it is not open and prints its URL."""
    identity = ["--key", args.private_key_path] if args.private_key_path else []
    pinned = [word for host_key in host_keys for word in ("--host-key", host_key)]
    return shlex.join(
        [
            *(sys.executable, "-m", "ops", "tunnel", "ensure"),
            *("--host", host, "--host-id", host_id, "--user", args.user),
            *("--owner", args.owner, "--port", str(args.port), *identity),
            *pinned,
        ]
    )


def close_command(args: TunnelArgs) -> str:
    """Return the shell command that closes the tunnel, if this stack has one on the machine."""
    words = ("-m", "ops", "tunnel", "close", "--port", str(args.port), "--owner", args.owner)
    return f"{_INTERPRETER} {shlex.join(words)}"


def own_port(owner: str) -> int:
    """Return the port of an owner: the same on every machine, and hardly ever another's."""
    return _FIRST_PORT + int(hashlib.sha256(owner.encode()).hexdigest(), 16) % _PORTS
