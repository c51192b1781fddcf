"""`ops tunnel`: the way to private endpoints, through the operator host."""

import argparse
from pathlib import Path
from typing import Any, Final

from ops.errors import OpsError
from ops.outputs import load_outputs
from ops.tunnel import keeper
from ops.tunnel.request import TunnelRequest

# A host that is being created has booted by then.
_TIMEOUT_SECONDS: Final = 300.0
_DEFAULT_PORT: Final = 10080


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `tunnel` and its actions."""
    parser = commands.add_parser("tunnel", help="reach private endpoints", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    ensure = actions.add_parser("ensure", help="open it unless it is open; print the proxy's URL")
    ensure.add_argument("--host", required=True, help="public address of the operator host")
    ensure.add_argument("--host-id", help="its OCID, under which its key is pinned")
    ensure.add_argument("--user", default="opc")
    ensure.add_argument("--key", type=Path, help="file of the private key")
    ensure.add_argument("--ssh-port", type=int, default=22)
    _add_port(ensure)
    _add_timeout(ensure)
    ensure.set_defaults(run=_ensure)

    opened = actions.add_parser("open", help="open it with the address in the stack's outputs")
    opened.add_argument("--stack", help="its outputs; standard input if not given")
    opened.add_argument("--key", type=Path, help="file of the private key, if not the output's")
    _add_timeout(opened)
    opened.set_defaults(run=_open)

    status = actions.add_parser("status", help="exit code 0 if it is open, 1 if not")
    _add_port(status)
    status.set_defaults(run=_status)

    close = actions.add_parser("close", help="close it")
    _add_port(close)
    close.set_defaults(run=_close)


def _add_port(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=_DEFAULT_PORT, help="local port of the proxy")


def _add_timeout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--timeout", type=float, default=_TIMEOUT_SECONDS, metavar="SECONDS")


def _ensure(arguments: argparse.Namespace) -> int:
    request = TunnelRequest(
        host=arguments.host,
        host_id=arguments.host_id or arguments.host,
        user=arguments.user,
        port=arguments.port,
        key=arguments.key,
        ssh_port=arguments.ssh_port,
    )
    keeper.ensure(request, arguments.timeout)
    # Only this on standard output: the program takes it for the URL.
    print(request.proxy_url)
    return 0


def _open(arguments: argparse.Namespace) -> int:
    access = load_outputs(arguments.stack).get("access")
    request = _request(access, arguments.key)
    keeper.ensure(request, arguments.timeout)
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
        }:
            chosen = key or (Path(path) if path else None)
            return TunnelRequest(host=host, host_id=host_id, user=user, port=port, key=chosen)
    raise OpsError(
        "the stack has no tunnel: no operator host, or no private endpoint that needs one; "
        "set access.cluster and an endpoint to private, then run `pulumi up`"
    )


def _status(arguments: argparse.Namespace) -> int:
    state = keeper.status(arguments.port)
    print(state.text)
    return 0 if state.is_open else 1


def _close(arguments: argparse.Namespace) -> int:
    print(keeper.close(arguments.port))
    return 0
