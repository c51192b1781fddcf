"""The machines as the cloud sees them, and a stand-in that only records what is asked."""

from __future__ import annotations

from typing import Protocol

from lab.hosts.observed import ClusterState, NodeState, Observed
from lab.hosts.spec import Estate


class Machines(Protocol):
    """What `lab.hosts.Hosts` offers to the worker."""

    def apply(self, estate: Estate) -> None:
        """Makes the machines as the estate says."""

    def observe(self) -> Observed:
        """Looks at them."""


class RecordedMachines:
    """Takes every estate, and shows all of it as ready at once.

    For the development mode and for tests of the API: nothing runs.
    """

    def __init__(self, ca_pem: str = "") -> None:
        self.ca_pem = ca_pem
        self.estates: list[Estate] = []

    def apply(self, estate: Estate) -> None:
        self.estates.append(estate)

    def observe(self) -> Observed:
        estate = self.estates[-1] if self.estates else Estate()
        return Observed(
            clusters={
                cluster.id: ClusterState(is_ready=True, ca_pem=self.ca_pem)
                for cluster in estate.control_planes
            },
            nodes={node.id: NodeState(is_ready=True) for node in estate.nodes},
            balancers={
                balancer.id: {
                    listener.name: dict.fromkeys(listener.backends, True)
                    for listener in balancer.listeners
                }
                for balancer in estate.load_balancers
            },
        )
