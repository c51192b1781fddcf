"""HTTPS in front of the cloud, and the CONNECT proxy that leads the vendor's names to it."""

from __future__ import annotations

import json
import logging
import re
import selectors
import socket
import socketserver
import ssl
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from lab.cloud.authority import REGIONS
from lab.cloud.cloud import Raw
from lab.cloud.router import Reply
from lab.errors import LabError

log = logging.getLogger("lab.cloud.http")

Address = tuple[str, int]
Answer = Callable[[Raw], Reply]

_ENDPOINT = re.compile(r"[a-z0-9-]+\.(?P<region>[a-z0-9-]+)(?:\.oci)?\.oraclecloud\.com")
_CHUNK = 65536
_IP_FREEBIND = 15
"""From the kernel's `in.h`; Python has no name for it before 3.13."""
_POLL = 0.05
"""Seconds until a listener notices that it should end."""


class _Handler(BaseHTTPRequestHandler):
    """Reads one request after the other from a connection and hands them on."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = _CHUNK
    timeout = 120
    """Idle connections end, or a client's pool would hold a thread for ever."""
    server: HttpsServer

    def _serve(self) -> None:
        start = time.monotonic()
        length = int(self.headers.get("content-length") or 0)
        raw = Raw(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
        )
        reply = self.server.answer(raw)
        self._send(reply)
        spent = (time.monotonic() - start) * 1000
        host = raw.headers.get("host", "")
        log.info("%s %s%s %d %.0f ms", raw.method, host, raw.target, reply.status, spent)

    def _send(self, reply: Reply) -> None:
        body = reply.body if isinstance(reply.body, bytes) else b""
        if reply.body is not None and not isinstance(reply.body, bytes):
            body = json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if body:
            self.send_header("content-type", reply.content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    # the base class finds these by the method's name
    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's name)
        log.debug(format, *args)


class HttpsServer(ThreadingHTTPServer):
    """A TLS listener; each connection shakes hands in its own thread."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: Address, context: ssl.SSLContext, answer: Answer) -> None:
        self.context = context
        self.answer = answer
        _bind(lambda: super(HttpsServer, self).__init__(address, _Handler), address)

    def server_bind(self) -> None:
        """The management address appears only with the first host, hence free binding."""
        self.socket.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
        super().server_bind()

    def finish_request(self, request: socket.socket, client_address: Address) -> None:  # type: ignore[override]
        """Adds TLS; typeshed calls the address `Any` in one base and not in the other."""
        try:
            request.settimeout(30)
            with self.context.wrap_socket(request, server_side=True) as tls:
                super().finish_request(tls, client_address)
        except (OSError, ssl.SSLError) as fault:
            log.debug("connection from %s: %s", client_address, fault)


class _Tunnel(socketserver.StreamRequestHandler):
    """One CONNECT: a line that opens it, then bytes both ways."""

    timeout = 30
    server: Proxy

    def handle(self) -> None:
        line = self.rfile.readline(_CHUNK).decode("latin-1").split()
        while self.rfile.readline(_CHUNK).strip():
            pass
        request = 3
        if len(line) != request or line[0] != "CONNECT":
            self._refuse("this proxy only does CONNECT")
            return
        host = line[1].rpartition(":")[0].lower()
        if not is_endpoint(host):
            self._refuse(
                f"{host} is not an endpoint of the lab's cloud; "
                "hosts beyond it are reached directly (NO_PROXY)"
            )
            return
        with socket.create_connection(self.server.target) as upstream:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            relay(self.connection, upstream)

    def _refuse(self, why: str) -> None:
        log.warning("proxy refused: %s", why)
        body = f"{why}\n".encode()
        self.wfile.write(
            f"HTTP/1.1 403 {why}\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode("latin-1")
            + body
        )


class Proxy(socketserver.ThreadingTCPServer):
    """The CONNECT proxy that clients find in HTTPS_PROXY."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: Address, target: Address) -> None:
        self.target = target
        _bind(lambda: super(Proxy, self).__init__(address, _Tunnel), address)


def is_endpoint(host: str) -> bool:
    """Whether the vendor has an endpoint of this name in a public region."""
    found = _ENDPOINT.fullmatch(host)
    return found is not None and found["region"] in REGIONS


def relay(left: socket.socket, right: socket.socket) -> None:
    """Copies bytes both ways until both sides have ended or one is gone."""
    with selectors.DefaultSelector() as selector:
        for here, there in ((left, right), (right, left)):
            here.settimeout(None)
            here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            here.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            selector.register(here, selectors.EVENT_READ, there)
        try:
            while selector.get_map():
                for key, _ in selector.select():
                    source, sink = key.fileobj, key.data
                    if isinstance(source, socket.socket) and not _copy(source, sink):
                        selector.unregister(source)
        except OSError as fault:
            log.debug("tunnel ended: %s", fault)


def _copy(source: socket.socket, sink: socket.socket) -> bool:
    """One piece; false at the end of the source, which the sink is told."""
    data = source.recv(_CHUNK)
    # the SDK sends head and body apart and holds the body until the head is acknowledged, which
    # the kernel delays by 40 ms; the kernel also forgets this wish after a while
    source.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    if data:
        sink.sendall(data)
    else:
        sink.shutdown(socket.SHUT_WR)
    return bool(data)


def start(server: socketserver.BaseServer, name: str) -> Thread:
    """Runs a server in a thread of its own."""
    thread = Thread(target=server.serve_forever, args=(_POLL,), name=name, daemon=True)
    thread.start()
    return thread


def _bind(make: Callable[[], None], address: Address) -> None:
    try:
        make()
    except OSError as fault:
        raise LabError(
            f"{address[0]}:{address[1]}: cannot listen ({fault.strerror}); "
            "end the program that holds the port, or the other lab, and run `make up` again"
        ) from fault
