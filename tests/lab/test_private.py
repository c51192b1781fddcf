"""The private path as a user has it: the host, the tunnel, and no other way."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from oci.core import ComputeClient

from lab.stack import STACK
from tests.lab.stack_kit import KEYS, Lab, Said, run
from tests.lab.tunnel_kit import keeper, link

pytestmark = pytest.mark.lab

SYNC_SECONDS = 240
"""For the first boot's tools, on a machine that has the whole lab to run."""
METADATA = ("169.254.169.254", 80)
SECONDS = 120


def test_the_mesh_is_verified_through_the_tunnel(lab: Lab) -> None:
    said = lab.verify("--requests", "20")
    assert said.code == 0, said.text


def host(lab: Lab, command: str) -> Said:
    """What a command says on the operator host, where `sshCommand` of the outputs leads."""
    access = lab.outputs()["access"]
    words = shlex.split(access["sshCommand"])
    known = lab.paths.user_state / "known_hosts_of_outputs"
    known.write_text("".join(f"{access['hostId']} {key}\n" for key in access["hostKeys"]))
    options = ("-o", f"UserKnownHostsFile={known}", "-o", "BatchMode=yes")
    login = shlex.join(["bash", "-lic", command])
    return run(lab.paths, words[0], *options, *words[1:], login)


@pytest.fixture(scope="module")
def synced(lab: Lab) -> Lab:
    """The host with its tools and contexts; each login goes on where the last one stopped."""
    deadline = time.monotonic() + SYNC_SECONDS
    while (said := host(lab, "oke-mesh-sync")).code:
        assert time.monotonic() < deadline, said.text
        time.sleep(2)
    return lab


def test_a_private_endpoint_answers_through_the_host_and_not_else(lab: Lab) -> None:
    clusters = lab.outputs()["clusters"]
    for key in KEYS:
        assert clusters[key]["publicEndpoint"] is None
        place = urlsplit(clusters[key]["privateEndpoint"])
        with pytest.raises(OSError, match=r"unreachable|refused|timed out"):
            socket.create_connection((place.hostname, place.port), timeout=3)
        assert lab.kubectl(key, "get", "--raw", "/readyz") == "ok"


def test_the_host_is_known_by_the_keys_that_its_console_shows(lab: Lab) -> None:
    shown = host(lab, "cat /etc/ssh/ssh_host_*_key.pub")
    assert shown.code == 0, shown.text
    keys = {" ".join(line.split()[:2]) for line in shown.out.splitlines()}
    assert {*lab.outputs()["access"]["hostKeys"]} == keys


def test_a_host_with_another_key_is_refused(lab: Lab) -> None:
    access = lab.outputs()["access"]
    (other,) = (key for key in access["hostKeys"] if key.startswith("ssh-ed25519"))
    other = other[:-8] + ("A" * 8 if not other.endswith("A" * 8) else "B" * 8)
    place = ("--host", access["host"], "--host-id", access["hostId"], "--port", "29999")
    words = ("ensure", *place, "--key", access["privateKeyPath"], "--host-key", other)
    said = run(lab.paths, sys.executable, "-m", "ops", "tunnel", *words, "--timeout", "60")
    assert said.code == 1
    assert "its keys are not those of its console" in said.err


def test_the_hosts_contexts_lead_to_every_cluster(synced: Lab) -> None:
    for key in KEYS:
        said = host(synced, f"ktx {key}-cluster >/dev/null && k get nodes --output name")
        assert said.code == 0, said.text
        assert said.out == synced.kubectl(key, "get", "nodes", "--output", "name")


def test_the_host_has_the_tools_of_the_mesh(synced: Lab) -> None:
    mesh = synced.outputs()["mesh"]
    said = host(synced, "istioctl version --remote=false; oci --version")
    assert said.code == 0, said.text
    assert mesh["istioVersion"] in said.out


def test_the_host_signs_in_as_itself_and_may_see_clusters_only(synced: Lab) -> None:
    listed = ("--compartment-id", synced.compartment_id, "--region", "us-sanjose-1")
    assert host(synced, shlex.join(["oci", "ce", "cluster", "list", *listed])).code == 0
    refused = host(synced, shlex.join(["oci", "compute", "instance", "list", *listed]))
    assert refused.code != 0
    assert "NotAuthorizedOrNotFound" in refused.text


def until(ask: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not ask():
        assert time.monotonic() < deadline, f"{what}: not within {SECONDS} s"
        time.sleep(0.1)


@contextmanager
def updating(lab: Lab, folder: Path, limit: int) -> Iterator[Future[Said]]:
    """An update of what is in both clusters, from its first object of Kubernetes on."""
    at = ("oke-mesh:mesh", "eastWest", "maxMbps")
    events = folder / "events"
    events.touch()
    words = ("--config-file", str(lab.changed_settings(folder, at, limit)))
    # The event log is among the options that the engine offers for its own debugging.
    pulumi = ("env", "PULUMI_DEBUG_COMMANDS=true", lab.paths.wrappers / "pulumi")
    now = ("up", "--yes", "--skip-preview", "--stack", STACK, "--event-log", str(events))
    with ThreadPoolExecutor(1) as pool:
        said = pool.submit(run, lab.paths, *pulumi, *now, *words)
        until(lambda: said.done() or "-eastwestgateway" in events.read_text(), "an update")
        assert not said.done(), said.result().text
        yield said


def test_an_update_outlives_its_ssh(lab: Lab, tmp_path: Path) -> None:
    with updating(lab, tmp_path, 150) as said:
        killed = link(lab)
        os.kill(killed, signal.SIGKILL)
    assert said.result().code == 0, said.result().text
    assert link(lab) != killed


def test_an_update_outlives_a_stop_of_the_host(lab: Lab, tmp_path: Path) -> None:
    compute = lab.client(ComputeClient, "primary")
    host = lab.outputs()["access"]["hostId"]

    def is_in(wanted: str) -> bool:
        return bool(compute.get_instance(host).data.lifecycle_state == wanted)

    with updating(lab, tmp_path, 100) as said:
        compute.instance_action(host, "STOP")
        until(lambda: is_in("STOPPED"), "the stop")
        compute.instance_action(host, "START")
        until(lambda: is_in("RUNNING"), "the start")
    assert said.result().code == 0, said.result().text


def test_the_metadata_service_is_not_behind_the_tunnel(lab: Lab) -> None:
    """Else whoever can use a port of this machine could sign in as the host."""
    port = lab.outputs()["access"]["socksPort"]
    address = socket.inet_aton(METADATA[0]) + METADATA[1].to_bytes(2, "big")
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"\x05\x01\x00")
        assert connection.recv(2) == b"\x05\x00"
        connection.sendall(b"\x05\x01\x00\x01" + address)
        connection.recv(10)
        connection.sendall(
            b"GET /opc/v2/instance/ HTTP/1.0\r\nAuthorization: Bearer Oracle\r\n\r\n"
        )
        assert connection.recv(100) == b""
    assert lab.kubectl("primary", "get", "--raw", "/readyz") == "ok"


def test_nothing_that_stays_knows_the_passphrase(lab: Lab) -> None:
    for pid in (keeper(lab), link(lab)):
        names = {line.partition("=")[0] for line in environment(pid)}
        assert {"HOME", "PATH"} <= names
        assert not [name for name in names if name.startswith(("PULUMI", "OCI"))]


def environment(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/environ").read_text().split("\0")
