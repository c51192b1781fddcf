"""Reads and judges what istiod says of its proxies and clusters; pure.

The answers are those of its debug endpoints `syncz` and `clusterz`, which need no istioctl.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ops.verify.checks import Check, Kind, judged
from ops.verify.document import Cluster

SYNCED: Final = "synced"
# What every proxy asks for; routes and endpoints only where its listeners name some.
_ALWAYS: Final = ("cluster", "listener")
_SOMETIMES: Final = ("route", "endpoint")

Entry = Mapping[str, Any]


def proxy_faults(entry: Entry) -> list[str]:
    """Return what is wrong with one proxy of `syncz`."""
    faults = [f"has no {part} configuration" for part in _ALWAYS if not entry.get(f"{part}_sent")]
    for part in (*_ALWAYS, *_SOMETIMES):
        sent = entry.get(f"{part}_sent", "")
        if sent and sent != entry.get(f"{part}_acked", ""):
            faults.append(f"has not taken the latest {part} configuration")
    for resource in (entry.get("resources") or {}).values():
        if resource.get("lastError"):
            faults.append(f"refused its configuration: {resource['lastError']}")
    return faults


def judge_proxies(
    cluster: Cluster, *, expected: Iterable[str], answers: Iterable[Sequence[Entry]]
) -> Check:
    """Return whether all proxies of a cluster are connected and up to date.

    Args:
        cluster: The cluster.
        expected: Its pods with a proxy, as `name.namespace`.
        answers: Of `syncz`, from every istiod of the mesh; a proxy is connected to one of them.
    """
    own = {
        entry["proxy"]: entry
        for answer in answers
        for entry in answer
        if entry.get("cluster_id") == cluster.name
    }
    faults = [f"{proxy} is connected to no istiod" for proxy in sorted({*expected} - {*own})]
    for proxy, entry in sorted(own.items()):
        faults += [f"{proxy} {fault}" for fault in proxy_faults(entry)]
    return judged(
        Kind.PROXIES,
        cluster.key,
        faults,
        remedy="look at the log of the proxy and of the istiod that serves it",
    )


def judge_clusters(
    cluster: Cluster, *, expected: Iterable[Cluster], answers: Mapping[str, Sequence[Entry]]
) -> Check:
    """Return whether every istiod of a primary reads every cluster of the mesh.

    Args:
        cluster: The primary.
        expected: All clusters of the mesh.
        answers: Of `clusterz`, by the name of the pod.
    """
    faults = [] if answers else ["there is no istiod"]
    for pod, answer in sorted(answers.items()):
        states = {entry["id"]: entry.get("syncStatus", "") for entry in answer}
        missing = sorted({other.name for other in expected} - {*states})
        faults += [f"{pod} does not know {name}" for name in missing]
        late = sorted((name, state) for name, state in states.items() if state != SYNCED)
        faults += [f"{pod} has {name} as {state or 'unknown'}" for name, state in late]
    return judged(
        Kind.REMOTE_CLUSTERS,
        cluster.key,
        faults,
        remedy=(
            f"look at the Secrets with the label istio/multiCluster in {cluster.name}: is the "
            "cluster's there, is its server reachable from here, and is its token still valid"
        ),
    )
