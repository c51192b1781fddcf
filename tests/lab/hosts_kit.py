"""Estates and small servers for the tests of the hosts."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from lab.hosts.layout import owner_namespace
from lab.hosts.namespace import connect, within
from lab.hosts.spec import (
    Direction,
    Drg,
    Estate,
    FirewallRule,
    Instance,
    Peering,
    RouteRule,
    Subnet,
    Target,
    Vcn,
    Vnic,
)

PORT = 8000
ANY = "0.0.0.0/0"
PATIENCE = 0.7
"""Long enough for an answer on one machine; a dropped packet takes all of it."""


def rule(direction: Direction, *, port: int | None = None, peer: str = ANY) -> FirewallRule:
    if port is None:
        return FirewallRule(direction=direction, protocol="all", peers=(peer,))
    return FirewallRule(direction=direction, protocol="6", peers=(peer,), ports=(port, port))


OPEN = (rule(Direction.INGRESS), rule(Direction.EGRESS))


def to(destination: str, target: Target) -> RouteRule:
    return RouteRule(destination=destination, target=target)


def vcn(key: str, number: int, peers: tuple[int, ...]) -> Vcn:
    """A VCN 10.NUMBER.0.0/16 with a public, a private and a pods subnet."""
    across = tuple(to(f"10.{peer}.0.0/16", Target.DRG) for peer in peers)
    inner = (to(ANY, Target.NAT), *across)
    return Vcn(
        id=f"vcn-{key}",
        region=key,
        cidrs=(f"10.{number}.0.0/16",),
        drg_id=f"drg-{key}",
        subnets=(
            Subnet(
                id=f"{key}-public",
                cidr=f"10.{number}.0.0/24",
                routes=(to(ANY, Target.INTERNET), *across),
            ),
            Subnet(id=f"{key}-private", cidr=f"10.{number}.1.0/24", routes=inner),
            Subnet(id=f"{key}-pods", cidr=f"10.{number}.2.0/24", routes=inner),
        ),
    )


def host(subnet: str, address: str, **vnic: object) -> Instance:
    made = Vnic(subnet_id=subnet, private_ip=address, rules=OPEN)
    return Instance(id=f"host-{address}", vnic=replace(made, **vnic))  # type: ignore[arg-type]  # by keyword


def two_regions() -> Estate:
    """`a` and `b`, peered; a public host and a private one in each."""
    return Estate(
        vcns=(vcn("a", 10, (20,)), vcn("b", 20, (10,))),
        drgs=(Drg(id="drg-a", region="a"), Drg(id="drg-b", region="b")),
        peerings=(Peering(drg_ids=("drg-a", "drg-b")),),
        instances=(
            host("a-public", "10.10.0.5", public_ip="198.18.128.10"),
            host("a-private", "10.10.1.5"),
            host("b-public", "10.20.0.5", public_ip="198.18.128.20"),
            host("b-private", "10.20.1.5"),
        ),
    )


def space(address: str) -> str:
    """The namespace of the host with that address."""
    return owner_namespace(host("", address))


def with_rules(estate: Estate, address: str, rules: tuple[FirewallRule, ...]) -> Estate:
    """The estate with other firewall rules on one host."""
    changed = (
        replace(i, vnic=replace(i.vnic, rules=rules)) if i.vnic.private_ip == address else i
        for i in estate.instances
    )
    return replace(estate, instances=tuple(changed))


def without_routes(estate: Estate, subnet_id: str, target: Target) -> Estate:
    """The estate with a subnet's rules to one kind of target taken away."""

    def cut(subnet: Subnet) -> Subnet:
        if subnet.id != subnet_id:
            return subnet
        return replace(subnet, routes=tuple(r for r in subnet.routes if r.target is not target))

    return replace(
        estate,
        vcns=tuple(replace(v, subnets=tuple(cut(s) for s in v.subnets)) for v in estate.vcns),
    )


class _Answer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        self.request.sendall(f"{server.name} {self.client_address[0]}\n".encode())
        # A client that keeps its connection is answered line by line.
        while data := self.request.recv(1024):
            self.request.sendall(data)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    name = ""


@contextmanager
def serving(
    namespace: str, address: str, *, port: int = PORT, name: str = "host"
) -> Iterator[None]:
    """A server in a namespace that tells its name and the client's address."""
    server = within(namespace, lambda: _Server((address, port), _Answer))
    server.name = name
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(namespace: str, address: str, port: int = PORT) -> str | None:
    """What the server says, or None if it cannot be reached."""
    try:
        with connect(namespace, (address, port), PATIENCE) as client:
            return client.makefile().readline().strip()
    except OSError:
        return None


def open_line(namespace: str, address: str) -> socket.socket:
    """A connection that stays open, past the greeting."""
    client = connect(namespace, (address, PORT), 2)
    client.recv(1024)
    return client


def echoes(client: socket.socket) -> bool:
    """Whether the open connection still carries data."""
    client.sendall(b"x")
    return client.recv(16) == b"x"
