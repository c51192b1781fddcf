"""The stages that send traffic, in rounds: who is not answered as it should be is asked again."""

from collections.abc import Collection, Sequence

from ops.verify import web
from ops.verify.answers import Homes, count_by_cluster
from ops.verify.checks import Check, Kind, Status, none_failed, skipped
from ops.verify.client import Outcome, Pods, ask_client, homes_of, servers_in, told
from ops.verify.document import Cluster
from ops.verify.kubectl import KubectlError
from ops.verify.kubernetes import SAMPLE, Pod
from ops.verify.plaintext import attempt, judge_plaintext
from ops.verify.report import Gateway
from ops.verify.session import Session, for_each
from ops.verify.states import list_pods
from ops.verify.traffic import judge_ingress


def traffic(session: Session) -> tuple[dict[str, Outcome], Pods]:
    """Return what every client saw, and the samples' pods of the last round."""
    session.progress.note(f"traffic: {session.requests} requests from every cluster")
    outcomes: dict[str, Outcome] = {}

    def one_round() -> Pods:
        pods = _sample_pods(session)
        left = [
            cluster
            for key, cluster in session.mesh.clusters.items()
            if key not in outcomes or not none_failed(outcomes[key].checks)
        ]
        found = for_each(left, lambda cluster: ask_client(session, cluster, pods))
        outcomes.update(zip((cluster.key for cluster in left), found, strict=True))
        return pods

    last = session.deadline.settle(
        one_round, lambda _: all(none_failed(outcome.checks) for outcome in outcomes.values())
    )
    return {key: outcomes[key] for key in session.mesh.clusters}, last


def _sample_pods(session: Session) -> Pods:
    def ask(cluster: Cluster) -> Sequence[Pod]:
        try:
            return list_pods(session.kubectl, cluster, SAMPLE)
        except KubectlError:
            # Its clients are asked all the same, and then say why it cannot be reached.
            return ()

    clusters = session.mesh.clusters
    return dict(zip(clusters, for_each(clusters.values(), ask), strict=True))


def plaintext(session: Session, pods: Pods) -> tuple[Check, ...]:
    """Return whether plaintext to every cluster's helloworld gets what the mode says.

    A proxy knows a new mode a moment after istiod, so it is asked until it does.
    """
    session.progress.note("mutual TLS: asking for plaintext from outside the mesh")

    def ask(server: tuple[str, Sequence[Pod]]) -> Check:
        key, found = server
        if not found:
            return skipped(Kind.PLAINTEXT, key, seen="not measured: helloworld is not ready there")
        name = session.mesh.clusters[key].name

        def observe() -> Check:
            tried = attempt(session.kubectl, name, found[0])
            return judge_plaintext(key, session.mesh.mtls, tried)

        return session.deadline.settle(observe, lambda check: check.status is not Status.FAILED)

    return tuple(for_each(servers_in(pods).items(), ask))


def ingress(
    session: Session, pods: Pods, *, internal: Collection[str]
) -> tuple[dict[str, Gateway], tuple[Check, ...]]:
    """Return what came through every ingress gateway that can be reached from here.

    Args:
        session: The verification.
        pods: The samples' pods.
        internal: Keys of the clusters whose gateway has an internal load balancer.
    """
    session.progress.note(f"ingress: {session.requests} requests through every gateway")
    homes = homes_of(servers_in(pods))

    def ask(cluster: Cluster) -> tuple[Gateway | None, Check]:
        if cluster.key in internal:
            seen = f"{cluster.ingress_address} is internal, so it is not asked from here"
            return None, skipped(Kind.INGRESS, cluster.key, seen=seen)
        return session.deadline.settle(
            lambda: _through(session, cluster, homes), lambda found: none_failed((found[1],))
        )

    found = for_each(session.mesh.clusters.values(), ask)
    keyed = zip(session.mesh.clusters, found, strict=True)
    return {key: gate for key, (gate, _) in keyed if gate}, tuple(check for _, check in found)


def _through(session: Session, cluster: Cluster, homes: Homes) -> tuple[Gateway, Check]:
    name = f"through {cluster.ingress_address}"
    answers = web.ask(
        cluster.ingress_address,
        session.requests,
        lambda so_far: session.progress.update(name, told(name, so_far, homes)),
    )
    session.progress.end(name, told(name, answers, homes))
    found = count_by_cluster(answers, homes)
    counts = {key: found[key] for key in session.mesh.clusters}
    gateway = Gateway(address=cluster.ingress_address, answers=answers, counts=counts)
    return gateway, judge_ingress(cluster, answers, counts)
