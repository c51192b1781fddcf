"""Real clusters in the lab's networks: their nodes, their pods, and who may reach them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.hosts import Hosts, cgroups
from lab.hosts.spec import Direction, Estate, FirewallRule, Listener, LoadBalancer, Vnic
from lab.paths import LabPaths
from lab.processes import read
from tests.lab.hosts_cluster_kit import (
    NATIVE,
    NODE_PORT,
    OVERLAY,
    POD_PORT,
    await_ready,
    pods,
    program,
    registry,
    through,
    two_clusters,
    until,
)
from tests.lab.hosts_kit import OPEN, PORT, ask, rule, serving, space
from tests.lab.machine import traces_of_hosts

pytestmark = pytest.mark.lab

FAR = "10.20.1.5"
NATIVE_NODE = "10.10.1.11"
OVERLAY_NODES = ("10.20.1.11", "10.20.1.12")


@pytest.fixture(scope="module")
def clusters(hosts: Hosts, paths: LabPaths) -> Iterator[Estate]:
    hosts.apply(Estate())
    with registry(paths):
        estate = two_clusters()
        hosts.apply(estate)
        await_ready(hosts)
        for cluster in (NATIVE, OVERLAY):
            for path, document in program():
                hosts.client(cluster).apply(path, document)
        yield estate


@pytest.fixture
def estate(hosts: Hosts, clusters: Estate) -> Estate:
    """The clusters as they should be, whatever the test before made of them."""
    hosts.apply(clusters)
    await_ready(hosts)
    return clusters


@pytest.fixture
def native_pod(hosts: Hosts, estate: Estate) -> dict[str, str]:
    return pods(hosts, NATIVE, 1)[NATIVE_NODE]


@pytest.fixture
def overlay_pods(hosts: Hosts, estate: Estate) -> dict[str, dict[str, str]]:
    return pods(hosts, OVERLAY, 2)


both = pytest.mark.parametrize("cluster", [NATIVE, OVERLAY])


def some_pod(hosts: Hosts, estate: Estate, cluster: str) -> str:
    """The name of a pod, once all of the cluster's are ready."""
    count = sum(node.cluster_id == cluster for node in estate.nodes)
    return next(iter(pods(hosts, cluster, count).values()))["name"]


def with_pod_rules(estate: Estate, rules: tuple[FirewallRule, ...]) -> Estate:
    """The estate with other rules on the native node's pods."""
    nodes = tuple(
        replace(n, pod_vnic=replace(n.pod_vnic, rules=rules)) if n.pod_vnic else n
        for n in estate.nodes
    )
    return replace(estate, nodes=nodes)


def pids(paths: LabPaths) -> dict[str, int]:
    """Every program of the hosts by its pid file."""
    found = {str(f): read(f) for f in (paths.state / "h").glob("*/*.pid")}
    return {name: running.pid for name, running in found.items() if running and running.is_alive()}


def test_a_native_pod_has_an_address_of_its_node_s_range(native_pod: dict[str, str]) -> None:
    assert IPv4Address(native_pod["address"]) in IPv4Network("10.10.2.32/27")


def test_a_host_of_another_region_reaches_a_native_pod_without_translation(
    native_pod: dict[str, str],
) -> None:
    assert ask(space(FAR), native_pod["address"], POD_PORT + 1) == f"{native_pod['name']} {FAR}"


def test_a_native_pod_reaches_another_region_under_its_own_address(
    hosts: Hosts, native_pod: dict[str, str]
) -> None:
    with serving(space(FAR), FAR):
        heard = through(
            hosts, NATIVE, f"pods/{native_pod['name']}:{POD_PORT}/proxy/to/{FAR}/{PORT}"
        )
    assert heard == f"host {native_pod['address']}"


def test_the_rules_of_the_pods_vnic_guard_the_pods(
    hosts: Hosts, estate: Estate, native_pod: dict[str, str]
) -> None:
    narrow = (rule(Direction.EGRESS), rule(Direction.INGRESS, peer="10.10.0.0/16"))
    hosts.apply(with_pod_rules(estate, narrow))
    near = ask(space("10.10.1.5"), native_pod["address"], POD_PORT + 1)
    assert (near, ask(space(FAR), native_pod["address"], POD_PORT + 1)) == (
        f"{native_pod['name']} 10.10.1.5",
        None,
    )


def test_an_overlay_pod_leaves_its_cluster_under_its_node_s_address(
    hosts: Hosts, overlay_pods: dict[str, dict[str, str]]
) -> None:
    pod = overlay_pods[OVERLAY_NODES[0]]["name"]
    with serving(space("10.10.1.5"), "10.10.1.5"):
        heard = through(hosts, OVERLAY, f"pods/{pod}:{POD_PORT}/proxy/to/10.10.1.5/{PORT}")
    assert heard == f"host {OVERLAY_NODES[0]}"


def test_overlay_pods_of_two_nodes_reach_each_other_without_translation(
    hosts: Hosts, overlay_pods: dict[str, dict[str, str]]
) -> None:
    first, second = (overlay_pods[name] for name in OVERLAY_NODES)
    path = f"pods/{first['name']}:{POD_PORT}/proxy/to/{second['address']}/{POD_PORT + 1}"
    assert through(hosts, OVERLAY, path) == f"{second['name']} {first['address']}"


@both
def test_a_pod_finds_a_service_by_its_name(hosts: Hosts, estate: Estate, cluster: str) -> None:
    pod = some_pod(hosts, estate, cluster)
    path = f"pods/{pod}:{POD_PORT}/proxy/to/hello.default.svc.cluster.local/{POD_PORT + 1}"

    def asked() -> str | None:
        heard = through(hosts, cluster, path)
        return heard if heard.startswith("hello-") else None

    assert re.fullmatch(r"hello-\w+ 10\.[\d.]+", until(asked, "the cluster's DNS"))


def test_a_name_outside_the_cluster_does_not_exist(
    hosts: Hosts, native_pod: dict[str, str]
) -> None:
    path = f"pods/{native_pod['name']}:{POD_PORT}/proxy/to/example.com/80"
    assert "Bad hostname" in through(hosts, NATIVE, path)


@both
def test_the_api_server_reaches_the_pods_behind_a_service(
    hosts: Hosts, estate: Estate, cluster: str
) -> None:
    some_pod(hosts, estate, cluster)
    heard = through(hosts, cluster, f"services/hello:{POD_PORT}/proxy/")
    assert re.fullmatch(r"hello-\w+ 10\.[\d.]+", heard)


@both
def test_the_api_server_reads_a_pod_s_log_from_its_kubelet(
    hosts: Hosts, estate: Estate, cluster: str
) -> None:
    name = some_pod(hosts, estate, cluster)
    assert through(hosts, cluster, f"pods/{name}/log") == "open"


def test_a_node_has_its_labels_from_the_start(hosts: Hosts, estate: Estate) -> None:
    labels = hosts.client(NATIVE).get(f"/api/v1/nodes/{NATIVE_NODE}")["metadata"]["labels"]
    wanted = {"topology.kubernetes.io/region": "a", "name": "np1"}
    assert wanted.items() <= labels.items()


@pytest.mark.parametrize("node", [NATIVE_NODE, OVERLAY_NODES[0]], ids=["native", "overlay"])
def test_a_public_load_balancer_leads_to_the_pods(hosts: Hosts, estate: Estate, node: str) -> None:
    key, number = ("a", 10) if node == NATIVE_NODE else ("b", 20)
    balancer = LoadBalancer(
        id="lb",
        vnic=Vnic(
            subnet_id=f"{key}-public",
            private_ip=f"10.{number}.0.9",
            rules=OPEN,
            public_ip="198.18.128.99",
        ),
        listeners=(
            Listener(
                name="http",
                port=80,
                backends=((node, NODE_PORT),),
                health_port=10256,
                health_path="/healthz",
            ),
        ),
    )
    hosts.apply(replace(estate, load_balancers=(balancer,)))
    hosts.await_health("lb", {"http": {(node, NODE_PORT): True}}, seconds=15)
    connection = HTTPConnection("198.18.128.99", timeout=3)
    connection.request("GET", "/")
    assert connection.getresponse().read().startswith(b"hello-")
    connection.close()


def test_a_second_run_adopts_every_program(hosts: Hosts, estate: Estate, paths: LabPaths) -> None:
    before = pids(paths)
    Hosts(paths).apply(estate)
    assert pids(paths) == before


def test_an_apply_restarts_only_what_has_died(
    hosts: Hosts, estate: Estate, paths: LabPaths
) -> None:
    before = pids(paths)
    victim = next(name for name in before if name.endswith("/kubelet.pid"))
    descriptor = os.pidfd_open(before[victim])
    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    os.close(descriptor)
    until(lambda: True if victim not in pids(paths) else None, "death of the kubelet", 5)
    hosts.apply(estate)
    after = pids(paths)
    assert {name for name in before if after.get(name) != before[name]} == {victim}


def test_a_node_that_is_taken_away_is_signed_off_and_leaves_nothing(
    hosts: Hosts, estate: Estate, paths: LabPaths
) -> None:
    gone = OVERLAY_NODES[1]
    before = cgroups.names()
    hosts.apply(replace(estate, nodes=tuple(n for n in estate.nodes if n.name != gone)))
    assert hosts.client(OVERLAY).get(f"/api/v1/nodes/{gone}") is None
    assert len(before) - len(cgroups.names()) == 1


_ENDLESS = """
import sys
from lab.hosts import Hosts
from lab.paths import LabPaths
from pathlib import Path
from tests.lab.hosts_cluster_kit import two_clusters
paths = LabPaths(root=Path(sys.argv[1]), cache=LabPaths.locate().cache)
Hosts(paths).apply(two_clusters())
"""


def test_clearing_after_a_killed_run_leaves_nothing(hosts: Hosts, paths: LabPaths) -> None:
    hosts.clear()
    caller = subprocess.Popen(  # noqa: S603 our own interpreter
        [sys.executable, "-c", _ENDLESS, str(paths.root)]
    )
    try:
        until(lambda: True if len(pids(paths)) > 5 else None, "some programs", 30)
    finally:
        caller.kill()
        caller.wait()
    Hosts(paths).clear()
    assert traces_of_hosts(paths) == []


def test_two_clusters_are_ready_within_forty_seconds(hosts: Hosts) -> None:
    hosts.clear()
    start = time.monotonic()
    hosts.apply(two_clusters())
    await_ready(hosts)
    assert time.monotonic() - start < 40
