"""The one thread that brings the machines to what the API models ask, and reports back.

A pass: build the estate, apply it, look at the machines, end the passing states that are
fulfilled. It runs after each change; while something is still coming up, also every second.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

from lab.cloud.containerengine import clusters
from lab.cloud.containerengine.nodes import end_node
from lab.cloud.core import compute
from lab.cloud.estate import Webhook, build
from lab.cloud.lifecycle import By
from lab.cloud.loadbalancer import models as balancers
from lab.cloud.machines import Machines
from lab.cloud.store import Record, Store
from lab.hosts.observed import Observed
from lab.hosts.spec import Estate

log = logging.getLogger("lab.cloud.worker")

ENDING = ("DELETING", "TERMINATING")
MAKING = ("CREATING", "UPDATING", "PROVISIONING")
IMPATIENT, PATIENT = 1.0, 10.0
"""Seconds until the next look while something is coming up, and otherwise."""
GIVE_UP_SECONDS = 300.0
"""After so long a cluster or a pool that does not come up is FAILED."""

_RELEASE: dict[str, Callable[[Store, Record], object]] = {
    "cluster": clusters.release,
    "instance": compute.release,
    "loadbalancer": balancers.release,
}
"""What is freed when a resource is gone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A resource that waited for the machines when a pass began."""

    id: str
    state: str
    revision: int


class Worker:
    """Applies estates one after the other."""

    def __init__(self, store: Store, machines: Machines, webhook: Webhook) -> None:
        self.store = store
        self.machines = machines
        self.webhook = webhook
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
            estate = build(self.store, self.webhook)
            asked = [
                Asked(id=record.id, state=record.state, revision=record.revision)
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
        if record is None or not _fulfilled(self.store, record, seen):
            return
        record.settle(By.HOSTS)
        record.body.pop("lifecycleDetails", None)
        if not record.live and record.kind in _RELEASE:
            _RELEASE[record.kind](self.store, record)
        self._retire_replaced(record)
        self.store.touch()

    def _still(self, wanted: Asked) -> Record | None:
        """The resource, unless it changed during the pass: then it waits for the next."""
        record = self.store.records.get(wanted.id)
        same = record is not None and record.revision == wanted.revision
        return record if same else None

    def _retire_replaced(self, record: Record) -> None:
        """A node that is being cycled goes when its successor is there."""
        old = self.store.records.get(record.hidden.get("replaces") or "")
        if record.live and old is not None and old.live and old.state not in ENDING:
            end_node(old)

    def _give_up(self, asked: list[Asked]) -> None:
        """Ends the waiting for what does not come up, with the last that was seen of it."""
        waiting = [a for a in asked if self._still(a) is not None and a.state in MAKING]
        now = time.monotonic()
        self._waiting_since = {a: self._waiting_since.get(a, now) for a in waiting}
        for wanted, since in self._waiting_since.items():
            record = self.store.records[wanted.id]
            if now - since > GIVE_UP_SECONDS and record.kind in ("cluster", "nodepool"):
                record.pending.clear()
                record.body["lifecycleState"] = "FAILED"
                record.revision += 1
                self.store.touch()


def _waits(record: Record) -> bool:
    return any(pending.rule.by is By.HOSTS for pending in record.pending)


def _fulfilled(store: Store, record: Record, seen: Observed) -> bool:
    if record.kind == "nodepool":
        return _pool_fulfilled(store, record)
    if record.state in ENDING:
        return True
    if record.kind == "cluster":
        cluster = seen.clusters.get(record.id)
        return cluster is not None and cluster.is_ready
    if record.hidden.get("role") == "node":
        node = seen.nodes.get(record.id)
        return node is not None and node.is_ready
    return True


def _pool_fulfilled(store: Store, pool: Record) -> bool:
    nodes = _nodes(store, pool)
    if pool.state == "DELETING":
        return not nodes
    size = pool.body["nodeConfigDetails"]["size"]
    return len(nodes) == size and all(node.state == "RUNNING" for node in nodes)


def _nodes(store: Store, pool: Record) -> list[Record]:
    return store.find("instance", where=lambda r: r.hidden.get("pool") == pool.id)


def _note(store: Store, seen: Observed, fault: str) -> None:
    """Keeps what the machines show: authorities, health, and why something is not ready."""
    for balancer in store.find("loadbalancer"):
        balancer.hidden["health"] = {
            listener: {f"{host}:{port}": well for (host, port), well in backends.items()}
            for listener, backends in seen.balancers.get(balancer.id, {}).items()
        }
    for cluster in store.find("cluster"):
        state = seen.clusters.get(cluster.id)
        if state is not None and state.ca_pem:
            cluster.hidden["ca_pem"] = state.ca_pem
        if cluster.state in MAKING:
            cluster.body["lifecycleDetails"] = (state.fault if state else None) or fault
    for pool in store.find("nodepool", where=lambda r: r.state in MAKING):
        states = [(node, seen.nodes.get(node.id)) for node in _nodes(store, pool)]
        faults = [f"{n.body['displayName']}: {s.fault}" for n, s in states if s and s.fault]
        pool.body["lifecycleDetails"] = "; ".join(faults) or fault
