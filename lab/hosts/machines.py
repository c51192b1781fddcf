"""Runs the plans of control planes, nodes and computers here, and takes them away again."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from lab.errors import LabError
from lab.hosts import cgroups, control_plane, dns
from lab.hosts import node as nodes
from lab.hosts.addresses import PREFIX, namespace_name
from lab.hosts.api import ApiClient, ApiError
from lab.hosts.computer import image
from lab.hosts.computer import plan as computers
from lab.hosts.host import HOSTS_FOLDER, Home, home
from lab.hosts.leftovers import remove_folder
from lab.hosts.pki import Credential
from lab.hosts.process import File, Process, Supervisor, tail, write_files
from lab.hosts.spec import ControlPlane, Instance
from lab.images import mirror
from lab.paths import LabPaths
from lab.processes import running

_READY_SECONDS = 90.0
_SOCKET_SECONDS = 30.0
_POLL_SECONDS = 0.1
_WORKERS = 4
_CARD = "host.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """What a host's folder says of its owner, for the run that takes it away."""

    kind: str
    identity: str
    name: str
    cluster_id: str


class Machines:
    """The hosts that run programs."""

    def __init__(self, paths: LabPaths) -> None:
        self._paths = paths
        self._supervisor = Supervisor()

    def client(self, cluster: ControlPlane) -> ApiClient:
        """The administrator's way to a cluster."""
        place = self.cluster_home(cluster)
        admin = Credential(place.pki / "admin.crt", place.pki / "admin.key")
        return ApiClient(namespace_name("cp", cluster.id), place.pki / "ca.crt", admin)

    def cluster_home(self, cluster: ControlPlane) -> Home:
        """The places of a control plane."""
        return home(self._paths, cluster.id, cluster.name)

    def raise_control_plane(self, cluster: ControlPlane) -> None:
        """Lets a control plane run; returns when its API is ready and its DNS is applied."""
        place = self.cluster_home(cluster)
        card = Card(kind="cp", identity=cluster.id, name=cluster.name, cluster_id=cluster.id)
        self._prepare(place, card)
        authority = control_plane.authority(cluster, place)
        authority.signing_key()
        for subject in control_plane.subjects(cluster):
            authority.issue(subject)
        plan = control_plane.plan(cluster, place)
        write_files(plan.files)
        *first, manager, scheduler = plan.processes
        started = [self._supervisor.ensure(process) for process in first]
        client = self.client(cluster)
        if any(started) or not (place.folder / "dns.applied").exists():
            self._await_api(client, tuple(first))
        for process in (manager, scheduler):
            self._supervisor.ensure(process)
        _apply_dns(cluster, place, client)

    def raise_node(self, member: nodes.Membership) -> None:
        """Lets a node run; its kubelet then signs up with the cluster in its own time."""
        node = member.node
        place = home(self._paths, node.id, node.name)
        card = Card(kind="node", identity=node.id, name=node.name, cluster_id=node.cluster_id)
        self._prepare(place, card)
        authority = control_plane.authority(member.cluster, self.cluster_home(member.cluster))
        authority.issue(nodes.kubelet_subject(node), place.pki)
        plan = nodes.plan(member, place)
        write_files(plan.files)
        mirror.write(nodes.registry_folder(place))
        containerd, *others = plan.processes
        self._supervisor.ensure(containerd)
        self._await_socket(nodes.containerd_socket(place), containerd)
        for process in others:
            self._supervisor.ensure(process)
        self._label(member)

    def raise_computer(self, instance: Instance) -> None:
        """Lets a computer run, or stand still; it boots in its own time."""
        computer = instance.computer
        if computer is None:
            return
        place = home(self._paths, instance.id, computer.name)
        card = Card(kind="host", identity=instance.id, name=computer.name, cluster_id="")
        process = computers.process(instance, place)
        if not computer.is_running:
            cgroups.remove(place.cgroup)
            self._supervisor.bury()
            process.pid_file.unlink(missing_ok=True)
            return
        self._prepare(place, card)
        image.write(place.folder, computer)
        self._supervisor.ensure(process)

    def console(self, instance: Instance) -> str:
        """What a computer has printed since it was made."""
        name = instance.computer.name if instance.computer else ""
        log = home(self._paths, instance.id, name).log(computers.CONSOLE)
        return log.read_text(errors="replace") if log.exists() else ""

    def _label(self, member: nodes.Membership) -> None:
        """Gives a node that has signed up the labels that its kubelet may not give."""
        labels = nodes.later_labels(member.node)
        if not labels:
            return
        client = self.client(member.cluster)
        path = f"/api/v1/nodes/{member.node.name}"
        with suppress(ApiError):  # the next apply tries again
            found = client.get(path)
            if found is not None and not labels.items() <= found["metadata"]["labels"].items():
                client.merge(path, {"metadata": {"labels": labels}})

    def cards(self) -> Iterator[tuple[Card, Path]]:
        """Every host that left its card in the state folder."""
        for file in sorted((self._paths.state / HOSTS_FOLDER).glob(f"*/{_CARD}")):
            with suppress(ValueError, TypeError):  # half written by a killed run: see `clear`
                yield Card(**json.loads(file.read_text())), file.parent

    def remove(self, folder: Path) -> None:
        """Ends everything that runs from a host's folder, and removes the folder."""
        cgroups.remove(f"{PREFIX}{folder.name}")
        self._supervisor.bury()
        remove_folder(folder)

    def clear(self) -> None:
        """Removes every host, also those that an earlier run left."""
        for name in cgroups.names():
            cgroups.remove(name)
        self._supervisor.bury()
        folder = self._paths.state / HOSTS_FOLDER
        if folder.is_dir():
            with ThreadPoolExecutor(_WORKERS) as pool:
                list(pool.map(remove_folder, (p for p in folder.iterdir() if p.is_dir())))
            shutil.rmtree(folder)

    def _prepare(self, place: Home, card: Card) -> None:
        cgroups.create(place.cgroup)
        write_files([File(path=place.folder / _CARD, text=json.dumps(asdict(card)) + "\n")])

    def _await_api(self, client: ApiClient, processes: tuple[Process, ...]) -> None:
        def ask() -> str | None:
            try:
                client.request("GET", "/readyz")
            except ApiError as fault:
                return str(fault)
            return None

        _wait(ask, processes, _READY_SECONDS)

    def _await_socket(self, path: Path, process: Process) -> None:
        def ask() -> str | None:
            with socket.socket(socket.AF_UNIX) as client:
                try:
                    client.connect(str(path))
                except OSError as fault:
                    return f"{path.name}: {fault.strerror}"
            return None

        _wait(ask, (process,), _SOCKET_SECONDS)


def _wait(ask: Callable[[], str | None], processes: tuple[Process, ...], seconds: float) -> None:
    """Asks until the answer is None; fails when a program ends or the time does."""
    deadline = time.monotonic() + seconds
    while (fault := ask()) is not None:
        for process in processes:
            if running(process.pid_file) is None:
                raise LabError(f"{process.name} ended; {process.log}:\n{tail(process.log)}")
        if time.monotonic() > deadline:
            last = processes[-1]
            raise LabError(
                f"{last.name} is not ready after {seconds:.0f} s: {fault}\n"
                f"{last.log}:\n{tail(last.log)}"
            )
        time.sleep(_POLL_SECONDS)


def _apply_dns(cluster: ControlPlane, place: Home, client: ApiClient) -> None:
    """Applies the cluster's DNS once for each of its versions."""
    documents = dns.documents(cluster)
    mark = sha256(repr(documents).encode()).hexdigest()
    note = place.folder / "dns.applied"
    if note.exists() and note.read_text() == mark:
        return
    for path, document in documents.items():
        client.apply(path, document)
    write_files([File(path=note, text=mark)])
