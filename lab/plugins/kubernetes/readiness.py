"""When an object is what was asked for: pure rules from an object to a verdict, by kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from lab.plugins.base.values import Properties, Value
from lab.plugins.kubernetes.objects import (
    SERVICE_ACCOUNT_TOKEN,
    SKIP_AWAIT,
    dig,
    is_marked,
    wait_expressions,
)
from lab.plugins.kubernetes.paths import Expression, PathError, parse_jsonpath


class Phase(Enum):
    """What is to be done about an object."""

    READY = "ready"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A phase, and why."""

    phase: Phase
    reason: str = ""


READY = Verdict(Phase.READY)
Related = Sequence[Properties]
"""Other objects that a rule looks at: a Service's endpoint slices, a claim's storage class."""
Rule = Callable[[Properties, Related], Verdict]


def waiting(reason: str) -> Verdict:
    return Verdict(Phase.WAITING, reason)


def failed(reason: str) -> Verdict:
    return Verdict(Phase.FAILED, reason)


def rule_for(inputs: Properties) -> Rule | None:
    """The rule for an object; the wait-for annotation takes the place of the kind's own."""
    if is_marked(inputs, SKIP_AWAIT):
        return None
    if expressions := wait_expressions(inputs):
        conditions = [parse_condition(text) for text in expressions]
        return lambda live, related: judge_conditions(conditions, live)
    return RULES.get((group_of(inputs), str(inputs.get("kind"))))


def group_of(document: Properties) -> str:
    return str(document.get("apiVersion")).rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Condition:
    """An entry of `status.conditions` and the status that it must have."""

    text: str
    type: str
    status: str

    def matches(self, live: Properties) -> bool:
        found = condition(live, self.type)
        return found is not None and str(found.get("status")).lower() == self.status.lower()


def parse_condition(text: str) -> Expression | Condition:
    """One wait-for expression: `jsonpath={.a}=b` or `condition=Ready`."""
    if text.startswith("jsonpath="):
        return parse_jsonpath(text.removeprefix("jsonpath="))
    if text.startswith("condition=") and len(text) > len("condition="):
        name, _, status = text.removeprefix("condition=").partition("=")
        return Condition(text, name, status or "True")
    raise PathError(
        f'pulumi.com/waitFor: must begin with "jsonpath=" or "condition=", got {text!r}'
    )


def judge_conditions(wanted: Sequence[Expression | Condition], live: Properties) -> Verdict:
    """Ready once every expression holds for the current generation."""
    if (stale := _stale(live)) is not None:
        return stale
    missing = [item.text for item in wanted if not item.matches(live)]
    return waiting(f"not yet {', '.join(missing)}") if missing else READY


def condition(live: Properties, kind: str) -> Properties | None:
    for item in dig(live, "status", "conditions") or ():
        if isinstance(item, dict) and item.get("type") == kind:
            return item
    return None


def _stale(live: Properties) -> Verdict | None:
    observed = dig(live, "status", "observedGeneration")
    generation = dig(live, "metadata", "generation")
    if observed is not None and generation is not None and observed < generation:
        return waiting("the controller has not seen the change yet")
    return None


def _unseen(live: Properties) -> Verdict | None:
    if dig(live, "status", "observedGeneration") is None:
        return waiting("the controller has not seen it yet")
    return _stale(live)


def _count(live: Properties, *path: str) -> int:
    return int(dig(live, *path) or 0)


def _replicas(live: Properties) -> int:
    value: Value = dig(live, "spec", "replicas")
    return 1 if value is None else int(value)


def judge_deployment(live: Properties, related: Related) -> Verdict:
    if (unseen := _unseen(live)) is not None:
        return unseen
    progressing = condition(live, "Progressing") or {}
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return failed(str(progressing.get("message") or "the rollout makes no progress"))
    wanted = _replicas(live)
    updated = _count(live, "status", "updatedReplicas")
    if updated < wanted:
        return waiting(f"{updated} of {wanted} replicas updated")
    if (surplus := _count(live, "status", "replicas") - updated) > 0:
        return waiting(f"{surplus} old replicas still running")
    available = _count(live, "status", "availableReplicas")
    return waiting(f"{available} of {wanted} replicas available") if available < wanted else READY


def judge_stateful_set(live: Properties, related: Related) -> Verdict:
    if (unseen := _unseen(live)) is not None:
        return unseen
    wanted = _replicas(live)
    ready = _count(live, "status", "readyReplicas")
    if ready < wanted:
        return waiting(f"{ready} of {wanted} replicas ready")
    if dig(live, "spec", "updateStrategy", "type") == "OnDelete":
        return READY
    kept = _count(live, "spec", "updateStrategy", "rollingUpdate", "partition")
    updated = _count(live, "status", "updatedReplicas")
    if updated < wanted - kept:
        return waiting(f"{updated} of {wanted - kept} replicas updated")
    return READY


def judge_daemon_set(live: Properties, related: Related) -> Verdict:
    if (unseen := _unseen(live)) is not None:
        return unseen
    wanted = _count(live, "status", "desiredNumberScheduled")
    available = _count(live, "status", "numberAvailable")
    updated = _count(live, "status", "updatedNumberScheduled")
    if dig(live, "spec", "updateStrategy", "type") != "OnDelete" and updated < wanted:
        return waiting(f"{updated} of {wanted} nodes updated")
    if available < wanted:
        return waiting(f"available on {available} of {wanted} nodes")
    return READY


def judge_replicas(live: Properties, related: Related) -> Verdict:
    """A ReplicaSet or a ReplicationController."""
    if (stale := _stale(live)) is not None:
        return stale
    wanted, ready = _replicas(live), _count(live, "status", "readyReplicas")
    return waiting(f"{ready} of {wanted} replicas ready") if ready < wanted else READY


def judge_pod(live: Properties, related: Related) -> Verdict:
    phase = dig(live, "status", "phase")
    if phase == "Failed":
        return failed(str(dig(live, "status", "message") or "the pod failed"))
    ready = condition(live, "Ready") or {}
    if phase == "Succeeded" or ready.get("status") == "True":
        return READY
    return waiting("; ".join(pod_troubles(live)) or f"phase {phase or 'Pending'}")


def pod_troubles(live: Properties) -> list[str]:
    """Why a pod does not run, in its own words."""
    found = []
    scheduled = condition(live, "PodScheduled") or {}
    if scheduled.get("status") == "False":
        found.append(f"not scheduled: {scheduled.get('message')}")
    for group in ("initContainerStatuses", "containerStatuses"):
        for container in dig(live, "status", group) or ():
            state = container.get("state") or {}
            detail = state.get("waiting") or state.get("terminated") or {}
            if detail.get("reason") not in (None, "Completed", "PodInitializing"):
                words = detail.get("message") or f"exit {detail.get('exitCode', 'unknown')}"
                found.append(f"container {container.get('name')}: {detail['reason']}: {words}")
    return found


def judge_job(live: Properties, related: Related) -> Verdict:
    broken = condition(live, "Failed") or {}
    if broken.get("status") == "True":
        return failed(f"{broken.get('reason')}: {broken.get('message')}")
    done = condition(live, "Complete") or {}
    if done.get("status") == "True":
        return READY
    active, succeeded = _count(live, "status", "active"), _count(live, "status", "succeeded")
    return waiting(f"{active} pods active, {succeeded} succeeded")


def judge_service(live: Properties, related: Related) -> Verdict:
    kind = dig(live, "spec", "type")
    if kind == "LoadBalancer" and not dig(live, "status", "loadBalancer", "ingress"):
        return waiting("the load balancer has no address yet")
    selects = kind != "ExternalName" and dig(live, "spec", "selector")
    if not selects or dig(live, "spec", "clusterIP") == "None":
        return READY
    pending = [item for slice_ in related for item in slice_.get("endpoints") or ()]
    pending = [item for item in pending if _is_pending(item)]
    return waiting(f"{len(pending)} selected pods are not ready") if pending else READY


def _is_pending(endpoint: Properties) -> bool:
    state = endpoint.get("conditions") or {}
    return state.get("ready") is False and not state.get("terminating")


def judge_ingress(live: Properties, related: Related) -> Verdict:
    if not dig(live, "status", "loadBalancer", "ingress"):
        return waiting("the ingress has no address yet")
    return READY


def judge_claim(live: Properties, related: Related) -> Verdict:
    phase = dig(live, "status", "phase")
    if phase == "Lost":
        return failed("the claim lost its volume")
    late = any(item.get("volumeBindingMode") == "WaitForFirstConsumer" for item in related)
    return READY if phase == "Bound" or late else waiting(f"phase {phase or 'Pending'}")


def judge_volume(live: Properties, related: Related) -> Verdict:
    phase = dig(live, "status", "phase")
    if phase == "Failed":
        return failed(str(dig(live, "status", "message") or "the volume failed"))
    return READY if phase in ("Available", "Bound") else waiting(f"phase {phase or 'Pending'}")


def judge_definition(live: Properties, related: Related) -> Verdict:
    names = condition(live, "NamesAccepted") or {}
    if names.get("status") == "False":
        return failed(f"{names.get('reason')}: {names.get('message')}")
    established = condition(live, "Established") or {}
    return READY if established.get("status") == "True" else waiting("not established yet")


def judge_secret(live: Properties, related: Related) -> Verdict:
    if live.get("type") == SERVICE_ACCOUNT_TOKEN and not dig(live, "data", "token"):
        return waiting("no token has been issued yet")
    return READY


def judge_quota(live: Properties, related: Related) -> Verdict:
    wanted = dig(live, "spec", "hard") or {}
    seen = dig(live, "status", "hard") or {}
    return READY if wanted.keys() <= seen.keys() else waiting("the quota is not in force yet")


RULES: dict[tuple[str, str], Rule] = {
    ("", "PersistentVolume"): judge_volume,
    ("", "PersistentVolumeClaim"): judge_claim,
    ("", "Pod"): judge_pod,
    ("", "ReplicationController"): judge_replicas,
    ("", "ResourceQuota"): judge_quota,
    ("", "Secret"): judge_secret,
    ("", "Service"): judge_service,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): judge_definition,
    ("apps", "DaemonSet"): judge_daemon_set,
    ("apps", "Deployment"): judge_deployment,
    ("apps", "ReplicaSet"): judge_replicas,
    ("apps", "StatefulSet"): judge_stateful_set,
    ("batch", "Job"): judge_job,
    ("networking.k8s.io", "Ingress"): judge_ingress,
}
