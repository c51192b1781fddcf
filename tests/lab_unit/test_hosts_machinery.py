"""Certificates, programs, leftovers and load balancers, without a namespace."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from lab.hosts.leftovers import mount_points
from lab.hosts.load_balancer import Check, checks, forwarding_body, health
from lab.hosts.pki import Authority, Subject
from lab.hosts.process import File, tail, write_files
from lab.hosts.spec import Listener, LoadBalancer, Vnic
from lab.hosts.tunnel import Server

SERVER = Subject(file="server", name="server", hosts=("localhost", "127.0.0.1"))


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_a_certificate_is_trusted_by_another_implementation(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "authority")
    issued = authority.issue(SERVER)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(issued.certificate, issued.key)
    asking = ssl.create_default_context(cafile=str(authority.certificate))
    assert _shake_hands(asking, serving, "localhost") == "TLSv1.3"


def _shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> str | None:
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return ends[0].version()


def test_a_certificate_that_fits_is_kept(tmp_path: Path) -> None:
    first = Authority(tmp_path, "authority").issue(SERVER).certificate.read_bytes()
    assert Authority(tmp_path, "authority").issue(SERVER).certificate.read_bytes() == first


@pytest.mark.parametrize(
    "other",
    [
        Subject(file="server", name="server", hosts=("localhost",)),
        Subject(file="server", name="other", hosts=SERVER.hosts),
    ],
    ids=["hosts", "name"],
)
def test_a_certificate_for_another_subject_is_made_anew(tmp_path: Path, other: Subject) -> None:
    authority = Authority(tmp_path, "authority")
    first = certificate(authority.issue(SERVER).certificate).serial_number
    assert certificate(authority.issue(other).certificate).serial_number != first


def test_groups_of_a_certificate_are_organizations(tmp_path: Path) -> None:
    subject = Subject(file="node", name="system:node:x", groups=("system:nodes",))
    issued = certificate(Authority(tmp_path, "authority").issue(subject).certificate)
    assert issued.subject.rfc4514_string() == "CN=system:node:x,O=system:nodes"


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "pki", "authority")
    keys = [authority.issue(SERVER).key, authority.key, authority.signing_key().key]
    assert {oct(key.stat().st_mode & 0o777) for key in keys} == {"0o600"}


def test_a_file_with_the_same_text_is_not_written_again(tmp_path: Path) -> None:
    file = File(path=tmp_path / "a", text="x")
    write_files([file])
    before = file.path.stat().st_ino
    write_files([file])
    assert file.path.stat().st_ino == before


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("".join(f"{n}\n" for n in range(5000)))
    assert tail(tmp_path / "x.log", 2) == "4998\n4999"


def test_mounts_of_a_host_come_innermost_first_and_unescaped() -> None:
    lines = [
        "1 0 8:1 / / rw - ext4 x rw",
        "2 1 0:5 / /lab/h/0/a\\040b rw - tmpfs x rw",
        "3 2 0:6 / /lab/h/0/a\\040b/c rw - tmpfs x rw",
        "4 1 0:7 / /lab/h/01 rw - tmpfs x rw",
    ]
    assert mount_points(lines, Path("/lab/h/0")) == [
        Path("/lab/h/0/a b/c"),
        Path("/lab/h/0/a b"),
    ]


FIRST, SECOND = ("10.0.1.5", 30080), ("10.0.1.6", 30080)
LISTENER = Listener(
    name="http",
    port=80,
    backends=(FIRST, SECOND),
    health_port=10256,
    health_path="/healthz",
)
BALANCER = LoadBalancer(
    id="lb",
    vnic=Vnic(subnet_id="s", private_ip="10.0.0.9", rules=()),
    listeners=(LISTENER,),
)


def test_a_listener_takes_its_healthy_backends_in_turn() -> None:
    assert (
        "ip daddr 10.0.0.9 tcp dport 80 dnat to numgen inc mod 2 map "
        "{ 0 : 10.0.1.5 . 30080, 1 : 10.0.1.6 . 30080 }"
    ) in forwarding_body(BALANCER, {"http": [SECOND, FIRST]})


def test_a_backend_sees_the_balancer_and_never_its_client() -> None:
    """As at the vendor; it also makes the answer come back the way that the call went."""
    body = forwarding_body(BALANCER, {"http": [FIRST]})
    _, _, outward = body.partition("chain outward {")
    assert "type nat hook postrouting" in outward
    assert "ct status dnat masquerade" in outward


def test_a_listener_without_a_healthy_backend_forwards_nothing() -> None:
    assert "dnat to" not in forwarding_body(BALANCER, {"http": []})


def test_a_backend_is_healthy_until_it_failed_three_times_in_a_row() -> None:
    first, second = checks(BALANCER, LISTENER).values()
    assert health(BALANCER, {first: 2, second: 3}) == {"http": {FIRST: True, SECOND: False}}


def test_a_backend_that_was_never_checked_is_not_healthy() -> None:
    assert health(BALANCER, {}) == {"http": {FIRST: False, SECOND: False}}


def test_a_check_asks_the_health_port() -> None:
    found = checks(BALANCER, LISTENER)[FIRST]
    assert found == Check(found.namespace, "10.0.1.5", 10256, "/healthz")


async def _tunnelled(request: bytes, *, agent_answer: bytes | None) -> bytes:
    """What the API server hears for a request, with one agent that answers so."""
    server = Server("10.244.0.0/16")

    async def agent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readline()
        writer.write(agent_answer or b"")
        await writer.drain()
        if agent_answer == b"ok\n":
            writer.write(b"pod behind " + asked)
        writer.close()

    door = await asyncio.start_server(server.welcome, "127.0.0.1")
    proxy = await asyncio.start_server(server.proxy, "127.0.0.1")
    near = await asyncio.open_connection(*door.sockets[0].getsockname())
    attending = asyncio.create_task(agent(*near))
    reader, writer = await asyncio.open_connection(*proxy.sockets[0].getsockname())
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 5)
    attending.cancel()
    await server.end()
    for end in (writer, near[1], door, proxy):
        end.close()
        await end.wait_closed()
    return answer


def test_a_pod_of_the_overlay_is_reached_through_a_node() -> None:
    request = b"CONNECT 10.244.1.5:15017 HTTP/1.1\r\nHost: x\r\n\r\n"
    assert asyncio.run(_tunnelled(request, agent_answer=b"ok\n")) == (
        b"HTTP/1.1 200 Connection established\r\n\r\npod behind 10.244.1.5 15017\n"
    )


def test_a_pod_that_does_not_answer_is_a_refusal() -> None:
    request = b"CONNECT 10.244.1.5:15017 HTTP/1.1\r\n\r\n"
    answer = asyncio.run(_tunnelled(request, agent_answer=b"refused\n"))
    assert answer == b"HTTP/1.1 503 ConnectionRefusedError\r\n\r\n"


def test_an_address_outside_the_overlay_is_reached_straight() -> None:
    async def ask() -> bytes:
        async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"straight")
            writer.close()

        target = await asyncio.start_server(greet, "127.0.0.1")
        port = target.sockets[0].getsockname()[1]
        request = f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode()
        answer = await _tunnelled(request, agent_answer=None)
        target.close()
        return answer

    assert asyncio.run(ask()).endswith(b"\r\n\r\nstraight")
