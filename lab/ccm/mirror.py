"""A copy of one kind of objects in a cluster, kept up to date by a watch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from threading import Event, Lock, Thread
from typing import Any, Protocol

from lab.cloud.records import Json
from lab.errors import LabError
from lab.hosts.api import ApiError

log = logging.getLogger("lab.ccm")

PAUSE_SECONDS = 1.0
"""Between two tries to reach an API server."""


class Kube(Protocol):
    """What a controller needs of `lab.hosts.api.ApiClient`; faults are `ApiError`."""

    def get(self, path: str) -> Any:
        """An object or a list; None if there is none."""

    def watch(self, path: str, version: str) -> Iterator[Any]:
        """The changes of a list since a version, as long as the connection holds."""

    def merge(self, path: str, patch: Json) -> None:
        """Changes some fields of an object."""

    def create(self, path: str, document: Json) -> None:
        """Makes an object in the list at the path."""


class Mirror:
    """The objects at a path, by their uid."""

    def __init__(self, kube: Kube, path: str, changed: Callable[[], None]) -> None:
        self._kube = kube
        self._path = path
        self._changed = changed
        self._objects: dict[str, Json] = {}
        self._lock = Lock()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=f"mirror {path}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends at the next change or the end of the watch; nobody waits for that."""
        self._stopping.set()

    def objects(self) -> list[Json]:
        with self._lock:
            return list(self._objects.values())

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.follow()
            except (ApiError, LabError, OSError) as fault:
                log.debug("%s: %s", self._path, fault)
                self._stopping.wait(PAUSE_SECONDS)

    def follow(self) -> None:
        """Lists, then takes the changes until the watch ends."""
        listed = self._kube.get(self._path)
        if listed is None:
            raise ApiError(0, f"{self._path}: the API server has no such list yet")
        with self._lock:
            self._objects = {item["metadata"]["uid"]: item for item in listed["items"]}
        self._changed()
        for change in self._kube.watch(self._path, listed["metadata"]["resourceVersion"]):
            if self._stopping.is_set() or change["type"] == "ERROR":
                return
            if change["type"] != "BOOKMARK":
                self._take(change)

    def _take(self, change: Json) -> None:
        item = change["object"]
        with self._lock:
            if change["type"] == "DELETED":
                self._objects.pop(item["metadata"]["uid"], None)
            else:
                self._objects[item["metadata"]["uid"]] = item
        self._changed()
