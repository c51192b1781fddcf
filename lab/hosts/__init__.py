"""The hosts of the lab: what the OCI API models ask for exists on this machine.

`Hosts(paths)` has `apply(estate)`, `observe()`, `client(cluster_id)` and `clear()`.
"""

from lab.hosts.api import ApiClient, ApiError
from lab.hosts.observed import ClusterState, NodeState, Observed
from lab.hosts.reconcile import Hosts

__all__ = ["ApiClient", "ApiError", "ClusterState", "Hosts", "NodeState", "Observed"]
