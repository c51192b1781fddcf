"""Work requests: what became of an operation on a cluster or a node pool."""

from __future__ import annotations

from lab.cloud.ids import now
from lab.cloud.store import Json, Record, Store

KIND = "clustersworkrequest"

_DONE = {"CREATE": "CREATED", "UPDATE": "UPDATED", "DELETE": "DELETED", "CYCLING": "UPDATED"}
_PATHS = {"cluster": "clusters", "nodepool": "nodePools"}


def accept(store: Store, target: Record, operation: str) -> Record:
    """A work request that lasts as long as its target is in a passing state."""
    body: Json = {
        "operationType": operation,
        "status": "IN_PROGRESS",
        "compartmentId": target.body["compartmentId"],
        "resources": [
            {
                "actionType": "IN_PROGRESS",
                "entityType": target.kind,
                "identifier": target.id,
                "entityUri": f"/{_PATHS[target.kind]}/{target.id}",
            }
        ],
        "timeAccepted": now(),
        "timeStarted": now(),
    }
    return store.create(KIND, target.region, body, logs=[_entry(f"{operation} accepted.")])


def look(store: Store, request: Record) -> Record:
    """Brings a work request up to what its target is now."""
    if request.body["status"] != "IN_PROGRESS":
        return request
    resource = request.body["resources"][0]
    target = store.get(resource["entityType"], resource["identifier"])
    if any(p.field == "lifecycleState" for p in target.pending):
        return request
    failed = target.state == "FAILED"
    verb = str(request.body["operationType"]).rpartition("_")[2]
    resource["actionType"] = "FAILED" if failed else _DONE[verb]
    request.body |= {"status": "FAILED" if failed else "SUCCEEDED", "timeFinished": now()}
    request.hidden["logs"].append(_entry(f"{request.body['operationType']} finished."))
    store.touch()
    return request


def errors(store: Store, request: Record) -> list[Json]:
    """Why it failed."""
    resource = look(store, request).body["resources"][0]
    if request.body["status"] != "FAILED":
        return []
    target = store.get(resource["entityType"], resource["identifier"])
    return [
        {
            "code": "ProvisioningFailed",
            "message": target.body.get("lifecycleDetails", "Unknown."),
            "timestamp": request.body["timeFinished"],
        }
    ]


def _entry(message: str) -> Json:
    return {"message": message, "timestamp": now()}
