"""Waits for an object: until its rule is content, or until it is gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from lab.plugins.base.errors import PluginError
from lab.plugins.base.provider import Call
from lab.plugins.base.values import Properties
from lab.plugins.kubernetes.api_errors import ApiError
from lab.plugins.kubernetes.client import Client
from lab.plugins.kubernetes.discovery import Discovery, Resource
from lab.plugins.kubernetes.kinds import Kind
from lab.plugins.kubernetes.objects import TIMEOUT_SECONDS, annotation, dig, name_of, namespace_of
from lab.plugins.kubernetes.readiness import Phase, Related, Rule, Verdict
from lab.plugins.kubernetes.troubles import explain

DEFAULT_TIMEOUT_S = 600.0
# A change of the object itself ends a pause at once; what else a rule looks at has to be asked for.
PAUSE_S = 2.0


class NotReadyError(PluginError):
    """The object exists but failed, or was not ready in time; `live` is its last state."""

    def __init__(self, reasons: list[str], live: Properties) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons
        self.live = live


def time_limit(call: Call, inputs: Properties) -> float:
    """Seconds that an operation may take: customTimeouts, the annotation, or ten minutes."""
    if call.timeout:
        return call.timeout
    try:
        return float(annotation(inputs, TIMEOUT_SECONDS) or DEFAULT_TIMEOUT_S)
    except ValueError:
        return DEFAULT_TIMEOUT_S


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """One operation's wait for objects of one kind."""

    client: Client
    discovery: Discovery
    call: Call
    resource: Resource
    limit: float
    clock: Callable[[], float] = time.monotonic

    def until_ready(self, live: Properties, rule: Rule) -> Properties:
        """The object once the rule calls it ready."""
        path = self.resource.path(namespace_of(live), name_of(live))
        while True:
            verdict = self.judge(live, rule)
            if verdict.phase is Phase.READY:
                return live
            if verdict.phase is Phase.FAILED:
                raise self._not_ready(verdict.reason, live)
            self._pause(live, verdict.reason)
            current = self.client.find(path)
            if current is None:
                raise NotReadyError([f"{path}: deleted by somebody else while waiting"], live)
            live = current

    def judge(self, live: Properties, rule: Rule) -> Verdict:
        """What the rule says at this moment."""
        return rule(live, self._related(live))

    def until_gone(self, live: Properties) -> None:
        """Return once the object does not exist; one that took its name since does not count."""
        path = self.resource.path(namespace_of(live), name_of(live))
        uid = dig(live, "metadata", "uid")
        while True:
            current = self.client.find(path)
            if current is None or dig(current, "metadata", "uid") != uid:
                return
            self._pause(current, "; ".join(_obstacles(current)) or "terminating")

    def _pause(self, live: Properties, reason: str) -> None:
        self.call.report(reason)
        if self.call.cancelled.is_set():
            raise NotReadyError([f"cancelled; last state: {reason}"], live)
        left = self.call.started + self.limit - self.clock()
        if left <= 0:
            raise self._not_ready(f"not ready after {self.limit:g} s: {reason}", live)
        self._until_change(live, min(left, PAUSE_S))

    def _until_change(self, live: Properties, seconds: float) -> None:
        query = {
            "fieldSelector": f"metadata.name={name_of(live)}",
            "resourceVersion": str(dig(live, "metadata", "resourceVersion") or ""),
        }
        collection = self.resource.collection(namespace_of(live))
        try:
            next(iter(self.client.watch(collection, query, seconds)), None)
        except ApiError:
            # A kind that cannot be watched, or a version too old to watch from: poll instead.
            self.client.sleep(min(seconds, 1.0))

    def _not_ready(self, reason: str, live: Properties) -> NotReadyError:
        return NotReadyError([reason, *explain(self.client, live)], live)

    def _related(self, live: Properties) -> Related:
        name, namespace = name_of(live), namespace_of(live)
        if live.get("kind") == "Service" and dig(live, "spec", "selector"):
            slices = self.discovery.resource(Kind("discovery.k8s.io/v1", "EndpointSlice"))
            query = {"labelSelector": f"kubernetes.io/service-name={name}"}
            return list(self.client.get(slices.collection(namespace), query).get("items") or ())
        if live.get("kind") == "PersistentVolumeClaim":
            return self._storage_classes(dig(live, "spec", "storageClassName"))
        return ()

    def _storage_classes(self, name: str | None) -> Related:
        classes = self.discovery.resource(Kind("storage.k8s.io/v1", "StorageClass"))
        found = self.client.find(classes.path(None, name)) if name else None
        return [found] if found else []


def _obstacles(live: Properties) -> list[str]:
    """What keeps an object from going away."""
    finalizers = [
        *(dig(live, "metadata", "finalizers") or ()),
        *(dig(live, "spec", "finalizers") or ()),
    ]
    words = [f"waits for finalizer {item}" for item in finalizers]
    for item in dig(live, "status", "conditions") or ():
        if item.get("status") == "True" and item.get("type", "").startswith("Namespace"):
            words.append(str(item.get("message")))
    return words
