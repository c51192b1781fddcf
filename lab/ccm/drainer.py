"""Empties a node before it goes, as OKE does: no new pod comes, and every other is evicted."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from threading import Event, Thread

from lab.ccm.mirror import Kube
from lab.cloud.containerengine.records import NodePool
from lab.cloud.core.records import Node
from lab.cloud.core.vnics import vnics_of
from lab.cloud.records import Json
from lab.cloud.store import Store
from lab.errors import LabError
from lab.hosts.api import ApiError

log = logging.getLogger("lab.ccm")

LOOK_SECONDS = 1.0
SILENCE_SECONDS = 20.0
"""An API server that says nothing for so long has nothing more to say about a node."""
_GONE = 404
_BLOCKED = 429
"""A disruption budget lets no pod go now."""
_GRACE = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


class Drainer:
    """The nodes of one cluster that are about to go."""

    def __init__(self, kube: Kube, store: Store, cluster_id: str) -> None:
        self.kube = kube
        self.store = store
        self.cluster_id = cluster_id
        self._begun: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="drainer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            self.look(time.monotonic())

    def look(self, now: float) -> None:
        """Brings every node that is about to go further; those that are empty may go."""
        for node, name, grace in self._draining():
            if self._is_over(node, name, now=now, grace=grace):
                with self.store.transaction():
                    node.drained = True
                    self.store.touch()
                log.info("node %s may go", name)

    def _draining(self) -> list[tuple[Node, str, float]]:
        with self.store.lock:
            found = self.store.find(
                Node, where=lambda node: node.cluster_id == self.cluster_id and not node.drained
            )
            return [
                (node, vnics_of(self.store, node)[0].private_ip, self._grace(node))
                for node in found
            ]

    def _grace(self, node: Node) -> float:
        pool = self.store.get(NodePool, node.pool_id)
        return seconds(pool.node_eviction_node_pool_settings.get("evictionGraceDuration", "PT60M"))

    def _is_over(self, node: Node, name: str, *, now: float, grace: float) -> bool:
        begun = self._begun.setdefault(node.id, now)
        if now - begun >= grace:
            return True
        try:
            is_empty = self._empty(name)
        except (ApiError, LabError, OSError) as fault:
            log.info("node %s: %s", name, fault)
            return now - self._heard.setdefault(node.id, begun) >= SILENCE_SECONDS
        self._heard[node.id] = now
        return is_empty

    def _empty(self, name: str) -> bool:
        """Evicts whoever is left; true when nobody is."""
        if self.kube.get(f"/api/v1/nodes/{name}") is None:
            return True
        self.kube.merge(f"/api/v1/nodes/{name}", {"spec": {"unschedulable": True}})
        left = list(self._left(name))
        for pod in left:
            if "deletionTimestamp" not in pod["metadata"]:
                self._evict(pod["metadata"])
        return not left

    def _left(self, name: str) -> Iterator[Json]:
        listed = self.kube.get(f"/api/v1/pods?fieldSelector=spec.nodeName%3D{name}") or {}
        for pod in listed.get("items", ()):
            owners = pod["metadata"].get("ownerReferences", ())
            is_everywhere = any(owner["kind"] in ("DaemonSet", "Node") for owner in owners)
            if not is_everywhere and pod["status"].get("phase") not in ("Succeeded", "Failed"):
                yield pod

    def _evict(self, metadata: Json) -> None:
        where = {"name": metadata["name"], "namespace": metadata["namespace"]}
        path = f"/api/v1/namespaces/{where['namespace']}/pods/{where['name']}/eviction"
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": where}
        try:
            self.kube.create(path, eviction)
        except ApiError as fault:
            if fault.status not in (_GONE, _BLOCKED):
                raise


def seconds(duration: str) -> float:
    """The length of an ISO 8601 duration of hours, minutes and seconds."""
    found = _GRACE.fullmatch(duration)
    if found is None:
        raise LabError(f"evictionGraceDuration: is not a duration, got {duration!r}; write PT5M")
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return float(hours * 3600 + minutes * 60 + rest)
