"""Requests to an API server: answers, retries, renewed sign-in, proxies; against loopback."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lab.plugins.kubernetes.api_errors import ApiError, UnreachableError, parse_status
from lab.plugins.kubernetes.client import Client, Request
from lab.plugins.kubernetes.credentials import Credential, Credentials
from lab.plugins.kubernetes.kubeconfig import ExecPlugin, Target, User
from tests.support.ports import free_ports

PLUGIN = ExecPlugin(command="oci", args=(), env={}, api_version="v1")


class Server(ThreadingHTTPServer):
    """Answers from a list, one a request, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, answers: list[tuple[int, bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.asked: list[tuple[str, str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers["Authorization"]))
        code, body = self.server.answers.pop(0)
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Tests keep quiet."""


@contextmanager
def serving(*answers: tuple[int, bytes]) -> Iterator[Server]:
    with Server(list(answers)) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def client_of(
    server: str, user: User | None = None, proxy_url: str | None = None
) -> Iterator[Client]:
    target = Target(
        server=server,
        authority=None,
        tls_server_name=None,
        verify=True,
        proxy_url=proxy_url,
        namespace="default",
        context="c",
        cluster="k",
        user=user or User(token="t"),
    )
    client = Client.connect(target)
    client.sleep = lambda seconds: None
    yield client
    client.pool.clear()


def refusal(code: int, reason: str, message: str) -> tuple[int, bytes]:
    body = {"kind": "Status", "code": code, "reason": reason, "message": message}
    return code, json.dumps(body).encode()


def test_an_answer_is_a_document() -> None:
    with serving((200, b'{"a": 1}')) as server, client_of(server.url) as client:
        assert client.get("/api/v1/pods", {"labelSelector": "a=b"}) == {"a": 1}
        assert server.asked == [("GET", "/api/v1/pods?labelSelector=a%3Db", "Bearer t")]


def test_an_error_carries_the_servers_words() -> None:
    answer = refusal(403, "Forbidden", "pods is forbidden")
    with (
        serving(answer) as server,
        client_of(server.url) as client,
        pytest.raises(ApiError) as raised,
    ):
        client.get("/api/v1/pods")
    assert (str(raised.value), raised.value.status.reason) == ("pods is forbidden", "Forbidden")


def test_what_is_not_there_is_found_to_be_nothing() -> None:
    answer = refusal(404, "NotFound", "not found")
    with serving(answer) as server, client_of(server.url) as client:
        assert client.find("/api/v1/pods/a") is None


def test_an_overloaded_server_is_asked_again() -> None:
    busy = refusal(429, "TooManyRequests", "later")
    with serving(busy, busy, (200, b"{}")) as server, client_of(server.url) as client:
        client.get("/version")
        assert len(server.asked) == 3


def test_a_refused_token_is_renewed_once() -> None:
    refused = refusal(401, "Unauthorized", "Unauthorized")
    with serving(refused, (200, b"{}")) as server, client_of(server.url) as client:
        tokens = iter(("token-1", "token-2"))
        client.credentials = Credentials(
            User(exec_plugin=PLUGIN), run=lambda plugin: Credential(next(tokens), None)
        )
        client.get("/version")
        assert [asked[2] for asked in server.asked] == ["Bearer token-1", "Bearer token-2"]


def test_a_refused_token_that_cannot_be_renewed_is_an_error() -> None:
    refused = refusal(401, "Unauthorized", "Unauthorized")
    with (
        serving(refused) as server,
        client_of(server.url) as client,
        pytest.raises(ApiError) as raised,
    ):
        client.get("/version")
    assert raised.value.status.code == 401


def test_a_server_that_is_not_there_is_unreachable() -> None:
    (port,) = free_ports(1)
    server = f"http://127.0.0.1:{port}"
    with client_of(server) as client, pytest.raises(UnreachableError) as raised:
        client.send(Request(method="GET", path="/version"))
    assert str(raised.value) == (
        f"{server}: Failed to establish a new connection: [Errno 111] Connection refused"
    )


def test_an_answer_in_other_words_is_quoted() -> None:
    assert parse_status(502, b"<h1>Bad gateway</h1>").message == (
        "the server answered 502: <h1>Bad gateway</h1>"
    )


# A SOCKS proxy that looks names up itself.


class Socks(socketserver.ThreadingTCPServer):
    """Knows one name, and leads it to a port of loopback."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), SocksHandler)
        self.port = port
        self.names: list[str] = []


class SocksHandler(socketserver.BaseRequestHandler):
    server: Socks

    def handle(self) -> None:
        methods = self.request.recv(2)[1]
        self.request.recv(methods)
        self.request.sendall(b"\x05\x00")
        length = self.request.recv(5)[4]
        self.server.names.append(self.request.recv(length + 2)[:-2].decode())
        self.request.sendall(b"\x05\x00\x00\x01" + bytes(6))
        with socket.create_connection(("127.0.0.1", self.server.port)) as onward:
            back = threading.Thread(target=_copy, args=(onward, self.request), daemon=True)
            back.start()
            _copy(self.request, onward)
            back.join(timeout=5)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    while data := source.recv(4096):
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)


def test_a_socks_proxy_is_used_and_looks_the_name_up() -> None:
    with ExitStack() as stack:
        server = stack.enter_context(serving((200, b'{"a": 1}')))
        proxy = stack.enter_context(Socks(server.server_port))
        threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
        stack.callback(proxy.shutdown)
        url = f"socks5://127.0.0.1:{proxy.server_address[1]}"
        client = stack.enter_context(client_of("http://private.example:80", proxy_url=url))
        assert client.get("/version") == {"a": 1}
        assert proxy.names == ["private.example"]
