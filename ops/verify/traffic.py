"""Judges where the answers of helloworld came from and how they got there; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ops.verify.answers import (
    PORT,
    REQUESTS_TO_SINGLE,
    SERVICE,
    Answers,
    Homes,
    count_by_cluster,
)
from ops.verify.certificates import in_domain
from ops.verify.checks import Check, Kind, failed, judged, passed
from ops.verify.document import Cluster, Mesh
from ops.verify.envoy import Transport
from ops.verify.kubernetes import SAMPLE, Pod

OUTBOUND: Final = f"outbound|{PORT}||{SERVICE}"
"""Envoy's name of the service."""
GATEWAY_PORT: Final = 15443


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What was seen of one client's requests."""

    answers: Answers
    growth: Mapping[str, int]
    """Requests by endpoint of the client's proxy."""
    transports: Mapping[str, Transport]
    """By the same endpoints."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """What went from the client of one cluster to helloworld of another."""

    client: str
    server: str
    count: int
    versions: tuple[str, ...]
    """Those that run in the server's cluster."""
    path: str
    """`local`, `direct` or `gateway`; empty if nothing went there."""
    endpoints: tuple[str, ...]
    """That the requests passed."""
    is_mtls: bool
    peers: tuple[str, ...]
    """The identities that the client accepts there."""

    @property
    def name(self) -> str:
        """Return how the pair is shown."""
        return f"{self.client} -> {self.server}"


def build_pairs(
    mesh: Mesh, client: Cluster, *, seen: Seen, pods: Mapping[str, Sequence[Pod]]
) -> tuple[Pair, ...]:
    """Return what went from `client` to each cluster.

    Args:
        mesh: All clusters.
        client: The one whose client asked.
        seen: What its client and its proxy saw.
        pods: Those of helloworld, by cluster key.
    """
    homes = {pod.name: key for key, found in pods.items() for pod in found}
    counts = count_by_cluster(seen.answers, homes)
    return tuple(
        _pair(mesh, client, server, seen=seen, pods=pods, count=counts[server.key])
        for server in mesh.clusters.values()
    )


def _direct(
    mesh: Mesh, client: Cluster, server: Cluster, *, pods: Mapping[str, Sequence[Pod]]
) -> list[str]:
    """Return the endpoints that are pods of `server`, as the client's proxy sees them.

    Pods on different networks may have one address, as with flannel; it then means the near one.
    """
    theirs = {pod.address: f"{pod.address}:{PORT}" for pod in pods.get(server.key, ())}
    if server.network != client.network:
        for key, found in pods.items():
            if mesh.clusters[key].network == client.network:
                for pod in found:
                    theirs.pop(pod.address, None)
    return list(theirs.values())


def _pair(
    mesh: Mesh,
    client: Cluster,
    server: Cluster,
    *,
    seen: Seen,
    pods: Mapping[str, Sequence[Pod]],
    count: int,
) -> Pair:
    gateways = [f"{address}:{GATEWAY_PORT}" for address in mesh.gateways_into(server.network)]
    direct = _direct(mesh, client, server, pods=pods)
    used = [address for address in (*direct, *gateways) if seen.growth.get(address, 0) > 0]
    is_direct = any(address in direct for address in used)
    near = "local" if client.key == server.key else "direct"
    transports = [seen.transports.get(address, Transport(is_mtls=False)) for address in used]
    return Pair(
        client=client.key,
        server=server.key,
        count=count,
        versions=tuple(
            sorted({pod.labels.get("version", "?") for pod in pods.get(server.key, ())})
        ),
        path=(near if is_direct else "gateway") if used else "",
        endpoints=tuple(used),
        is_mtls=bool(used) and all(transport.is_mtls for transport in transports),
        peers=tuple(sorted({peer for transport in transports for peer in transport.peers})),
    )


def judge_answers(client: str, answers: Answers, pairs: Iterable[Pair]) -> Check:
    """Return whether every request was answered, and every cluster took part."""
    return judged(
        Kind.ANSWERS,
        client,
        _answer_faults(answers, {pair.server: pair.count for pair in pairs}),
        remedy=(
            "if only the client's own cluster answers, look at the remote clusters above; if "
            "requests fail, at port 15443: load balancer, route rules and NSG rules between the "
            "clusters"
        ),
    )


def judge_ingress(cluster: Cluster, answers: Answers, counts: Mapping[str, int]) -> Check:
    """Return whether every cluster answers through an ingress gateway."""
    return judged(
        Kind.INGRESS,
        cluster.key,
        _answer_faults(answers, counts),
        remedy=(
            f"look at the load balancer {cluster.ingress_address}: its backends, the NSG rule for "
            "port 80 from here, and the VirtualService helloworld in the namespace sample"
        ),
    )


def _answer_faults(answers: Answers, counts: Mapping[str, int]) -> list[str]:
    faults = []
    if answers.answered < answers.asked:
        last = answers.last_fault or "nothing came back"
        faults.append(f"{answers.answered} of {answers.asked} answered, the last other: {last}")
    faults += [f"no answer from {server}" for server, count in counts.items() if not count]
    strangers = answers.answered - sum(counts.values())
    # Among them are those of a cluster that is leaving: it may go once nobody is sent there.
    faults += [f"{strangers} answers from pods of no cluster of the mesh"] if strangers else []
    return faults


def judge_path(mesh: Mesh, pair: Pair, growth: Mapping[str, int]) -> Check:
    """Return whether the requests of a pair took the way that the networks ask for."""
    client, server = mesh.clusters[pair.client], mesh.clusters[pair.server]
    is_near = client.network == server.network
    carried = sum(growth[endpoint] for endpoint in pair.endpoints)
    faults = []
    if carried < pair.count:
        other = {end: count for end, count in growth.items() if count and end not in pair.endpoints}
        went = ", ".join(f"{count} to {end}" for end, count in sorted(other.items()))
        faults.append(
            f"{pair.count} answers, but its endpoints got {carried} requests; others went "
            f"{went or 'nowhere'}"
        )
    elif pair.path == "gateway" and is_near:
        faults.append(f"went through {', '.join(pair.endpoints)}, although the network is the same")
    elif pair.path in ("local", "direct") and not is_near:
        faults.append(f"went to {', '.join(pair.endpoints)}, not through an east-west gateway")
    return judged(
        Kind.PATH,
        pair.name,
        faults,
        remedy=(
            "compare topology.istio.io/network on the namespace istio-system and on the Service "
            f"istio-eastwestgateway of {server.name} with the settings, and its address with the "
            "endpoints in `istioctl proxy-config endpoints`"
        ),
    )


def judge_mtls(mesh: Mesh, pair: Pair) -> Check:
    """Return whether the client's proxy speaks mutual TLS, and to the mesh's identities only."""
    faults = [] if pair.is_mtls else [f"plaintext to {', '.join(pair.endpoints)}"]
    strangers = [peer for peer in pair.peers if not in_domain(peer, mesh.trust_domain)]
    faults += [f"takes {peer}, not of {mesh.trust_domain}" for peer in strangers]
    if not faults:
        return passed(Kind.MTLS, pair.name, ", ".join(pair.peers))
    return failed(
        Kind.MTLS,
        pair.name,
        seen="; ".join(faults),
        remedy=(
            "look for a DestinationRule that sets tls.mode for helloworld, at the label "
            "security.istio.io/tlsMode of its pods, and at the identities above"
        ),
    )


def judge_single(client: Cluster, server: Cluster, *, answers: Answers, homes: Homes) -> Check:
    """Return whether a service that only `server` has answers a client elsewhere.

    Where a service has pods in several clusters, what is wrong in one of them can hide: a client
    then accepts the identities of all of them, and asks another when one does not answer.
    """
    host = f"helloworld-in-{server.key}.{SAMPLE}.svc.cluster.local"
    count = count_by_cluster(answers, homes)[server.key]
    fault = f"{count} of {REQUESTS_TO_SINGLE} requests to {host} answered by its pods"
    last = answers.fault_by_host.get(host)
    return judged(
        Kind.SINGLE,
        f"{client.key} -> {server.key}",
        [f"{fault}, the last other: {last}" if last else fault]
        if count < REQUESTS_TO_SINGLE
        else [],
        remedy=(
            "a certificate that is refused means an identity outside of the trust domain, no "
            f"route that the istiod of {client.key} does not see the Services of {server.name}: "
            "look at the identities, endpoints and credentials above"
        ),
    )
