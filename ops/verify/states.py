"""What the API of every cluster shows: nodes, pods, addresses and the mode of mutual TLS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ops.verify.checks import Check, Kind, failed, none_failed
from ops.verify.document import Cluster
from ops.verify.kubectl import Kubectl, KubectlError
from ops.verify.kubernetes import (
    ISTIO_SYSTEM,
    SAMPLE,
    Pod,
    balancers_in,
    has_internal_ingress,
    judge_balancers,
    judge_mode,
    judge_nodes,
    judge_pods,
    judge_scaling,
    modes_in,
    pods_in,
    ways_in,
)
from ops.verify.session import Session, for_each

# One call for all: each is a process of its own, whose start takes longer than its answer.
_KINDS: Final = (
    "nodes,pods,services,horizontalpodautoscalers.autoscaling,peerauthentications.security.istio.io"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """What the API of one cluster shows."""

    checks: tuple[Check, ...]
    pods: tuple[Pod, ...] = ()
    has_internal_ingress: bool = False
    ways_in: tuple[str, ...] = ()
    """Addresses at which other networks come in."""
    is_reached: bool = True

    @property
    def has_samples(self) -> bool:
        """Whether any of the sample workloads is there."""
        return any(pod.namespace == SAMPLE for pod in self.pods)


States = Mapping[str, State]
"""By cluster key."""


def cluster_states(session: Session) -> dict[str, State]:
    """Return the state of every cluster, each waited for until it is good."""

    def settle(cluster: Cluster) -> State:
        # Workloads that were never asked for do not come by waiting.
        seen = session.deadline.settle(
            lambda: _state(session, cluster),
            lambda state: none_failed(state.checks) or _lacks_samples(session, state),
        )
        outcome = "as it should be" if none_failed(seen.checks) else "not as it should be"
        session.progress.end(cluster.key, f"{cluster.key}: state is {outcome}")
        return seen

    clusters = session.mesh.clusters.values()
    return dict(zip(session.mesh.clusters, for_each(clusters, settle), strict=True))


def _lacks_samples(session: Session, state: State) -> bool:
    return session.mesh.has_samples and state.is_reached and not state.has_samples


def _state(session: Session, cluster: Cluster) -> State:
    session.progress.update(cluster.key, f"{cluster.key}: looking at nodes, pods and addresses")
    try:
        return _observed(session, cluster)
    except KubectlError as error:
        check = failed(
            Kind.API,
            cluster.key,
            seen=str(error),
            remedy=(
                f"try `kubectl --context {cluster.name} get nodes`; a private endpoint needs "
                "`python -m ops tunnel open`"
            ),
        )
        return State(checks=(check,), is_reached=False)


def _observed(session: Session, cluster: Cluster) -> State:
    system = session.kubectl.items(cluster.name, _KINDS, "--namespace", ISTIO_SYSTEM)
    pods = (*pods_in(system), *_list_samples(session, cluster))
    balancers = balancers_in(system)
    checks: tuple[Check, ...] = (
        judge_nodes(cluster, [item for item in system if item["kind"] == "Node"]),
        judge_pods(cluster, pods, samples=session.mesh.has_samples),
        judge_balancers(cluster, balancers),
        *judge_scaling(cluster, system),
    )
    if cluster.is_primary:
        checks = (*checks, judge_mode(cluster, modes_in(system), wanted=session.mesh.mtls))
    return State(
        checks=checks,
        pods=pods,
        has_internal_ingress=has_internal_ingress(cluster, balancers),
        ways_in=ways_in(balancers),
    )


def list_ours(session: Session, cluster: Cluster) -> tuple[Pod, ...]:
    """Return the pods of the program's namespaces, the samples' where they are to be there.

    Raises:
        KubectlError: the API did not answer.
    """
    system = list_pods(session.kubectl, cluster, ISTIO_SYSTEM)
    return (*system, *_list_samples(session, cluster))


def list_pods(kubectl: Kubectl, cluster: Cluster, namespace: str) -> tuple[Pod, ...]:
    """Return the pods of a namespace as they are now.

    Raises:
        KubectlError: the API did not answer.
    """
    return pods_in(kubectl.items(cluster.name, "pods", "--namespace", namespace))


def _list_samples(session: Session, cluster: Cluster) -> tuple[Pod, ...]:
    return list_pods(session.kubectl, cluster, SAMPLE) if session.mesh.has_samples else ()
