"""Opens a tunnel unless it is open, and closes it; both are safe to repeat and to run at once."""

import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import Final

from ops.errors import OpsError
from ops.tunnel import processes
from ops.tunnel.request import TunnelRequest
from ops.tunnel.socks import reaches_host
from ops.tunnel.state import Record, TunnelState

_PROBE_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.1
_RETRY_SECONDS: Final = 1.0
_TAIL_LINES: Final = 5

# What another attempt would not change, with what would. Everything else is tried again, because
# a host that boots refuses, resets and lets time out.
_FINAL_FAULTS: Final = {
    "Host key verification failed": (
        "if the host is really another one, delete its line in {known_hosts}"
    ),
    "Permission denied": (
        "let access.sshPrivateKeyPath name the other half of access.sshPublicKey, "
        "or load the key into ssh-agent"
    ),
    "Bad configuration option": "update OpenSSH to 7.6 or later",
    "not accessible": "let access.sshPrivateKeyPath name a file of this machine",
    "Could not request local forwarding": "choose another access.socksPort",
}
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
            processes.stop(record.pid, record.identity)
            state.forget()
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


def close(port: int) -> str:
    """End the tunnel of a port and return what was done; nobody else's process is touched."""
    state = TunnelState(port)
    with state.locked():
        record = state.read()
        if record is None:
            return f"port {port}: no tunnel"
        was_ours = processes.stop(record.pid, record.identity)
        state.forget()
    told = f"port {port}: tunnel to {record.target}, pid {record.pid}"
    return f"{told}, closed" if was_ours else f"{told}, had ended already"


def _serves(record: Record, request: TunnelRequest) -> bool:
    is_wanted = record == _record(request, record.pid, record.identity)
    is_alive = processes.identity(record.pid) == record.identity
    return is_wanted and is_alive and reaches_host(request.port, request.ssh_port, _PROBE_SECONDS)


def _refuse_taken_port(port: int) -> None:
    if processes.is_free(port):
        return
    pid = processes.listener(port)
    raise OpsError(
        f"access.socksPort: is taken by a process that is not a tunnel of ours, got {port} with "
        f"pid {pid or 'unknown'}; end that process or choose another port"
    )


def _open(request: TunnelRequest, state: TunnelState, deadline: float) -> None:
    while True:
        process = _start(request, state)
        if _is_ready(process, request, deadline):
            return
        process.terminate()
        process.wait()
        state.forget()
        said = _tail(state)
        is_final = any(fault in said for fault in _FINAL_FAULTS)
        if is_final or time.monotonic() + _RETRY_SECONDS >= deadline:
            raise OpsError(_failure(request, state, said))
        time.sleep(_RETRY_SECONDS)


def _start(request: TunnelRequest, state: TunnelState) -> "subprocess.Popen[bytes]":
    program = shutil.which("ssh")
    if program is None:
        raise OpsError("ssh is not on PATH; install the OpenSSH client")
    with state.log.open("wb") as log:
        # In a session of its own, and with none of our streams: it outlives this command, and
        # whoever waits for the end of our output does not wait for it.
        process = subprocess.Popen(  # noqa: S603 the program's own words, no shell
            [program, *request.ssh_arguments(state.known_hosts)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
    state.write(_record(request, process.pid, processes.identity(process.pid) or ""))
    return process


def _is_ready(process: "subprocess.Popen[bytes]", request: TunnelRequest, deadline: float) -> bool:
    while time.monotonic() < deadline and process.poll() is None:
        if reaches_host(request.port, request.ssh_port, _PROBE_SECONDS):
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _record(request: TunnelRequest, pid: int, identity: str) -> Record:
    return Record(
        pid=pid,
        identity=identity,
        target=request.target,
        host_id=request.host_id,
        key=str(request.key) if request.key else None,
        ssh_port=request.ssh_port,
    )


def _tail(state: TunnelState) -> str:
    lines = state.log.read_text(errors="replace").splitlines()
    return "\n".join(lines[-_TAIL_LINES:])


def _failure(request: TunnelRequest, state: TunnelState, said: str) -> str:
    remedies = (remedy for fault, remedy in _FINAL_FAULTS.items() if fault in said)
    remedy = next(remedies, _USUAL_REMEDY).format(known_hosts=state.known_hosts)
    heard = f"ssh said {said!r}" if said else "ssh said nothing"
    return f"tunnel to {request.target}: did not open, {heard}; {remedy}"
