"""`ops tunnel`: the way to private endpoints, through the operator host."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ops.errors import OpsError
from ops.outputs import load_access
from ops.tunnel import control
from ops.tunnel.console import Console
from ops.tunnel.request import TunnelRequest
from ops.tunnel.state import TunnelState, known_ports

# A host that is being created has booted by then.
_TIMEOUT_SECONDS: Final = 300.0


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `tunnel` and its actions."""
    parser = commands.add_parser("tunnel", help="reach private endpoints", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    ensure = actions.add_parser("ensure", help="open it unless it is open; print the proxy's URL")
    _add_request(ensure)
    _add_timeout(ensure)
    ensure.set_defaults(run=_ensure)

    keys = actions.add_parser(
        "host-keys", help="print the public keys that a host shows on its console"
    )
    keys.add_argument("--host-id", required=True, help="its OCID")
    keys.add_argument("--region", required=True, help="where it is")
    _add_timeout(keys)
    keys.add_argument("oci", nargs="*", help="behind `--`, options by which `oci` signs in")
    keys.set_defaults(run=_host_keys)

    keep = actions.add_parser("keep", help="be the process behind it; `ensure` starts this")
    _add_request(keep)
    keep.set_defaults(run=_keep)

    opened = actions.add_parser("open", help="open it with the address in the stack's outputs")
    opened.add_argument("--stack", help="its outputs; standard input if not given")
    opened.add_argument("--key", type=Path, help="file of the private key, if not the output's")
    _add_timeout(opened)
    opened.set_defaults(run=_open)

    status = actions.add_parser("status", help="exit code 0 if it is open, 1 if not")
    status.add_argument("--port", type=int, help="local port of the proxy; all if not given")
    status.set_defaults(run=_status)

    close = actions.add_parser("close", help="close it")
    _add_port(close)
    close.add_argument("--owner", help="leave it alone if it is not of this one")
    close.set_defaults(run=_close)


def _add_request(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", required=True, help="public address of the operator host")
    parser.add_argument("--host-id", help="its OCID, under which its key is pinned")
    parser.add_argument("--owner", default="", help="whose it is; no other owner's is replaced")
    parser.add_argument("--user", default="opc")
    parser.add_argument("--key", type=Path, help="file of the private key")
    parser.add_argument(
        "--host-key", action="append", default=[], help="a public key that it may show; repeatable"
    )
    parser.add_argument("--ssh-port", type=int, default=22)
    _add_port(parser)


def _add_port(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, required=True, help="local port of the proxy")


def _add_timeout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--timeout", type=float, default=_TIMEOUT_SECONDS, metavar="SECONDS")


def _given(arguments: argparse.Namespace) -> TunnelRequest:
    return TunnelRequest(
        host=arguments.host,
        host_id=arguments.host_id or arguments.host,
        user=arguments.user,
        port=arguments.port,
        owner=arguments.owner,
        key=arguments.key,
        host_keys=tuple(arguments.host_key),
        ssh_port=arguments.ssh_port,
    )


def _ensure(arguments: argparse.Namespace) -> int:
    request = _given(arguments)
    control.ensure(request, arguments.timeout)
    # Only this on standard output: the program takes it for the URL.
    print(request.proxy_url)
    return 0


def _host_keys(arguments: argparse.Namespace) -> int:
    console = Console(instance_id=arguments.host_id, region=arguments.region, sign_in=arguments.oci)
    # Only these on standard output: the program keeps them in the stack's state.
    print("\n".join(console.host_keys(arguments.timeout)))
    return 0


def _keep(arguments: argparse.Namespace) -> int:
    # Each preview runs `ensure`, which need not pay for this.
    from ops.tunnel.keeper import keep  # noqa: PLC0415

    request = _given(arguments)
    keep(request, TunnelState(request.port))
    return 1


def _open(arguments: argparse.Namespace) -> int:
    request = _request(load_access(arguments.stack), arguments.key)
    control.ensure(request, arguments.timeout)
    print(f"{request.proxy_url} reaches the private endpoints through {request.target}")
    return 0


def _request(access: Any, key: Path | None) -> TunnelRequest:
    match access:
        case {
            "host": str(host),
            "hostId": str(host_id),
            "user": str(user),
            "privateKeyPath": path,
            "socksPort": int(port),
            **more,
        }:
            return TunnelRequest(
                host=host,
                host_id=host_id,
                user=user,
                port=port,
                owner=str(more.get("owner", "")),
                key=key or (Path(path) if path else None),
                host_keys=_host_keys_of(more),
            )
    raise OpsError(
        "the stack has no tunnel: no operator host, or no private endpoint that needs one; "
        "set access.cluster and an endpoint to private, then run `pulumi up`"
    )


def _host_keys_of(access: Mapping[Any, Any]) -> tuple[str, ...]:
    match access.get("hostKeys"):
        case [*host_keys]:
            return tuple(map(str, host_keys))
    return ()


def _status(arguments: argparse.Namespace) -> int:
    ports = [arguments.port] if arguments.port else known_ports()
    states = [control.status(port) for port in ports]
    print("\n".join(state.text for state in states) or "no tunnel")
    return 0 if states and all(state.is_open for state in states) else 1


def _close(arguments: argparse.Namespace) -> int:
    print(control.close(arguments.port, arguments.owner))
    return 0
