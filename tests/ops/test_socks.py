"""A proxy counts as open only when bytes come from the other side."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ops.tunnel.socks import reaches_host
from tests.ops.machine import free_port

YES = b"\x05\x00\x00\x01" + bytes(6)
YES_IPV6 = b"\x05\x00\x00\x04" + bytes(18)
REFUSED = b"\x05\x05\x00\x01" + bytes(6)


@contextmanager
def proxy(*answers: bytes) -> Iterator[tuple[int, Callable[[], list[bytes]]]]:
    """Serve one connection that gets one answer per message; yield the port and what was heard."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                for answer in answers:
                    heard.append(connection.recv(64))
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], lambda: heard
        thread.join()


@pytest.mark.parametrize("reply", [YES, YES_IPV6], ids=["IPv4", "IPv6"])
def test_the_greeting_of_the_far_ssh_server_proves_the_tunnel(reply: bytes) -> None:
    with proxy(b"\x05\x00", reply + b"SSH-2.0-x\r\n") as (port, _):
        assert reaches_host(port, 22, 5)


def test_the_far_side_is_asked_for_its_own_ssh_server() -> None:
    with proxy(b"\x05\x00", YES + b"SSH-") as (port, heard):
        reaches_host(port, 2222, 5)
    assert heard() == [b"\x05\x01\x00", b"\x05\x01\x00\x01\x7f\x00\x00\x01\x08\xae"]


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param((b"\x05\x00", YES), id="says yes and sends nothing"),
        pytest.param((b"\x05\x00", REFUSED), id="says no"),
        pytest.param((b"\x05\xff",), id="wants a password"),
        pytest.param((b"HTTP/1.1 400 Bad Request\r\n\r\n",), id="is a web server"),
        pytest.param((b"\x05\x00", YES + b"HTTP"), id="leads elsewhere"),
        pytest.param((b"",), id="closes at once"),
    ],
)
def test_everything_else_does_not(answers: tuple[bytes, ...]) -> None:
    with proxy(*answers) as (port, _):
        assert not reaches_host(port, 22, 5)


def test_a_port_that_nobody_serves_does_not() -> None:
    assert not reaches_host(free_port(), 22, 5)


def test_a_proxy_that_never_answers_ends_with_the_time_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not reaches_host(server.getsockname()[1], 22, 0.05)
