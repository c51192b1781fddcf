"""Opens a tunnel unless it is open, and closes it; both are safe to repeat and to run at once."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ops import pulumi
from ops.errors import OpsError
from ops.tunnel import processes
from ops.tunnel.request import TunnelRequest
from ops.tunnel.socks import reaches_host
from ops.tunnel.state import Record, TunnelState

_PROBE_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.1

# What ssh and its helpers read. The rest of the caller's environment, with the passphrase of its
# state and the keys of its cloud, would stay readable in a process that lives for days.
_KEPT: Final = frozenset(
    {
        *("HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "LC_ALL", "TZ", "TMPDIR"),
        *("SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_SK_PROVIDER", "KRB5CCNAME", "GSSAPI_CCACHE"),
        *("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"),
    }
)
_USUAL_REMEDY: Final = "check that the host runs and that access.allowedCidrs has your address"


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """How the tunnel of a port is."""

    is_open: bool
    text: str


def ensure(request: TunnelRequest, seconds: float) -> None:
    """Return when the tunnel carries bytes.

    Raises:
        OpsError: it does not within `seconds`, or something else has the port.
    """
    deadline = time.monotonic() + seconds
    state = TunnelState(request.port)
    with state.locked():
        record = state.read()
        if record and _serves(record, request):
            return
        if record:
            _refuse_foreign(record, request)
            _stop(record, state)
        _refuse_taken_port(request.port)
        _open(request, state, deadline)


def status(port: int) -> Status:
    """Return whether the tunnel of a port carries bytes."""
    record = TunnelState(port).read()
    if record is None:
        return Status(is_open=False, text=f"port {port}: no tunnel")
    told = f"port {port}: tunnel to {record.target}, pid {record.pid}"
    if processes.identity(record.pid) != record.identity:
        return Status(is_open=False, text=f"{told}, has ended")
    if not reaches_host(port, record.ssh_port, _PROBE_SECONDS):
        return Status(is_open=False, text=f"{told}, does not answer")
    return Status(is_open=True, text=f"{told}, is open")


def close(port: int, owner: str | None = None) -> str:
    """End the tunnel of a port and return what was done.

    Nobody else's process is touched, and with `owner` no other owner's tunnel.
    """
    state = TunnelState(port)
    with state.locked():
        record = state.read()
        if record is None:
            return f"port {port}: no tunnel"
        told = f"port {port}: tunnel to {record.target}, pid {record.pid}"
        if owner is not None and record.owner != owner:
            return f"{told}, is of {record.owner or 'nobody'}, goes on"
        was_ours = _stop(record, state)
    return f"{told}, closed" if was_ours else f"{told}, had ended already"


def _serves(record: Record, request: TunnelRequest) -> bool:
    is_wanted = record == _record(request, record.pid, record.identity)
    is_alive = processes.identity(record.pid) == record.identity
    return is_wanted and is_alive and reaches_host(request.port, request.ssh_port, _PROBE_SECONDS)


def _stop(record: Record, state: TunnelState) -> bool:
    was_ours = processes.stop(record.pid, record.identity)
    link = state.read_link()
    if link is not None:
        # A keeper that was killed has left it.
        processes.stop(link.pid, link.identity)
    state.forget()
    return was_ours


def _refuse_foreign(record: Record, request: TunnelRequest) -> None:
    is_alive = processes.identity(record.pid) == record.identity
    if is_alive and record.owner and request.owner and record.owner != request.owner:
        raise OpsError(
            f"access.socksPort: has the tunnel of {record.owner}, got "
            f"{request.port} with pid {record.pid}; choose another port, or close that tunnel by "
            f"`python -m ops tunnel close --port {request.port}`"
        )


def _refuse_taken_port(port: int) -> None:
    if processes.is_free(port):
        return
    pid = processes.listener(port)
    raise OpsError(
        f"access.socksPort: is taken by a process that is not a tunnel of ours, got {port} with "
        f"pid {pid or 'unknown'}; end that process or choose another port"
    )


def _open(request: TunnelRequest, state: TunnelState, deadline: float) -> None:
    if shutil.which("ssh") is None:
        raise OpsError("ssh is not on PATH; install the OpenSSH client")
    state.log.write_bytes(b"")
    process = _start(request, state)
    while time.monotonic() < deadline and process.poll() is None:
        left = min(_PROBE_SECONDS, deadline - time.monotonic())
        # A stranger who has taken the port meanwhile may answer just as well.
        is_ours = processes.serves(process.pid, request.port)
        if is_ours and left > 0 and reaches_host(request.port, request.ssh_port, left):
            return
        time.sleep(_POLL_SECONDS)
    record = state.read()
    if record is not None:
        _stop(record, state)
    raise OpsError(_failure(request, state))


def _start(request: TunnelRequest, state: TunnelState) -> "subprocess.Popen[bytes]":
    # In a session of its own, and with none of our streams: it outlives this command, and whoever
    # waits for the end of our output does not wait for it.
    process = subprocess.Popen(  # noqa: S603 the program's own words, no shell
        [sys.executable, "-m", "ops", "tunnel", "keep", *request.arguments()],
        cwd=pulumi.PROJECT_FOLDER,
        env=kept(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    state.write(_record(request, process.pid, processes.identity(process.pid) or ""))
    return process


def kept(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what of an environment a process that stays may know."""
    return {name: value for name, value in environment.items() if name in _KEPT}


def _record(request: TunnelRequest, pid: int, identity: str) -> Record:
    return Record(
        pid=pid,
        identity=identity,
        target=request.target,
        host_id=request.host_id,
        owner=request.owner,
        key=str(request.key) if request.key else None,
        known_hosts=request.known_hosts,
        ssh_port=request.ssh_port,
    )


def _failure(request: TunnelRequest, state: TunnelState) -> str:
    said = state.said()
    heard = f"ssh said {said!r}" if said else "ssh said nothing"
    remedy = state.final_fault(is_pinned=bool(request.host_keys)) or _USUAL_REMEDY
    return f"tunnel to {request.target}: did not open, {heard}; {remedy}"
