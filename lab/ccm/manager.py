"""One controller for each cluster that has an API: started and stopped with the clusters."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Thread

from lab.ccm.balancer import Balancers
from lab.ccm.controller import Controller
from lab.ccm.drainer import Drainer
from lab.cloud.containerengine.records import Cluster
from lab.cloud.store import Store
from lab.errors import LabError
from lab.hosts.api import ApiClient

log = logging.getLogger("lab.ccm")

LOOK_SECONDS = 5.0
RUNNING = ("ACTIVE", "UPDATING")


class Manager:
    """Follows the clusters in the store."""

    def __init__(self, store: Store, client: Callable[[str], ApiClient]) -> None:
        self.store = store
        self.client = client
        store.drains = True
        self.controllers: dict[str, tuple[Controller, Drainer]] = {}
        self._stopping = False
        self._thread = Thread(target=self._run, name="ccm manager", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self.store.lock:
            self._stopping = True
            self.store.changed.notify_all()
        self._thread.join()
        for id_ in [*self.controllers]:
            self._end(id_)

    def _run(self) -> None:
        while True:
            with self.store.lock:
                if self._stopping:
                    return
                wanted = {c.id for c in self.store.find(Cluster) if c.lifecycle_state in RUNNING}
            for id_ in wanted - set(self.controllers):
                self._begin(id_)
            for id_ in set(self.controllers) - wanted:
                self._end(id_)
            with self.store.lock:
                if not self._stopping:
                    self.store.changed.wait(LOOK_SECONDS)

    def _begin(self, id_: str) -> None:
        try:
            kube = self.client(id_)
        except LabError as fault:
            # after a restart a cluster is known before its machines are
            log.info("cluster %s: %s", id_, fault)
            return
        controller = Controller(kube, Balancers(self.store, id_))
        drainer = Drainer(kube, self.store, id_)
        self.controllers[id_] = controller, drainer
        controller.start()
        drainer.start()
        log.info("following the Services of cluster %s", id_)

    def _end(self, id_: str) -> None:
        for part in self.controllers.pop(id_):
            part.stop()
