"""The one thread that brings the machines to what the API models ask, and reports back.

A pass: build the estate, apply it, look at the machines, end the passing states that are
fulfilled. It runs after each change; while something is still coming up, also every second.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
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
IMPATIENT, PATIENT = 1.0, 10.0
"""Seconds until the next look while something is coming up, and otherwise."""

_RELEASE: dict[str, Callable[[Store, Record], object]] = {
    "cluster": clusters.release,
    "instance": compute.release,
    "loadbalancer": balancers.release,
}
"""What is freed when a resource is gone."""


class Worker:
    """Applies estates one after the other."""

    def __init__(self, store: Store, machines: Machines, webhook: Webhook) -> None:
        self.store = store
        self.machines = machines
        self.webhook = webhook
        self.fault = ""
        """Why the last pass failed; empty when it did not."""
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
            asked = [record for record in self.store.records.values() if _waits(record)]
            states = {record.id: record.state for record in asked}
        fault = self._apply(estate)
        seen = self.machines.observe()
        with self.store.lock:
            before = self.store.version
            _note_health(self.store, seen)
            for record in _pools_last(asked):
                # one that changed during the pass, or may not be gone yet, waits for the next
                if record.state == states[record.id] and not (fault and record.state in ENDING):
                    self._settle(record, seen)
            if self.store.version != before:
                self.store.save()
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

    def _settle(self, record: Record, seen: Observed) -> None:
        if not _fulfilled(self.store, record, seen):
            return
        if record.kind == "cluster" and record.id in seen.clusters:
            record.hidden["ca_pem"] = seen.clusters[record.id].ca_pem
        record.settle(By.HOSTS)
        if not record.live and record.kind in _RELEASE:
            _RELEASE[record.kind](self.store, record)
        self._retire_replaced(record)
        self.store.touch()

    def _retire_replaced(self, record: Record) -> None:
        """A node that is being cycled goes when its successor is there."""
        old = self.store.records.get(record.hidden.get("replaces") or "")
        if record.live and old is not None and old.live and old.state != "TERMINATING":
            end_node(old)


def _waits(record: Record) -> bool:
    return any(pending.rule.by is By.HOSTS for pending in record.pending)


def _pools_last(records: list[Record]) -> list[Record]:
    """A pool is ready when its nodes are, so they are looked at first."""
    return sorted(records, key=lambda record: record.kind == "nodepool")


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
    nodes = store.find("instance", where=lambda r: r.hidden.get("pool") == pool.id)
    if pool.state == "DELETING":
        return not nodes
    size = pool.body["nodeConfigDetails"]["size"]
    return len(nodes) == size and all(node.state == "RUNNING" for node in nodes)


def _note_health(store: Store, seen: Observed) -> None:
    for balancer in store.find("loadbalancer"):
        balancer.hidden["health"] = {
            listener: {f"{host}:{port}": well for (host, port), well in backends.items()}
            for listener, backends in seen.balancers.get(balancer.id, {}).items()
        }
