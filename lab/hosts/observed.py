"""What the hosts report of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Backend = tuple[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterState:
    """A control plane."""

    is_ready: bool
    ca_pem: str
    fault: str | None = None
    """What it said last, while it is not ready."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeState:
    """A kubelet, as its cluster's API tells."""

    is_ready: bool
    fault: str | None = None
    """The condition's message, while it is not ready."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Observed:
    """Everything by the ids of the estate that was applied last."""

    clusters: Mapping[str, ClusterState] = field(default_factory=dict)
    nodes: Mapping[str, NodeState] = field(default_factory=dict)
    balancers: Mapping[str, Mapping[str, Mapping[Backend, bool]]] = field(default_factory=dict)
    """Load balancer, listener, backend: whether its health check passes."""
    consoles: Mapping[str, str] = field(default_factory=dict)
    """What each computer has printed, by the id of its instance."""

    @property
    def is_ready(self) -> bool:
        """Whether every control plane and every node is."""
        return all(c.is_ready for c in self.clusters.values()) and all(
            n.is_ready for n in self.nodes.values()
        )
