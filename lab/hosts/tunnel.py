"""The way from a control plane to the pods of an overlay, as OKE has it on port 12250.

Nodes keep idle connections to their control plane (`agent`). What the API server asks its egress
proxy for (`server`) goes over one of these if it lies in the pods' range, else straight. This
file is run as a program of its own, by path: it must not import anything of the lab's.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import ssl
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

Stream = tuple[StreamReader, StreamWriter]

PORT = 12250
IDLE_CONNECTIONS = 3
_CHUNK = 64 * 1024
_PATIENCE = 5.0
_RETRY_SECONDS = 0.3
_ACCEPTED = b"ok\n"
_ERRORS = (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError)


class Server:
    """The control plane's side: an egress proxy for the API server, a door for agents."""

    def __init__(self, pods: str) -> None:
        self._pods = ipaddress.ip_network(pods)
        self._idle: asyncio.Queue[Stream] = asyncio.Queue()

    async def welcome(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Keeps an agent's connection until it is needed."""
        await self._idle.put((reader, writer))

    async def end(self) -> None:
        """Closes what was kept."""
        while not self._idle.empty():
            await _close(self._idle.get_nowait()[1])

    async def proxy(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Answers one CONNECT request of the API server."""
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE)
            host, _, port = head.split()[1].decode().rpartition(":")
            far = await self._reach(host.strip("[]"), int(port))
        except (*_ERRORS, ValueError) as fault:
            writer.write(f"HTTP/1.1 503 {type(fault).__name__}\r\n\r\n".encode())
            await _close(writer)
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await splice((reader, writer), far)

    async def _reach(self, host: str, port: int) -> Stream:
        if ipaddress.ip_address(host) not in self._pods:
            return await asyncio.wait_for(asyncio.open_connection(host, port), _PATIENCE)
        return await asyncio.wait_for(self._through_an_agent(host, port), _PATIENCE)

    async def _through_an_agent(self, host: str, port: int) -> Stream:
        """Tries idle connections until one answers; some may have died unnoticed."""
        while True:
            reader, writer = await self._idle.get()
            answer = b""
            with suppress(OSError):
                writer.write(f"{host} {port}\n".encode())
                await writer.drain()
                answer = await reader.readline()
            if answer == _ACCEPTED:
                return reader, writer
            await _close(writer)
            if answer:
                raise ConnectionRefusedError(answer.decode().strip())


async def serve(arguments: argparse.Namespace) -> None:
    """Runs the control plane's side until it is ended."""
    server = Server(arguments.pods)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=arguments.authority)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(arguments.certificate, arguments.key)
    door = await asyncio.start_server(server.welcome, "0.0.0.0", PORT, ssl=context)  # noqa: S104 in its own namespace
    local = await asyncio.start_unix_server(server.proxy, arguments.socket)
    async with door, local:
        try:
            await asyncio.gather(door.serve_forever(), local.serve_forever())
        finally:
            await server.end()


async def attend(arguments: argparse.Namespace) -> None:
    """Runs a node's side: so many connections are idle at any time."""
    context = ssl.create_default_context(cafile=arguments.authority)
    context.load_cert_chain(arguments.certificate, arguments.key)
    await asyncio.gather(*(_idle_slot(arguments.server, context) for _ in range(IDLE_CONNECTIONS)))


async def _idle_slot(server: str, context: ssl.SSLContext) -> None:
    """Keeps one connection idle; once it is used another takes its place."""
    used: set[asyncio.Task[None]] = set()
    while True:
        try:
            stream = await asyncio.open_connection(server, PORT, ssl=context)
            request = await stream[0].readline()
        except (OSError, ssl.SSLError):
            request = b""
        if not request:
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        task = asyncio.create_task(_answer(request, stream))
        used.add(task)
        task.add_done_callback(used.discard)


async def _answer(request: bytes, stream: Stream) -> None:
    host, port = request.decode().split()
    try:
        far = await asyncio.wait_for(asyncio.open_connection(host, int(port)), _PATIENCE)
    except _ERRORS as fault:
        stream[1].write(f"{fault}\n".encode())
        await _close(stream[1])
        return
    stream[1].write(_ACCEPTED)
    await splice(stream, far)


async def splice(near: Stream, far: Stream) -> None:
    """Carries bytes both ways until either side ends; TLS knows no half-closed connection."""
    tasks = [
        asyncio.create_task(_pump(near[0], far[1])),
        asyncio.create_task(_pump(far[0], near[1])),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        near[1].close()
        far[1].close()
    await asyncio.gather(_close(near[1]), _close(far[1]))


async def _pump(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()


async def _close(writer: StreamWriter) -> None:
    with suppress(OSError, ssl.SSLError):
        writer.close()
        await writer.wait_closed()


def main(argv: list[str]) -> None:
    """The command line: `server` or `agent`, and where its credentials are."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=("server", "agent"))
    for option in ("--authority", "--certificate", "--key"):
        parser.add_argument(option, required=True)
    parser.add_argument("--pods", help="server: the range that is reached through agents")
    parser.add_argument("--socket", help="server: where the API server asks")
    parser.add_argument("--server", help="agent: the control plane's address")
    arguments = parser.parse_args(argv)
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments) if arguments.side == "server" else attend(arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
