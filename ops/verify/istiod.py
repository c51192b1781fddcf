"""Judges what istiod says of its proxies and clusters; pure.

The answers are those of its debug endpoints `syncz` and `clusterz`, which need no istioctl.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from ops.verify.checks import Check, Kind, judged
from ops.verify.document import Cluster

SYNCED: Final = "synced"
# What every proxy asks for; routes and endpoints only where its listeners name some.
_ALWAYS: Final = ("cluster", "listener")
_SOMETIMES: Final = ("route", "endpoint")
# What a proxy has not taken for that long is stuck; a pod that comes or goes takes less.
_STUCK: Final = timedelta(seconds=60)
_MINOR: Final = re.compile(r"(\d+)\.(\d+)")

Entry = Mapping[str, Any]


def proxy_faults(entry: Entry) -> list[str]:
    """Return what is wrong with one proxy of `syncz`."""
    faults = [f"has no {part} configuration" for part in _ALWAYS if not entry.get(f"{part}_sent")]
    for part in (*_ALWAYS, *_SOMETIMES):
        sent = entry.get(f"{part}_sent", "")
        if sent and sent != entry.get(f"{part}_acked", ""):
            faults.append(f"has not taken the latest {part} configuration")
    return [*faults, *_refusals(entry)]


def stuck_faults(entry: Entry, now: datetime) -> list[str]:
    """Return what will stay wrong with a proxy that may just be coming or going."""
    kinds = [
        kind.rpartition(".")[2]
        for kind, resource in _resources(entry)
        if resource.get("sent", "") != resource.get("acked", "")
        and now - datetime.fromisoformat(resource["sentTime"]) > _STUCK
    ]
    late = [f"has not taken {kind} for more than {_STUCK.seconds} s" for kind in sorted(kinds)]
    return [*late, *_refusals(entry)]


def _refusals(entry: Entry) -> Iterator[str]:
    for _, resource in _resources(entry):
        if resource.get("lastError"):
            yield f"refused its configuration: {resource['lastError']}"


def _resources(entry: Entry) -> Iterable[tuple[str, Mapping[str, str]]]:
    return (entry.get("resources") or {}).items()


def entries_of(cluster: Cluster, answers: Iterable[Sequence[Entry]]) -> dict[str, Entry]:
    """Return the proxies of a cluster by `name.namespace`.

    Args:
        cluster: The cluster.
        answers: Of `syncz`, from every istiod of the mesh; a proxy is connected to one of them.
    """
    return {
        entry["proxy"]: entry
        for answer in answers
        for entry in answer
        if entry.get("cluster_id") == cluster.name
    }


def judge_proxies(
    cluster: Cluster, proxies: Mapping[str, Entry], *, expected: Collection[str], now: datetime
) -> Check:
    """Return whether the proxies of a cluster are connected and up to date.

    Args:
        cluster: The cluster.
        proxies: All that are connected, the user's too, by `name.namespace`.
        expected: The program's own, which have to be there and up to date.
        now: With a time zone.
    """
    faults = [f"{name} is connected to no istiod" for name in sorted({*expected} - {*proxies})]
    for name, entry in sorted(proxies.items()):
        found = proxy_faults(entry) if name in expected else stuck_faults(entry, now)
        faults += [f"{name} {fault}" for fault in found]
    return judged(
        Kind.PROXIES,
        cluster.key,
        faults,
        remedy="look at the log of the proxy and of the istiod that serves it",
    )


def judge_versions(cluster: Cluster, proxies: Mapping[str, Entry], *, wanted: str) -> Check:
    """Return whether no proxy is newer than the control plane, nor more than one minor older.

    Args:
        cluster: The cluster.
        proxies: All that are connected, by `name.namespace`.
        wanted: Istio's version in the outputs.
    """
    allowed = _minor(wanted)
    faults = []
    for name, entry in sorted(proxies.items()):
        version = entry.get("istio_version", "")
        found = _minor(version)
        # A client without a sidecar, such as one of gRPC's, has no version of Istio.
        if found and allowed and found not in (allowed, (allowed[0], allowed[1] - 1)):
            faults.append(f"{name} is of {version}")
    return judged(
        Kind.VERSIONS,
        cluster.key,
        faults,
        remedy=f"Istio {wanted} serves its own minor and the one before: restart those workloads",
    )


def _minor(version: str) -> tuple[int, int] | None:
    found = _MINOR.match(version)
    return (int(found[1]), int(found[2])) if found else None


def judge_clusters(
    cluster: Cluster, *, expected: Iterable[Cluster], answers: Mapping[str, Sequence[Entry]]
) -> Check:
    """Return whether every istiod of a primary reads every cluster of the mesh.

    Args:
        cluster: The primary.
        expected: All clusters of the mesh; one that is leaving may be known for a while.
        answers: Of `clusterz`, by the name of the pod.
    """
    wanted = {other.name for other in expected}
    faults = [] if answers else ["there is no istiod"]
    for pod, answer in sorted(answers.items()):
        states = {e["id"]: e.get("syncStatus", "") for e in answer if e["id"] in wanted}
        faults += [f"{pod} does not know {name}" for name in sorted(wanted - {*states})]
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
