"""What every istiod says of proxies, clusters and endpoints."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ops.verify import istiod, shards
from ops.verify.checks import WITHOUT_SAMPLES, Check, Kind, failed, none_failed, skipped
from ops.verify.document import Cluster
from ops.verify.kubectl import Kubectl, KubectlError
from ops.verify.kubernetes import ISTIO_SYSTEM, SAMPLE, Pod
from ops.verify.session import Session, for_each
from ops.verify.states import States, list_ours

_UNREACHED: Final = "see whether the API answers, and whether `kubectl exec` works there"

# The pods of a cluster, or why they are not known.
_Listed = tuple[Pod, ...] | KubectlError


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plane:
    """What the istiods of one primary say, by the name of the pod."""

    primary: Cluster
    proxies: Mapping[str, Sequence[istiod.Entry]]
    clusters: Mapping[str, Sequence[istiod.Entry]]
    shards: Mapping[str, shards.Shards]


def control_planes(session: Session, states: States) -> tuple[Check, ...]:
    """Return what every istiod says, waited for until it is good.

    Args:
        session: The verification.
        states: What the clusters showed just now; later rounds look again.
    """
    seen = {key: state.pods for key, state in states.items() if state.is_reached}

    def observe() -> tuple[Check, ...]:
        clusters = session.mesh.clusters
        listed = for_each(clusters.values(), lambda c: seen.pop(c.key, None) or _list(session, c))
        return _observed(session, dict(zip(clusters, listed, strict=True)))

    return session.deadline.settle(observe, none_failed)


def _list(session: Session, cluster: Cluster) -> _Listed:
    try:
        return list_ours(session, cluster)
    except KubectlError as error:
        return error


def _observed(session: Session, listed: Mapping[str, _Listed]) -> tuple[Check, ...]:
    mesh = session.mesh
    said = for_each(mesh.primaries, lambda p: _plane(session.kubectl, p, listed[p.key]))
    planes = [plane for plane in said if isinstance(plane, _Plane)]
    known = {key: pods for key, pods in listed.items() if not isinstance(pods, KubectlError)}
    unknown = {key: pods for key, pods in listed.items() if isinstance(pods, KubectlError)}
    return (
        *(
            failed(Kind.PROXIES, key, seen=str(error), remedy=_UNREACHED)
            for key, error in unknown.items()
        ),
        *_judge_proxies(session, known, planes),
        *(check for check in said if isinstance(check, Check)),
        *(check for plane in planes for check in _judge_plane(session, known, plane)),
    )


def _judge_proxies(
    session: Session, known: Mapping[str, Sequence[Pod]], planes: Sequence[_Plane]
) -> list[Check]:
    answers = [entries for plane in planes for entries in plane.proxies.values()]
    checks: list[Check] = []
    for key, pods in known.items():
        cluster = session.mesh.clusters[key]
        ours = {f"{p.name}.{p.namespace}" for p in pods if p.has_proxy and p.is_ours}
        found, now = istiod.entries_of(cluster, answers), datetime.now(UTC)
        checks += [
            istiod.judge_proxies(cluster, found, expected=ours, now=now),
            istiod.judge_versions(cluster, found, wanted=session.mesh.istio_version),
        ]
    return checks


def _judge_plane(
    session: Session, known: Mapping[str, Sequence[Pod]], plane: _Plane
) -> tuple[Check, ...]:
    mesh, primary = session.mesh, plane.primary
    pods = {
        mesh.clusters[key].name: [pod for pod in found if pod.namespace == SAMPLE]
        for key, found in known.items()
    }
    return (
        istiod.judge_clusters(primary, expected=mesh.clusters.values(), answers=plane.clusters),
        shards.judge_endpoints(primary, pods=pods, answers=plane.shards)
        if mesh.has_samples
        else skipped(Kind.ENDPOINTS, primary.key, seen=WITHOUT_SAMPLES),
        shards.judge_expectations(mesh, primary, answers=plane.shards),
    )


def _plane(kubectl: Kubectl, primary: Cluster, listed: _Listed) -> _Plane | Check:
    try:
        if isinstance(listed, KubectlError):
            raise listed
        pods = [pod for pod in listed if pod.labels.get("app") == "istiod" and pod.is_ready]
        names = ("syncz", "clusterz", "endpointShardz")
        asked = [(pod, name) for pod in pods for name in names]
        found = for_each(asked, lambda one: _answer(kubectl, primary, one[0], name=one[1]))
    except KubectlError as error:
        return failed(Kind.REMOTE_CLUSTERS, primary.key, seen=str(error), remedy=_UNREACHED)
    answers: dict[str, dict[str, Any]] = {name: {} for name in names}
    for (pod, name), answer in zip(asked, found, strict=True):
        answers[name][pod.name] = answer
    return _Plane(
        primary=primary,
        proxies=answers["syncz"],
        clusters=answers["clusterz"],
        shards=answers["endpointShardz"],
    )


def _answer(kubectl: Kubectl, primary: Cluster, pod: Pod, *, name: str) -> Any:
    where = ("exec", "--namespace", ISTIO_SYSTEM, pod.name, "--container", "discovery", "--")
    text = kubectl.text(primary.name, *where, "pilot-discovery", "request", "GET", f"debug/{name}")
    try:
        # Go writes an empty list as null.
        return json.loads(text) or []
    except ValueError as error:
        raise KubectlError(f"{pod.name} gave no JSON for {name}: {error}") from error
