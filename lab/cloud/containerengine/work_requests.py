"""Work requests: what became of an operation on a cluster or a node pool."""

from __future__ import annotations

from lab.cloud.containerengine.records import Cluster, ClustersWorkRequest, NodePool, Touched
from lab.cloud.ids import now
from lab.cloud.records import Json
from lab.cloud.store import Store

_DONE = {"CREATE": "CREATED", "UPDATE": "UPDATED", "DELETE": "DELETED", "CYCLING": "UPDATED"}


def accept(store: Store, target: Cluster | NodePool, operation: str) -> ClustersWorkRequest:
    """A work request that lasts as long as its target is in a passing state."""
    path = "clusters" if isinstance(target, Cluster) else "nodePools"
    touched = Touched(
        entity_type=target.kind, identifier=target.id, entity_uri=f"/{path}/{target.id}"
    )
    request = ClustersWorkRequest(
        region=target.region,
        compartment_id=target.compartment_id,
        operation_type=operation,
        resources=[touched],
        logs=[_entry(f"{operation} accepted.")],
    )
    return store.keep(request)


def look(store: Store, request: ClustersWorkRequest) -> ClustersWorkRequest:
    """Brings a work request up to what its target is now."""
    if request.status != "IN_PROGRESS":
        return request
    target = _target(store, request)
    if any(p.field == "lifecycle_state" for p in target.pending):
        return request
    failed = target.lifecycle_state == "FAILED"
    verb = request.operation_type.rpartition("_")[2]
    request.resources[0].action_type = "FAILED" if failed else _DONE[verb]
    request.status = "FAILED" if failed else "SUCCEEDED"
    request.time_finished = now()
    request.logs.append(_entry(f"{request.operation_type} finished."))
    store.touch()
    return request


def errors(store: Store, request: ClustersWorkRequest) -> list[Json]:
    """Why it failed."""
    if request.status != "FAILED":
        return []
    return [
        {
            "code": "ProvisioningFailed",
            "message": _target(store, request).lifecycle_details or "Unknown.",
            "timestamp": request.time_finished,
        }
    ]


def _target(store: Store, request: ClustersWorkRequest) -> Cluster | NodePool:
    touched = request.resources[0]
    if touched.entity_type == Cluster.kind:
        return store.get(Cluster, touched.identifier)
    return store.get(NodePool, touched.identifier)


def _entry(message: str) -> Json:
    return {"message": message, "timestamp": now()}
