"""Brings the machine to the estate: networks first, then control planes, then nodes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from lab.errors import LabError
from lab.hosts.addresses import digest
from lab.hosts.api import ApiClient, ApiError
from lab.hosts.computer.metadata import Services
from lab.hosts.host import HOSTS_FOLDER
from lab.hosts.kernel import Kernel
from lab.hosts.layout import Numbers, build_fabric
from lab.hosts.leftovers import remove_shared
from lab.hosts.load_balancer import Balancing, Health
from lab.hosts.machines import Machines
from lab.hosts.network import places
from lab.hosts.node import Membership
from lab.hosts.node_network import node_slice
from lab.hosts.numbers import NumberFile
from lab.hosts.observed import ClusterState, NodeState, Observed
from lab.hosts.private import own_addresses, refuse_private_ranges
from lab.hosts.spec import ControlPlane, Estate, Node
from lab.paths import LabPaths

_WORKERS = 8
T = TypeVar("T")


class Hosts:
    """The hosts of one lab. `apply` and `clear` belong to one worker; `observe` to anyone."""

    def __init__(self, paths: LabPaths) -> None:
        self._paths = paths
        self._kernel = Kernel()
        self._machines = Machines(paths)
        self._numbers = NumberFile(paths.state / HOSTS_FOLDER / "numbers.json")
        self._balancing = Balancing()
        self._metadata = Services()
        self._lock = threading.Lock()
        self._estate = Estate()

    def apply(self, estate: Estate) -> None:
        """Creates, changes, restarts and removes until the machine equals the estate.

        It returns when every control plane answers; nodes get ready in their own time, see
        `observe`. Failures of several hosts come together in one error.
        """
        with self._lock:
            self._estate = estate
            self._retire(estate)
            numbers = self._numbers.update(estate)
            fabric = build_fabric(estate, numbers)
            refuse_private_ranges(fabric, estate.vcns, own_addresses())
            created = self._kernel.apply(fabric)
            self._balancing.set(estate.load_balancers, created)
            self._metadata.set(estate.instances, created)
            _all(self._machines.raise_computer, estate.instances)
            _all(self._machines.raise_control_plane, estate.control_planes)
            _all(lambda node: self._raise_node(estate, node, numbers), estate.nodes)

    def observe(self) -> Observed:
        """How the hosts of the estate are now; asks every API server."""
        estate = self._estate
        clusters = {c.id: c for c in estate.control_planes}
        known = [n for n in estate.nodes if n.cluster_id in clusters]
        with ThreadPoolExecutor(_WORKERS) as pool:
            states = pool.map(self._cluster_state, clusters.values())
            readiness = pool.map(lambda n: self._node_state(clusters[n.cluster_id], n), known)
            return Observed(
                clusters=dict(zip(clusters, states, strict=True)),
                nodes={n.id: state for n, state in zip(known, readiness, strict=True)},
                balancers=self._balancing.health(),
                consoles={
                    instance.id: self._machines.console(instance)
                    for instance in estate.instances
                    if instance.computer
                },
            )

    def clear(self) -> None:
        """Removes everything of the lab, also what a killed run left."""
        with self._lock:
            self._estate = Estate()
            self._balancing.stop()
            self._metadata.stop()
            self._machines.clear()
            self._kernel.clear()
            remove_shared()

    def await_health(self, balancer_id: str, expected: Health, *, seconds: float) -> None:
        """Waits until the backends of a load balancer are healthy as expected."""
        self._balancing.await_health(balancer_id, expected, seconds)

    def client(self, cluster_id: str) -> ApiClient:
        """The administrator's way to a cluster of the estate, past its network's firewalls."""
        for cluster in self._estate.control_planes:
            if cluster.id == cluster_id:
                return self._machines.client(cluster)
        raise LabError(f"cluster {cluster_id} is not in the lab; apply an estate that has it")

    def _retire(self, estate: Estate) -> None:
        """Removes hosts that are gone; nodes of a cluster that stays are signed off there."""
        clusters = {c.id: c for c in estate.control_planes}
        computers = (instance.id for instance in estate.instances if instance.computer)
        identities = (*clusters, *(node.id for node in estate.nodes), *computers)
        wanted = {digest(identity) for identity in identities}
        for card, folder in list(self._machines.cards()):
            if folder.name in wanted:
                continue
            self._machines.remove(folder)
            if card.kind == "node" and card.cluster_id in clusters:
                client = self._machines.client(clusters[card.cluster_id])
                with suppress(ApiError):  # an API that does not answer keeps a dead node's object
                    client.delete(f"/api/v1/nodes/{card.name}")

    def _raise_node(self, estate: Estate, node: Node, numbers: Numbers) -> None:
        for cluster in estate.control_planes:
            if cluster.id == node.cluster_id:
                pki = self._machines.cluster_home(cluster).pki
                pods = node.pod_range or node_slice(cluster.pods_cidr, numbers.nodes[node.id])
                self._machines.raise_node(join(estate, node, member=(cluster, pods), pki=pki))

    def _cluster_state(self, cluster: ControlPlane) -> ClusterState:
        authority = self._machines.cluster_home(cluster).pki / "ca.crt"
        pem = authority.read_text() if authority.exists() else ""
        try:
            self._machines.client(cluster).request("GET", "/readyz")
        except (ApiError, LabError, OSError) as fault:
            return ClusterState(is_ready=False, ca_pem=pem, fault=str(fault))
        return ClusterState(is_ready=True, ca_pem=pem)

    def _node_state(self, cluster: ControlPlane, node: Node) -> NodeState:
        try:
            found = self._machines.client(cluster).get(f"/api/v1/nodes/{node.name}")
        except (ApiError, LabError, OSError) as fault:
            return NodeState(is_ready=False, fault=str(fault))
        return node_state(found)


def join(estate: Estate, node: Node, *, member: tuple[ControlPlane, str], pki: Path) -> Membership:
    """A node in its cluster, with the addresses of its pods and the subnet of those."""
    cluster, pods = member
    subnet = None
    if node.pod_vnic is not None:
        subnet = places(estate.vcns)[node.pod_vnic.subnet_id].subnet.cidr
    return Membership(node=node, cluster=cluster, cluster_pki=pki, pods=pods, pods_subnet=subnet)


def node_state(found: Any) -> NodeState:
    """The Ready condition of a node's object; None is one that has not signed up."""
    if found is None:
        return NodeState(is_ready=False, fault="the kubelet has not signed up with its cluster")
    for condition in found["status"].get("conditions", ()):
        if condition["type"] == "Ready":
            is_ready = condition["status"] == "True"
            return NodeState(is_ready=is_ready, fault=None if is_ready else condition["message"])
    return NodeState(is_ready=False, fault="the kubelet has not reported yet")


def _all(action: Callable[[T], None], items: Iterable[T]) -> None:
    """Runs the action for every item at once; the errors of all come in one."""
    faults = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        for future in [pool.submit(action, item) for item in items]:
            try:
                future.result()
            except LabError as fault:
                faults.append(str(fault))
    if faults:
        raise LabError("\n\n".join(faults))
