"""What the proxies hold: their own certificate, those above it, and the roots that they trust."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from ops.verify.certificates import Held, held, judge_expiry, judge_identity, judge_root
from ops.verify.checks import Check, Kind, failed, none_failed
from ops.verify.document import Cluster
from ops.verify.kubectl import Kubectl, KubectlError
from ops.verify.kubernetes import Pod
from ops.verify.session import Session, for_each
from ops.verify.source import told_by_proxy
from ops.verify.states import State, States, list_ours

_SECRETS: Final = "config_dump?resource=dynamic_active_secrets"


def certificates(session: Session, states: States) -> tuple[Check, ...]:
    """Return what the gateways' and the samples' proxies hold, waited for until it is good."""

    def settle(cluster: Cluster) -> tuple[Check, ...]:
        seen: list[State] = [states[cluster.key]]

        def observe() -> tuple[Check, ...]:
            try:
                return _observed(session, cluster, _pods(session, cluster, seen))
            except KubectlError as error:
                remedy = f"see whether `kubectl --context {cluster.name} exec` works there"
                return (failed(Kind.ROOT, cluster.key, seen=str(error), remedy=remedy),)

        return session.deadline.settle(observe, none_failed)

    reached = [session.mesh.clusters[key] for key, state in states.items() if state.is_reached]
    return tuple(check for checks in for_each(reached, settle) for check in checks)


def held_by(kubectl: Kubectl, context: str, pod: Pod) -> Held:
    """Return what the proxy of a pod holds.

    Raises:
        KubectlError: it has none, or that did not answer.
    """
    where = {"namespace": pod.namespace, "pod": pod.name}
    return held(told_by_proxy(kubectl, context, **where, path=_SECRETS))


def _pods(session: Session, cluster: Cluster, seen: list[State]) -> list[Pod]:
    found = seen.pop().pods if seen else list_ours(session, cluster)
    # One that is not ready is told of by its cluster's state.
    return [pod for pod in found if pod.is_ours and pod.has_proxy and pod.is_ready]


def _observed(session: Session, cluster: Cluster, pods: list[Pod]) -> tuple[Check, ...]:
    def ask(pod: Pod) -> Held:
        return held_by(session.kubectl, cluster.name, pod)

    found: Mapping[str, Held] = dict(
        zip((pod.name for pod in pods), for_each(pods, ask), strict=True)
    )
    mesh = session.mesh
    return (
        judge_root(cluster, found, expected=mesh.root_ca_pem),
        judge_expiry(cluster, found, root=mesh.root_ca_pem, now=datetime.now(UTC)),
        judge_identity(cluster, found, trust_domain=mesh.trust_domain),
    )
