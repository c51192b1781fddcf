"""The one thread that brings the machines to what the API models ask, and reports back.

A pass: build the estate, apply it, look at the machines, end the passing states that are
fulfilled. It runs after each change; while something is still coming up, also every second.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from threading import Thread

from lab.cloud.containerengine import clusters
from lab.cloud.containerengine.nodes import end_node, is_draining, nodes_of
from lab.cloud.containerengine.records import Cluster, NodePool
from lab.cloud.core import compute
from lab.cloud.core.records import ConsoleHistory, Instance, Node
from lab.cloud.estate import Describe, Webhook, build
from lab.cloud.ids import age_seconds
from lab.cloud.lifecycle import By
from lab.cloud.loadbalancer import models as balancers
from lab.cloud.loadbalancer.records import LoadBalancer
from lab.cloud.machines import Machines
from lab.cloud.records import Resource
from lab.cloud.store import Store
from lab.hosts.observed import Observed
from lab.hosts.spec import Estate

log = logging.getLogger("lab.cloud.worker")

ENDING = ("DELETING", "TERMINATING")
MAKING = ("CREATING", "UPDATING", "PROVISIONING")
IMPATIENT, PATIENT = 1.0, 10.0
"""Seconds until the next look while something is coming up, and otherwise."""
GIVE_UP_SECONDS = 300.0
"""After so long a cluster or a pool that does not come up is FAILED."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A resource that waited for the machines when a pass began."""

    id: str
    state: str
    revision: int


class Worker:
    """Applies estates one after the other."""

    def __init__(
        self,
        store: Store,
        machines: Machines,
        webhook: Webhook,
        *,
        describe: Describe = lambda _: None,
        balancer_seconds: float = 0.0,
    ) -> None:
        self.store = store
        self.machines = machines
        self.webhook = webhook
        self.describe = describe
        self.balancer_seconds = balancer_seconds
        self.fault = ""
        """Why the last pass failed; empty when it did not."""
        self._waiting_since: dict[Asked, float] = {}
        self._stopping = False
        self._thread = Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the pass that is under way."""
        with self.store.lock:
            self._stopping = True
            self.store.changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join()

    def once(self) -> None:
        """One pass."""
        with self.store.lock:
            estate = build(self.store, self.webhook, self.describe)
            asked = [
                Asked(id=record.id, state=record.lifecycle_state, revision=record.revision)
                for record in self.store.records.values()
                if _waits(record)
            ]
        fault = self._apply(estate)
        seen = self.machines.observe()
        with self.store.transaction():
            _note(self.store, seen, str(fault) if fault else "")
            for wanted in asked:
                # what failed half way may not be gone yet; it waits for the next pass
                if not (fault and wanted.state in ENDING):
                    self._settle(wanted, seen)
            self._give_up(asked)
        if fault is not None:
            raise fault

    def _apply(self, estate: Estate) -> Exception | None:
        """One host that fails must not hide that the others are ready; the caller raises it."""
        try:
            self.machines.apply(estate)
        except Exception as fault:
            return fault
        return None

    def _run(self) -> None:
        done = -1
        while True:
            with self.store.lock:
                waiting = any(_waits(record) for record in self.store.records.values())
                patience = IMPATIENT if waiting or self.fault else PATIENT
                if self.store.version == done and not self._stopping:
                    self.store.changed.wait(patience)
                if self._stopping:
                    return
                done = self.store.version
            self._pass()

    def _pass(self) -> None:
        try:
            self.once()
            self.fault = ""
        except Exception as fault:
            # the machines may be half way; the next pass goes on from there
            if str(fault) != self.fault:
                log.exception("the machines could not be brought to the wanted state")
            self.fault = str(fault) or type(fault).__name__

    def _settle(self, wanted: Asked, seen: Observed) -> None:
        record = self._still(wanted)
        if record is None or not _fulfilled(self.store, record, seen) or self._is_early(record):
            return
        record.settle(By.HOSTS)
        if isinstance(record, ConsoleHistory):
            record.content = seen.consoles.get(record.instance_id, "")
        if isinstance(record, Cluster | NodePool):
            record.lifecycle_details = None
        if not record.live:
            _release(self.store, record)
        elif isinstance(record, Node):
            self._retire_replaced(record)
        self.store.touch()

    def _is_early(self, record: Resource) -> bool:
        """A load balancer takes the vendor longer than it takes the machines here."""
        is_coming = isinstance(record, LoadBalancer) and record.lifecycle_state == "CREATING"
        if not is_coming or record.time_created is None:
            return False
        return age_seconds(record.time_created) < self.balancer_seconds

    def _still(self, wanted: Asked) -> Resource | None:
        """The resource, unless it changed during the pass: then it waits for the next."""
        record = self.store.records.get(wanted.id)
        same = record is not None and record.revision == wanted.revision
        return record if same else None

    def _retire_replaced(self, node: Node) -> None:
        """A node that is being cycled goes when its successor is there."""
        old = self.store.records.get(node.replaces or "")
        if isinstance(old, Node) and old.live and old.lifecycle_state not in ENDING:
            end_node(self.store, old)

    def _give_up(self, asked: list[Asked]) -> None:
        """Ends the waiting for what does not come up, with the last that was seen of it."""
        waiting = [a for a in asked if self._still(a) is not None and a.state in MAKING]
        now = time.monotonic()
        self._waiting_since = {a: self._waiting_since.get(a, now) for a in waiting}
        for wanted, since in self._waiting_since.items():
            record = self.store.records[wanted.id]
            if now - since > GIVE_UP_SECONDS and isinstance(record, Cluster | NodePool):
                record.pending.clear()
                record.lifecycle_state = "FAILED"
                record.revision += 1
                self.store.touch()


def _waits(record: Resource) -> bool:
    return any(pending.rule.by is By.HOSTS for pending in record.pending)


def _release(store: Store, record: Resource) -> None:
    """Frees what a resource had that is gone."""
    if isinstance(record, Cluster):
        clusters.release(store, record)
    elif isinstance(record, Instance):
        compute.release(store, record)
    elif isinstance(record, LoadBalancer):
        balancers.release(store, record)


def _fulfilled(store: Store, record: Resource, seen: Observed) -> bool:
    if isinstance(record, NodePool):
        return _pool_fulfilled(store, record)
    if record.lifecycle_state in ENDING:
        return not (isinstance(record, Node) and is_draining(store, record))
    if isinstance(record, Cluster):
        cluster = seen.clusters.get(record.id)
        return cluster is not None and cluster.is_ready
    if isinstance(record, Node):
        node = seen.nodes.get(record.id)
        return node is not None and node.is_ready
    return True


def _pool_fulfilled(store: Store, pool: NodePool) -> bool:
    nodes = nodes_of(store, pool.id)
    if pool.lifecycle_state == "DELETING":
        return not nodes
    size = pool.node_config_details.size
    return len(nodes) == size and all(node.lifecycle_state == "RUNNING" for node in nodes)


def _note(store: Store, seen: Observed, fault: str) -> None:
    """Keeps what the machines show: authorities, health, and why something is not ready."""
    for balancer in store.find(LoadBalancer):
        balancer.health = {
            listener: {f"{host}:{port}": well for (host, port), well in backends.items()}
            for listener, backends in seen.balancers.get(balancer.id, {}).items()
        }
    for cluster in store.find(Cluster):
        state = seen.clusters.get(cluster.id)
        if state is not None and state.ca_pem:
            cluster.ca_pem = state.ca_pem
        if cluster.lifecycle_state in MAKING:
            cluster.lifecycle_details = (state.fault if state else None) or fault
    for pool in store.find(NodePool, where=lambda r: r.lifecycle_state in MAKING):
        states = [(node, seen.nodes.get(node.id)) for node in nodes_of(store, pool.id)]
        faults = [f"{n.display_name}: {s.fault}" for n, s in states if s and s.fault]
        pool.lifecycle_details = "; ".join(faults) or fault
