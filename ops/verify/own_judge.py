"""Judges how the clusters of a mesh reach a service of one's own; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from ops.verify.checks import Check, Kind, judged, skipped
from ops.verify.document import Cluster, Mesh
from ops.verify.envoy import Transport
from ops.verify.kubernetes import Pod
from ops.verify.own_client import Asked
from ops.verify.traffic import GATEWAY_PORT, Pair, judge_mtls, judge_path


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The Service in one cluster."""

    cluster: Cluster
    port: int
    pods: tuple[Pod, ...]
    """Those behind it that are ready."""

    @property
    def versions(self) -> tuple[str, ...]:
        """What its pods call themselves: their versions, else their apps."""
        labels = [pod.labels for pod in self.pods]
        return tuple(sorted({of.get("version") or of.get("app") or "pods" for of in labels}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What one client's requests showed."""

    pairs: tuple[Pair, ...]
    checks: tuple[Check, ...]


def judge(mesh: Mesh, client: Place, *, asked: Asked, places: Mapping[str, Place]) -> Judged:
    """Return the pairs of one client, and whether each is as the mesh should have it.

    Args:
        mesh: All clusters.
        client: Where the requests came from.
        asked: What they showed.
        places: The Service in each cluster that has it.
    """
    pairs = [_pair(client.cluster, place, asked) for place in places.values()]
    used = [pair for pair in pairs if pair.count]
    checks = (
        _answers(client.cluster, asked),
        *(judge_path(mesh, pair, asked.growth) for pair in used),
        *(judge_mtls(mesh, pair) for pair in used),
        _nowhere(client.cluster, asked, used),
        *(
            _unused(mesh, client.cluster, places[pair.server], asked=asked)
            for pair in pairs
            if not pair.count and places[pair.server].pods
        ),
    )
    return Judged(pairs=tuple(pairs), checks=checks)


def _pair(client: Cluster, server: Place, asked: Asked) -> Pair:
    direct = [end for end, n in asked.growth.items() if n > 0 and _is_pod_of(server, end)]
    ends = [*direct, *(end for end in _ways(client, server) if asked.growth.get(end, 0) > 0)]
    transports = [asked.transports.get(end, Transport(is_mtls=False)) for end in ends]
    path = "local" if client.key == server.cluster.key else "direct"
    return Pair(
        client=client.key,
        server=server.cluster.key,
        count=sum(asked.growth[end] for end in ends),
        versions=server.versions,
        path=("gateway" if not direct else path) if ends else "",
        endpoints=tuple(ends),
        is_mtls=bool(ends) and all(transport.is_mtls for transport in transports),
        peers=tuple(sorted({peer for transport in transports for peer in transport.peers})),
    )


def _ways(client: Cluster, server: Place) -> list[str]:
    """Return the endpoints of the gateways into the server's cluster, for another network."""
    if client.network == server.cluster.network:
        return []
    known = (server.cluster.east_west_address, *server.cluster.ways_in)
    return [f"{address}:{GATEWAY_PORT}" for address in dict.fromkeys(known) if address]


def _is_pod_of(server: Place, endpoint: str) -> bool:
    return endpoint.rpartition(":")[0] in {pod.address for pod in server.pods}


def _answers(client: Cluster, asked: Asked) -> Check:
    answers = asked.answers
    missing = answers.asked - answers.answered
    last = answers.last_fault or "nothing came back"
    return judged(
        Kind.ANSWERS,
        client.key,
        [f"{answers.answered} of {answers.asked} answered, the last other: {last}"]
        if missing
        else [],
        remedy="look at its pods and policies, and at port 15443 between the clusters",
    )


def _nowhere(client: Cluster, asked: Asked, used: list[Pair]) -> Check:
    """Return whether every request went to a pod or a gateway that is known."""
    known = {end for pair in used for end in pair.endpoints}
    strange = {end: n for end, n in asked.growth.items() if n > 0 and end not in known}
    return judged(
        Kind.PATH,
        f"{client.key} -> elsewhere",
        [f"{n} requests went to {end}" for end, n in sorted(strange.items())],
        remedy="that is neither a ready pod of the Service nor an east-west gateway of the outputs",
    )


def _unused(mesh: Mesh, client: Cluster, server: Place, *, asked: Asked) -> Check:
    """Return whether the client knows a way to pods that no request went to."""
    name = f"{client.key} -> {server.cluster.key}"
    gateways = [f"{a}:{GATEWAY_PORT}" for a in mesh.gateways_into(server.cluster.network)]
    near = client.network == server.cluster.network
    known = [end for end in asked.growth if (_is_pod_of(server, end) if near else end in gateways)]
    if known:
        seen = f"no request went there; its load balancing knows {', '.join(known)}"
        return skipped(Kind.PATH, name, seen=seen)
    return judged(
        Kind.ENDPOINTS,
        name,
        [f"the proxy of the client knows no way to {len(server.pods)} ready pods"],
        remedy="look at the remote clusters that istiod reads, and at mesh.eastWest.hosts",
    )
