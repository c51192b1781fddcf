"""Judges what istiod believes of pods, by its debug endpoint `endpointShardz`; pure.

It has the endpoints of every service, apart for each cluster that istiod reads.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from ops.verify.answers import SERVICE
from ops.verify.certificates import in_domain
from ops.verify.checks import Check, Kind, judged
from ops.verify.document import Cluster, Mesh
from ops.verify.kubernetes import SAMPLE, Pod

Shards = Mapping[str, Mapping[str, Any]]
"""One answer: by host name and namespace."""

_HEALTHY: Final = 1


def judge_endpoints(
    reader: Cluster, *, pods: Mapping[str, Sequence[Pod]], answers: Mapping[str, Shards]
) -> Check:
    """Return whether every istiod of a primary knows the pods of helloworld in every cluster.

    Args:
        reader: The primary.
        pods: Those of the samples, by Istio's name of each cluster of the mesh.
        answers: By the name of istiod's pod.
    """
    faults = []
    for istiod, shards in sorted(answers.items()):
        known = shards.get(SERVICE, {}).get(SAMPLE, {}).get("Shards") or {}
        for name, found in pods.items():
            believed = _healthy(known.get(_shard(name)) or ())
            faults += [f"{istiod} {fault}" for fault in _differences(name, found, believed)]
    return judged(
        Kind.ENDPOINTS,
        reader.key,
        faults,
        remedy=(
            f"look at the log of istiod in {reader.name} for the cluster that is named; one that "
            "it lost, as some releases do (istio/istio#61043), it finds again after a restart"
        ),
    )


def _differences(name: str, pods: Sequence[Pod], believed: Collection[str]) -> Iterator[str]:
    servers = [pod for pod in pods if pod.labels.get("app") == "helloworld"]
    ready = {pod.address: pod.name for pod in servers if pod.is_ready}
    missing = sorted(ready[address] for address in {*ready} - {*believed})
    gone = sorted({*believed} - {pod.address for pod in servers})
    if missing:
        yield f"does not know {', '.join(missing)} of {name}"
    if gone:
        yield f"still has {', '.join(gone)} in {name}, where no pod of helloworld is"


def judge_expectations(mesh: Mesh, reader: Cluster, *, answers: Mapping[str, Shards]) -> Check:
    """Return whether every istiod of a primary expects identities of the trust domain only.

    Args:
        mesh: The mesh; clusters that are not in it may have another trust domain.
        reader: The primary.
        answers: By the name of istiod's pod.
    """
    names = {_shard(cluster.name): cluster.name for cluster in mesh.clusters.values()}
    faults = []
    for istiod, shards in sorted(answers.items()):
        strangers: dict[str, list[str]] = defaultdict(list)
        for host, shard, identity in _identities(shards):
            if shard in names and not in_domain(identity, mesh.trust_domain):
                strangers[names[shard]].append(f"{identity} for {host}")
        faults += [
            f"{istiod} expects {len(found)} endpoints of {name} outside of {mesh.trust_domain}, "
            f"such as {found[0]}"
            for name, found in sorted(strangers.items())
        ]
    return judged(
        Kind.IDENTITIES,
        f"{reader.key} expects",
        faults,
        remedy=(
            "look at trustDomain in the ConfigMap istio, or istio-<revision>, in istio-system of "
            "the cluster that is named: istiod takes it from there, and `cluster.local` if there "
            "is none"
        ),
    )


def _identities(shards: Shards) -> Iterator[tuple[str, str, str]]:
    """Yield host, shard and identity of each endpoint that has one."""
    for host, namespaces in sorted(shards.items()):
        for entry in namespaces.values():
            for shard, endpoints in (entry.get("Shards") or {}).items():
                for endpoint in endpoints or ():
                    if endpoint.get("ServiceAccount"):
                        yield host, shard, endpoint["ServiceAccount"]


def _healthy(endpoints: Sequence[Mapping[str, Any]]) -> set[str]:
    return {
        str(endpoint["Addresses"][0])
        for endpoint in endpoints
        if endpoint.get("HealthStatus") == _HEALTHY
    }


def _shard(name: str) -> str:
    return f"Kubernetes/{name}"
