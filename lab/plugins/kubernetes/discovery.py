"""Asks the API server which path a kind has and whether it has namespaces."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from lab.plugins.base.errors import PluginError
from lab.plugins.kubernetes.client import Client
from lab.plugins.kubernetes.kinds import CLUSTER_SCOPED, Kind

DEFAULT_NAMESPACE = "default"


class UnknownKindError(PluginError):
    """The API server does not serve the kind, perhaps not yet."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Where the objects of a kind live."""

    kind: Kind
    plural: str
    namespaced: bool

    def collection(self, namespace: str | None) -> str:
        """The path of all objects of a namespace (or of the cluster)."""
        root = "/apis" if self.kind.group else "/api"
        place = f"/namespaces/{namespace or DEFAULT_NAMESPACE}" if self.namespaced else ""
        return f"{root}/{self.kind.api_version}{place}/{self.plural}"

    def path(self, namespace: str | None, name: str) -> str:
        return f"{self.collection(namespace)}/{name}"


@dataclass(slots=True)
class Discovery:
    """Remembers what the server offers; asks again for a kind that it has not seen."""

    client: Client
    _versions: dict[str, dict[str, Resource]] = field(default_factory=dict)
    _announced: dict[tuple[str, str], bool] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def resource(self, kind: Kind) -> Resource:
        """The resource of a kind that is served now."""
        with self._lock:
            known = self._versions.get(kind.api_version, {})
            if kind.name not in known:
                known = self._versions[kind.api_version] = self._load(kind)
        if kind.name not in known:
            raise UnknownKindError(
                f"{kind}: not served by the API server; create its CustomResourceDefinition first"
            )
        return known[kind.name]

    def find(self, kind: Kind) -> Resource | None:
        try:
            return self.resource(kind)
        except UnknownKindError:
            return None

    def announce(self, group: str, kind: str, *, namespaced: bool) -> None:
        """Remembers the scope of a kind whose definition the program is about to create."""
        self._announced[(group, kind)] = namespaced

    def is_namespaced(self, kind: Kind) -> bool:
        """Whether objects of the kind have namespaces; a guess for one not served yet."""
        if found := self.find(kind):
            return found.namespaced
        return self.guess(kind)

    def guess(self, kind: Kind) -> bool:
        """The scope without asking the server."""
        announced = self._announced.get((kind.group, kind.name))
        return kind.name not in CLUSTER_SCOPED if announced is None else announced

    def _load(self, kind: Kind) -> dict[str, Resource]:
        root = "/apis" if kind.group else "/api"
        answer = self.client.find(f"{root}/{kind.api_version}") or {}
        return {
            item["kind"]: Resource(
                kind=Kind(kind.api_version, item["kind"]),
                plural=item["name"],
                namespaced=bool(item["namespaced"]),
            )
            for item in answer.get("resources", ())
            if "/" not in item["name"]
        }
