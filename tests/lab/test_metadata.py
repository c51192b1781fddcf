"""The rule that a node makes at its first boot, in a kernel: what a pod's packets come to."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from components.cluster import cloud_init

POD, SERVICE = "imds-test-pod", "imds-test-service"
NODE = "imds-test-node"
METADATA = "169.254.169.254"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)  # noqa: S603, S607 the test's own words


def inside(namespace: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 likewise
        ["ip", "netns", "exec", namespace, *words],  # noqa: S607
        check=check,
        capture_output=True,
        text=True,
    )


def link(one: str, other: str, *, subnet: str) -> None:
    """Join two namespaces; the first has the address 2 of the subnet, the other 1."""
    name = f"to-{other.rpartition('-')[2]}"
    back = f"to-{one.rpartition('-')[2]}"
    ip("link", "add", name, "netns", one, "type", "veth", "peer", "name", back, "netns", other)
    for namespace, device, number in ((one, name, 2), (other, back, 1)):
        inside(namespace, "ip", "addr", "add", f"{subnet}.{number}/24", "dev", device)
        inside(namespace, "ip", "link", "set", device, "up")


@pytest.fixture(scope="module")
def node() -> Iterator[None]:
    """A pod, a node that forwards for it, and what answers at the address of the service."""
    for namespace in (POD, NODE, SERVICE):
        ip("netns", "add", namespace)
        inside(namespace, "ip", "link", "set", "lo", "up")
    link(POD, NODE, subnet="10.244.0")
    link(NODE, SERVICE, subnet="10.0.0")
    inside(POD, "ip", "route", "add", "default", "via", "10.244.0.1")
    inside(NODE, "ip", "route", "add", METADATA, "via", "10.0.0.1")
    inside(NODE, "sysctl", "-qw", "net.ipv4.ip_forward=1")
    inside(SERVICE, "ip", "addr", "add", f"{METADATA}/32", "dev", "lo")
    inside(SERVICE, "ip", "route", "add", "default", "via", "10.0.0.2")
    servers = [
        subprocess.Popen(  # noqa: S603 likewise
            ["ip", "netns", "exec", SERVICE, "python3", "-m", "http.server", port],  # noqa: S607
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for port in ("80", "53")
    ]
    yield
    for server in servers:
        server.kill()
        server.wait()
    for namespace in (POD, NODE, SERVICE):
        ip("netns", "del", namespace)


def answers(namespace: str, port: int) -> bool:
    words = ("curl", "-s", "-o", "/dev/null", "--max-time", "2", "--retry", "3")
    url = f"http://{METADATA}:{port}/"
    return inside(namespace, *words, "--retry-connrefused", url, check=False).returncode == 0


@pytest.mark.usefixtures("node")
def test_pods_reach_the_name_server_at_that_address_and_not_the_metadata() -> None:
    assert answers(POD, 80)
    for line in cloud_init.node_script().splitlines():
        what, _, command = line.partition("=")
        if what == "ExecStart" and not command.startswith("-"):
            inside(NODE, *command.split())
    # As kube-proxy and flannel do it, later and before all others of their table.
    inside(NODE, "iptables", "-w", "-I", "FORWARD", "-j", "ACCEPT")
    assert not answers(POD, 80)
    assert answers(POD, 53)
    assert answers(NODE, 80)
