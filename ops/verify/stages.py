"""The stages that look at what is there: the clusters' state, and what istiod says."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ops.verify import certificates, istiod
from ops.verify.checks import Check, Kind, failed, none_failed
from ops.verify.document import Cluster
from ops.verify.kubectl import Kubectl, KubectlError
from ops.verify.kubernetes import (
    ISTIO_SYSTEM,
    SAMPLE,
    Object,
    Pod,
    balancers_in,
    has_internal_ingress,
    judge_balancers,
    judge_nodes,
    judge_pods,
    pods_in,
)
from ops.verify.session import Session, for_each

_ROOT_OF_PROXIES: Final = r"jsonpath={.data.root-cert\.pem}"
# The key lies beside it in the same Secret, and is never asked for.
_CA_CERTIFICATE: Final = r"jsonpath={.data.ca-cert\.pem}"
_MTLS_MODE: Final = "jsonpath={.spec.mtls.mode}"
_UNREACHED: Final = "see whether the API answers, and whether `kubectl exec` works there"


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """What the API of one cluster shows."""

    checks: tuple[Check, ...]
    pods: tuple[Pod, ...] = ()
    has_internal_ingress: bool = False
    is_reached: bool = True

    @property
    def has_samples(self) -> bool:
        """Whether any of the sample workloads is there."""
        return any(pod.namespace == SAMPLE for pod in self.pods)


def cluster_states(session: Session) -> dict[str, State]:
    """Return the state of every cluster, each waited for until it is good."""

    def settle(cluster: Cluster) -> State:
        # Workloads that were never asked for do not come by waiting.
        seen = session.deadline.settle(
            lambda: _state(session, cluster),
            lambda state: none_failed(state.checks) or (state.is_reached and not state.has_samples),
        )
        outcome = "as it should be" if none_failed(seen.checks) else "not as it should be"
        session.progress.end(cluster.key, f"{cluster.key}: state is {outcome}")
        return seen

    clusters = session.mesh.clusters.values()
    return dict(zip(session.mesh.clusters, for_each(clusters, settle), strict=True))


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
    kubectl, name = session.kubectl, cluster.name
    nodes = _items(kubectl, name, "nodes")
    system = _items(kubectl, name, "pods,services", "--namespace", ISTIO_SYSTEM)
    pods = (*pods_in(system), *pods_in(_items(kubectl, name, "pods", "--namespace", SAMPLE)))
    balancers = balancers_in(system)
    trusted = _field(kubectl, name, ("configmap/istio-ca-root-cert", SAMPLE, _ROOT_OF_PROXIES))
    expected = session.mesh.root_ca_pem
    return State(
        checks=(
            judge_nodes(cluster, nodes),
            judge_pods(cluster, pods),
            judge_balancers(cluster, balancers),
            certificates.judge_root(cluster, trusted=trusted, expected=expected),
            certificates.judge_expiry(
                cluster.key,
                {"the root": expected, **_intermediate(kubectl, cluster)},
                now=datetime.now(UTC),
            ),
        ),
        pods=pods,
        has_internal_ingress=has_internal_ingress(balancers),
    )


def _intermediate(kubectl: Kubectl, cluster: Cluster) -> dict[str, str]:
    if not cluster.is_primary:
        return {}
    encoded = _field(kubectl, cluster.name, ("secret/cacerts", ISTIO_SYSTEM, _CA_CERTIFICATE))
    return {"the intermediate": base64.b64decode(encoded).decode(errors="replace")}


def list_pods(kubectl: Kubectl, cluster: Cluster, namespace: str) -> tuple[Pod, ...]:
    """Return the pods of a namespace as they are now.

    Raises:
        KubectlError: the API did not answer.
    """
    return pods_in(_items(kubectl, cluster.name, "pods", "--namespace", namespace))


def mtls_mode(session: Session) -> str:
    """Return the mode of the mesh-wide PeerAuthentication; all modes, if primaries differ.

    Raises:
        KubectlError: the API did not answer.
    """
    place = ("peerauthentication.security.istio.io/default", ISTIO_SYSTEM, _MTLS_MODE)
    modes = {_field(session.kubectl, c.name, place) for c in session.mesh.primaries}
    return ", ".join(sorted(modes))


def _items(kubectl: Kubectl, context: str, *words: str) -> Sequence[Object]:
    items: Sequence[Object] = kubectl.json(context, "get", *words, "--output", "json")["items"]
    return items


def _field(kubectl: Kubectl, context: str, place: tuple[str, str, str]) -> str:
    """Return one field of one object, empty if there is no such object."""
    what, namespace, path = place
    words = ("get", what, "--namespace", namespace, "--ignore-not-found", "--output", path)
    return kubectl.text(context, *words)


def control_planes(session: Session) -> tuple[Check, ...]:
    """Return what every istiod says of proxies and clusters, waited for until it is good."""
    session.progress.note("control planes: asking every istiod for its proxies and clusters")
    return session.deadline.settle(lambda: _control_planes(session), none_failed)


def _control_planes(session: Session) -> tuple[Check, ...]:
    mesh = session.mesh
    clusters = mesh.clusters.values()
    pods = dict(
        zip(mesh.clusters, for_each(clusters, lambda c: _all_pods(session, c)), strict=True)
    )
    planes = for_each(mesh.primaries, lambda p: _plane(session, p, pods[p.key]))
    proxies = [entries for plane in planes for entries in plane.proxies]
    return (
        *(_judge_proxies(cluster, pods[cluster.key], proxies) for cluster in clusters),
        *(plane.check for plane in planes),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plane:
    """What the istiods of one primary say."""

    check: Check
    proxies: tuple[Sequence[istiod.Entry], ...] = ()


# The pods of a cluster, or why they are not known.
_Listed = tuple[Pod, ...] | KubectlError


def _judge_proxies(
    cluster: Cluster, listed: _Listed, answers: Sequence[Sequence[istiod.Entry]]
) -> Check:
    if isinstance(listed, KubectlError):
        return failed(Kind.PROXIES, cluster.key, seen=str(listed), remedy=_UNREACHED)
    expected = [f"{pod.name}.{pod.namespace}" for pod in listed if pod.has_proxy]
    return istiod.judge_proxies(cluster, expected=expected, answers=answers)


def _plane(session: Session, primary: Cluster, listed: _Listed) -> _Plane:
    try:
        if isinstance(listed, KubectlError):
            raise listed
        pods = [pod for pod in listed if pod.labels.get("app") == "istiod" and pod.is_ready]
        answers = {pod.name: _debug(session.kubectl, primary, pod) for pod in pods}
    except KubectlError as error:
        kind = Kind.REMOTE_CLUSTERS
        return _Plane(check=failed(kind, primary.key, seen=str(error), remedy=_UNREACHED))
    return _Plane(
        check=istiod.judge_clusters(
            primary,
            expected=session.mesh.clusters.values(),
            answers={name: answer["clusterz"] for name, answer in answers.items()},
        ),
        proxies=tuple(answer["syncz"] for answer in answers.values()),
    )


def _all_pods(session: Session, cluster: Cluster) -> _Listed:
    try:
        system = list_pods(session.kubectl, cluster, ISTIO_SYSTEM)
        return (*system, *list_pods(session.kubectl, cluster, SAMPLE))
    except KubectlError as error:
        return error


def _debug(kubectl: Kubectl, primary: Cluster, pod: Pod) -> Mapping[str, list[Any]]:
    return {name: _answer(kubectl, primary, pod, name=name) for name in ("syncz", "clusterz")}


def _answer(kubectl: Kubectl, primary: Cluster, pod: Pod, *, name: str) -> list[Any]:
    where = ("exec", "--namespace", ISTIO_SYSTEM, pod.name, "--container", "discovery", "--")
    text = kubectl.text(primary.name, *where, "pilot-discovery", "request", "GET", f"debug/{name}")
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise KubectlError(f"{pod.name} gave no JSON for {name}: {error}") from error
    # Go writes an empty list as null.
    return answer if isinstance(answer, list) else []
