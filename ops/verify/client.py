"""One client: asks helloworld, and its proxy how the requests went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ops.verify.answers import (
    REQUESTS_TO_SINGLE,
    Answers,
    Homes,
    count_by_cluster,
    curl_words,
    single_words,
)
from ops.verify.checks import Check, Kind, failed
from ops.verify.document import Cluster
from ops.verify.envoy import growth, requests_by_endpoint, transport_by_endpoint
from ops.verify.kubectl import KubectlError
from ops.verify.kubernetes import SAMPLE, Pod
from ops.verify.session import Session
from ops.verify.source import Source
from ops.verify.traffic import (
    OUTBOUND,
    Pair,
    Seen,
    build_pairs,
    judge_answers,
    judge_mtls,
    judge_path,
    judge_single,
)

# Envoy takes a regular expression here, in which a bar would part alternatives.
_NAMED: Final = f"name_regex={OUTBOUND.replace('|', '.')}"
_COUNTED: Final = "clusters?format=json"
_CONFIGURED: Final = f"config_dump?include_eds&{_NAMED}"

Pods = Mapping[str, Sequence[Pod]]
"""Those of the samples, by cluster key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What one client's requests showed."""

    answers: Answers
    checks: tuple[Check, ...]
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Client:
    """The pod from which a cluster's requests come."""

    session: Session
    cluster: Cluster
    pod: Pod

    @property
    def source(self) -> Source:
        return Source(
            kubectl=self.session.kubectl,
            context=self.cluster.name,
            namespace=self.pod.namespace,
            pod=self.pod.name,
            container="curl",
        )


def of_app(pods: Sequence[Pod], app: str) -> list[Pod]:
    """Return the ready pods of one of the samples, in order of their names."""
    found = (pod for pod in pods if pod.labels.get("app") == app and pod.is_ready)
    return sorted(found, key=lambda pod: pod.name)


def servers_in(pods: Pods) -> dict[str, Sequence[Pod]]:
    """Return the ready pods of helloworld, by cluster key."""
    return {key: of_app(found, "helloworld") for key, found in pods.items()}


def homes_of(servers: Pods) -> Homes:
    """Return the cluster of each pod of helloworld."""
    return {pod.name: key for key, found in servers.items() for pod in found}


def ask_client(session: Session, cluster: Cluster, pods: Pods) -> Outcome:
    """Return what the client in `cluster` saw."""
    answers = Answers(asked=session.requests)
    curls = of_app(pods[cluster.key], "curl")
    fault = f"there is no ready pod of curl in the namespace {SAMPLE}"
    if curls:
        try:
            client = _Client(session=session, cluster=cluster, pod=curls[0])
            return _asked(client, answers, servers_in(pods))
        except KubectlError as error:
            fault = str(error)
    remedy = f"look at `kubectl --context {cluster.name} get pods -n {SAMPLE}`"
    check = failed(Kind.ANSWERS, cluster.key, seen=fault, remedy=remedy)
    return Outcome(answers=answers, checks=(check,))


def _asked(client: _Client, answers: Answers, servers: Pods) -> Outcome:
    source = client.source
    before = requests_by_endpoint(source.admin(_COUNTED), OUTBOUND)
    _send(client, answers, homes_of(servers))
    after = requests_by_endpoint(source.admin(_COUNTED), OUTBOUND)
    transports = transport_by_endpoint(source.admin(_CONFIGURED), OUTBOUND)
    seen = Seen(answers=answers, growth=growth(before, after), transports=transports)
    mesh, cluster = client.session.mesh, client.cluster
    pairs = build_pairs(mesh, cluster, seen=seen, pods=servers)
    # A cluster that did not answer is one fault, not three.
    used = [pair for pair in pairs if pair.count]
    checks = (
        judge_answers(cluster.key, answers, pairs),
        *(judge_path(mesh, pair, seen.growth) for pair in used),
        *(judge_mtls(mesh, pair) for pair in used if pair.endpoints),
        *_singles(client, servers),
    )
    return Outcome(answers=answers, pairs=pairs, checks=checks)


def _send(client: _Client, answers: Answers, homes: Homes) -> None:
    progress, name = client.session.progress, f"from {client.cluster.key}"

    def on_line(line: str) -> None:
        if answers.feed(line):
            progress.update(name, told(name, answers, homes))

    client.source.send(curl_words(answers.asked), answers, on_line)
    progress.end(name, told(name, answers, homes))


def _singles(client: _Client, servers: Pods) -> list[Check]:
    """Return whether the services of one other cluster each answer."""
    mesh = client.session.mesh
    others = [mesh.clusters[key] for key in mesh.clusters if key != client.cluster.key]
    if not others:
        return []
    answers = Answers(asked=len(others) * REQUESTS_TO_SINGLE)
    client.source.send(single_words([other.key for other in others]), answers, answers.feed)
    homes = homes_of(servers)
    return [judge_single(client.cluster, o, answers=answers, homes=homes) for o in others]


def told(name: str, answers: Answers, homes: Homes) -> str:
    """Return how far a client has come, as a line of progress."""
    counts = sorted(count_by_cluster(answers, homes).items())
    shares = "".join(f", {count} by {key}" for key, count in counts)
    fault = f"; {answers.last_fault}" if answers.last_fault else ""
    return f"{name}: {answers.answered} of {answers.asked} answered{shares}{fault}"
