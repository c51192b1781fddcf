"""The lab without a stack: what stands in its way, two at once, a killed one."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from oci.core import VirtualNetworkClient
from oci.core.models import CreateSubnetDetails, CreateVcnDetails

from lab import processes
from lab.paths import PROXY_PORT, LabPaths
from tests.lab import stack_kit
from tests.lab.machine import traces
from tests.lab.stack_kit import Lab, Said

pytestmark = pytest.mark.lab


@pytest.fixture
def running(checkout: LabPaths) -> Iterator[Lab]:
    """A lab with one network in its cloud."""
    said = stack_kit.lab(checkout, "up")
    assert said.code == 0, said.text
    lab = Lab(checkout, said, "")
    _create_network(lab)
    yield lab
    stack_kit.lab(checkout, "down")


def _create_network(lab: Lab) -> None:
    network = lab.client(VirtualNetworkClient, "primary")
    place = {"compartment_id": lab.compartment_id, "cidr_block": "10.9.0.0/16"}
    vcn = network.create_vcn(CreateVcnDetails(**place)).data
    network.create_subnet(CreateSubnetDetails(**place, vcn_id=vcn.id))


def test_a_port_in_use_is_told_and_nothing_is_started(checkout: LabPaths) -> None:
    with socket.create_server(("127.0.0.1", PROXY_PORT)):
        said = stack_kit.lab(checkout, "up")
    assert said == Said(
        code=1,
        out="",
        err=(
            f"error: port {PROXY_PORT}: is in use, and the lab's proxy needs it; end the process "
            f"that `ss -ltnp sport = :{PROXY_PORT}` shows\n"
        ),
    )
    assert traces(checkout) == []


def test_a_second_checkout_neither_starts_a_lab_nor_ends_the_other_s(
    running: Lab, tmp_path: Path
) -> None:
    root = running.paths.root
    for package in ("lab", "components"):
        shutil.copytree(root / package, tmp_path / package)
    words = ("env", "--chdir", str(tmp_path), sys.executable, "-m", "lab")
    up, down = (stack_kit.run(running.paths, *words, command) for command in ("up", "down"))
    assert up.err == (
        f"error: lab: one runs or starts already, got {root}; wait for it, or run "
        "`python -m lab down` there\n"
    )
    assert down.err == (
        f"error: lab: it is another checkout's, got {root}; run this command there\n"
    )
    assert (up.code, down.code) == (1, 1)
    assert processes.running(running.paths.daemon_pid)


def test_after_a_killed_daemon_up_refuses_and_down_clears_and_keeps(running: Lab) -> None:
    _kill(running.paths)
    refused = running("up")
    assert refused.code == 1
    assert refused.err.startswith("error: lab: a killed run has left something, got process ")
    assert "; run `make down`, which removes it and keeps the state " in refused.err

    said = running("down")
    assert said.code == 0, said.text
    assert traces(running.paths) == []
    assert "10.9.0.0/16" in (running.paths.last / "cloud.json").read_text()


def _kill(paths: LabPaths) -> None:
    pid = processes.running(paths.daemon_pid)
    assert pid
    handle = os.pidfd_open(pid)
    signal.pidfd_send_signal(handle, signal.SIGKILL)
    select.select([handle], [], [])
    os.close(handle)
