"""The process behind a tunnel: it holds the local port, and keeps an ssh that leads on.

Clients connect to the keeper. While no ssh leads to the host their connections wait, so that a
link that is lost for a while costs an update time, and not its end.
"""

import asyncio
import contextlib
import shutil
import signal
import socket
import time
from asyncio import StreamReader, StreamWriter
from typing import Final

from ops.errors import OpsError
from ops.tunnel import processes
from ops.tunnel.request import TunnelRequest
from ops.tunnel.socks import reaches_host
from ops.tunnel.state import Link, TunnelState

_LOOPBACK: Final = "127.0.0.1"
_POLL_SECONDS: Final = 0.1
_PROBE_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = (0.5, 5.0)
"""Between two attempts: at first, and at most."""
_PATIENCE_SECONDS: Final = 300.0
"""How long a connection waits for the link; longer than a host takes to start again."""
_GIVE_UP_SECONDS: Final = 3600.0
"""Without a link for so long the keeper ends: its host is gone for good."""
_CHUNK: Final = 64 * 1024


def keep(request: TunnelRequest, state: TunnelState) -> None:
    """Be the process behind a tunnel until it is told to end, or until waiting would not help."""
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(Keeper(request, state).run())


class Keeper:
    """Serves one port until it is told to end, or until waiting would not help."""

    def __init__(self, request: TunnelRequest, state: TunnelState) -> None:
        self._request = request
        self._state = state
        self._port: int | None = None
        """Where the ssh of now serves SOCKS; None while there is none."""
        self._is_up = asyncio.Event()

    async def run(self) -> None:
        """Serve; return when the link cannot be had.

        Raises:
            OpsError: the port is taken, or there is no ssh.
        """
        program = shutil.which("ssh")
        if program is None:
            raise OpsError("ssh is not on PATH; install the OpenSSH client")
        if task := asyncio.current_task():
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        server = await asyncio.start_server(self._serve, _LOOPBACK, self._request.port)
        async with server:
            await self._hold(program)

    async def _hold(self, program: str) -> None:
        """Start ssh again and again, with a longer pause after each that did not serve."""
        pause, last = _RETRY_SECONDS[0], time.monotonic()
        while True:
            if await self._link(program):
                pause, last = _RETRY_SECONDS[0], time.monotonic()
            elif self._is_final() or time.monotonic() - last > _GIVE_UP_SECONDS:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _RETRY_SECONDS[1])

    def _is_final(self) -> bool:
        return bool(self._state.final_fault(is_pinned=bool(self._request.host_keys)))

    async def _link(self, program: str) -> bool:
        """Run one ssh to its end; return whether it ever led to the host."""
        port = _free_port()
        words = self._request.ssh_arguments(
            self._state.known_hosts(self._request.known_hosts), port
        )
        # One that has just begun has said nothing yet: what the one before it said stays.
        with self._state.log.open("ab") as log:
            ssh = await asyncio.create_subprocess_exec(
                program, *words, stdin=asyncio.subprocess.DEVNULL, stderr=log
            )
        self._state.write_link(Link(pid=ssh.pid, identity=processes.identity(ssh.pid) or ""))
        ended = asyncio.create_task(ssh.wait())
        try:
            is_up = await self._await_link(ssh.pid, port, ended)
            if is_up:
                self._port = port
                self._is_up.set()
                self._state.log.write_bytes(b"")
                await ended
            return is_up
        finally:
            self._is_up.clear()
            self._port = None
            if ssh.returncode is None:
                ssh.terminate()
                await ssh.wait()

    async def _await_link(self, pid: int, port: int, ended: "asyncio.Task[int]") -> bool:
        while not ended.done():
            # Whoever else may have got the port meanwhile: only our own ssh counts.
            if processes.serves(pid, port) and await asyncio.to_thread(
                reaches_host, port, self._request.ssh_port, _PROBE_SECONDS
            ):
                return True
            await asyncio.sleep(_POLL_SECONDS)
        return False

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                far = await self._connect()
            with contextlib.closing(far[1]):
                await asyncio.gather(_pump(reader, far[1]), _pump(far[0], writer))

    async def _connect(self) -> tuple[StreamReader, StreamWriter]:
        while True:
            await self._is_up.wait()
            if self._port is not None:
                with contextlib.suppress(ConnectionError):
                    return await asyncio.open_connection(_LOOPBACK, self._port)
            await asyncio.sleep(_POLL_SECONDS)


async def _pump(reader: StreamReader, writer: StreamWriter) -> None:
    """Carry bytes one way to their end, and the end with them."""
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])
