"""Tunnels of several stacks on one machine: nobody's is ended for another's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.access.tunnel import own_port
from tests.ops.machine import Machine, free_port

HOST, OTHER_HOST = "203.0.113.7", "203.0.113.8"
DEV, PROD = "oke-mesh-dev in ocid1.compartment.a", "oke-mesh-prod in ocid1.compartment.b"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.end()


def ensure(machine: Machine, owner: str, host: str = HOST) -> tuple[int, str, str]:
    return machine.run(*machine.ensure_words(host), "--owner", owner)


def close(machine: Machine, owner: str) -> str:
    return machine.run("close", "--port", str(machine.port), "--owner", owner)[1].strip()


def test_each_stack_has_a_port_of_its_own_which_stays() -> None:
    assert own_port(DEV) == own_port(DEV) != own_port(PROD)
    assert {own_port(owner) // 10_000 for owner in (DEV, PROD)} == {2}


def test_tunnels_of_two_stacks_are_open_at_once_and_end_each_by_itself(machine: Machine) -> None:
    """One user and one state folder, as two checkouts have it."""
    ports = (machine.port, free_port())
    for port, owner, host in zip(ports, (DEV, PROD), (HOST, OTHER_HOST), strict=True):
        machine.port = port
        assert ensure(machine, owner, host)[0] == 0
    assert machine.run("status")[0] == 0
    assert close(machine, PROD).endswith(", closed")
    machine.port = ports[0]
    assert machine.status()[0] == 0


def test_a_port_with_another_stacks_tunnel_is_refused_and_the_tunnel_goes_on(
    machine: Machine,
) -> None:
    ensure(machine, DEV)
    pid, port = machine.record["pid"], machine.port
    code, out, err = ensure(machine, PROD, OTHER_HOST)
    assert (code, out) == (1, "")
    assert err == (
        f"ops tunnel: access.socksPort: has the tunnel of {DEV}, got {port} with pid {pid}; "
        f"choose another port, or close that tunnel by `python -m ops tunnel close --port {port}`\n"
    )
    assert machine.status()[0] == 0
    assert machine.record["pid"] == pid


def test_the_end_of_another_stack_leaves_the_tunnel_open(machine: Machine) -> None:
    ensure(machine, DEV)
    assert close(machine, PROD).endswith(f", is of {DEV}, goes on")
    assert machine.status()[0] == 0
    assert close(machine, DEV).endswith(", closed")
    assert machine.status()[0] == 1
