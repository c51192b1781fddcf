"""Two clusters, one of each pod network, with a small program in their pods."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from components.versions import CURL
from lab.hosts import Hosts
from lab.hosts.namespace import connect
from lab.hosts.spec import ControlPlane, Estate, Node, Vnic
from lab.paths import MANAGEMENT_ADDRESS, REGISTRY_PORT, LabPaths
from tests.lab.hosts_kit import OPEN, two_regions

NATIVE, OVERLAY = "cluster-a", "cluster-b"
DEADLINE = 60.0
POD_PORT = 5000
NODE_PORT = 30500
IMAGE = f"docker.io/curlimages/curl:{CURL}"
T = TypeVar("T")

# In Perl, which the smallest Debian brings: no image is made for the tests alone.
_PROGRAM = r"""
use strict; use warnings; use IO::Socket::INET; use Sys::Hostname;
$| = 1; $SIG{CHLD} = "IGNORE";
sub door { IO::Socket::INET->new(LocalPort => shift, Listen => 64, ReuseAddr => 1) or die $! }
sub greeting { hostname . " " . shift->peerhost . "\n" }
sub hear {
    my $far = IO::Socket::INET->new(PeerAddr => shift, PeerPort => shift, Timeout => 3)
        or return "fault $@\n";
    return scalar(<$far>) // "fault empty\n";
}
my ($http, $raw) = (door(5000), door(5001));
print "open\n";
if (!fork) {
    while (my $c = $raw->accept) { print $c greeting($c); close $c }
    exit;
}
while (my $c = $http->accept) {
    next if fork;
    my $line = <$c> // "";
    while (my $head = <$c>) { last if $head =~ /^\r?\n$/ }
    my $body = $line =~ m{ /to/([^/ ]+)/(\d+)} ? hear($1, $2) : greeting($c);
    print $c "HTTP/1.1 200 OK\r\nconnection: close\r\n";
    print $c "content-length: " . length($body) . "\r\n\r\n$body";
    exit;
}
"""


def control_plane(key: str, number: int, *, is_native: bool) -> ControlPlane:
    return ControlPlane(
        id=f"cluster-{key}",
        name=f"cluster-{key}",
        vnic=Vnic(
            subnet_id=f"{key}-public",
            private_ip=f"10.{number}.0.20",
            rules=OPEN,
            public_ip=f"198.18.128.{number + 1}",
        ),
        pods_cidr="10.244.0.0/16",
        services_cidr="10.96.0.0/16",
        kubernetes_version="v1.36.3",
        vcn_native=is_native,
        webhook_url=f"https://{MANAGEMENT_ADDRESS}:1/",
        webhook_ca_pem="",
    )


def node(key: str, address: str, *, pods: str | None = None) -> Node:
    network = ".".join(address.split(".")[:2])
    pod_vnic = Vnic(subnet_id=f"{key}-pods", private_ip=f"{network}.2.5", rules=OPEN)
    return Node(
        id=f"node-{address}",
        name=address,
        cluster_id=f"cluster-{key}",
        vnic=Vnic(subnet_id=f"{key}-private", private_ip=address, rules=OPEN),
        pod_vnic=pod_vnic if pods else None,
        pod_range=pods,
        labels={"topology.kubernetes.io/region": key, "name": "np1"},
    )


def two_clusters() -> Estate:
    """`a` with pods in its VCN, `b` with two nodes and an overlay."""
    return replace(
        two_regions(),
        control_planes=(
            control_plane("a", 10, is_native=True),
            control_plane("b", 20, is_native=False),
        ),
        nodes=(
            node("a", "10.10.1.11", pods="10.10.2.32/27"),
            node("b", "10.20.1.11"),
            node("b", "10.20.1.12"),
        ),
    )


def program() -> list[tuple[str, dict[str, Any]]]:
    """The program on every node, behind a Service with a node port."""
    labels = {"app": "hello"}
    container = {
        "name": "hello",
        "image": IMAGE,
        "command": ["perl", "-e", _PROGRAM],
        "readinessProbe": {"tcpSocket": {"port": POD_PORT}, "periodSeconds": 1},
    }
    spec = {"terminationGracePeriodSeconds": 0, "containers": [container]}
    template = {"metadata": {"labels": labels}, "spec": spec}
    service = {
        "type": "NodePort",
        "selector": labels,
        "ports": [
            {"name": "http", "port": POD_PORT, "nodePort": NODE_PORT},
            {"name": "raw", "port": POD_PORT + 1},
        ],
    }
    return [
        (
            "/apis/apps/v1/namespaces/default/daemonsets/hello",
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": {"name": "hello"},
                "spec": {"selector": {"matchLabels": labels}, "template": template},
            },
        ),
        (
            "/api/v1/namespaces/default/services/hello",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "hello"},
                "spec": service,
            },
        ),
    ]


def until(question: Callable[[], T | None], what: str, seconds: float = DEADLINE) -> T:
    """The first answer that is not None, asked for a few times a second."""
    deadline = time.monotonic() + seconds
    while (answer := question()) is None:
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.2)
    return answer


def await_ready(hosts: Hosts) -> None:
    def ask() -> bool | None:
        return True if hosts.observe().is_ready else None

    try:
        until(ask, "all ready")
    except AssertionError as late:
        raise AssertionError(f"{late}; {hosts.observe()}") from late


def pods(hosts: Hosts, cluster: str, count: int) -> dict[str, dict[str, str]]:
    """The program's ready pods, once there are so many: node, name and address of each."""

    def ask() -> dict[str, dict[str, str]] | None:
        found = hosts.client(cluster).get("/api/v1/namespaces/default/pods")["items"]
        ready = {
            pod["spec"]["nodeName"]: {
                "name": pod["metadata"]["name"],
                "address": pod["status"]["podIP"],
            }
            for pod in found
            if any(
                c["type"] == "Ready" and c["status"] == "True"
                for c in pod["status"].get("conditions", ())
            )
        }
        return ready if len(ready) == count else None

    return until(ask, f"{count} pods in {cluster}")


def through(hosts: Hosts, cluster: str, path: str) -> str:
    """What a pod or service of the cluster answers to its API server's proxy."""
    return hosts.client(cluster).request("GET", f"/api/v1/namespaces/default/{path}").strip()


@contextmanager
def registry(paths: LabPaths) -> Iterator[None]:
    """The local registry on the management address, which must be there."""
    config = paths.root / "registry.json"
    config.write_text(
        json.dumps(
            {
                "version": 0.1,
                "log": {"level": "warn"},
                "storage": {
                    "filesystem": {"rootdirectory": str(paths.registry)},
                    "maintenance": {"readonly": {"enabled": True}},
                },
                "http": {"addr": f"{MANAGEMENT_ADDRESS}:{REGISTRY_PORT}"},
            }
        )
    )
    with Path(paths.root / "registry.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 a program of the lab's
            [paths.tool("docker-registry"), "serve", config], stdout=log, stderr=log, env={}
        )
    try:
        until(_registry_answers, "registry", 10)
        yield
    finally:
        process.terminate()
        process.wait()


def _registry_answers() -> bool | None:
    try:
        connect("", (MANAGEMENT_ADDRESS, REGISTRY_PORT), 1).close()
    except OSError:
        return None
    return True
