"""Explains an object that is not ready: recent warnings, and the pods that do not run."""

from __future__ import annotations

from lab.plugins.base.values import Properties
from lab.plugins.kubernetes.api_errors import ApiError, UnreachableError
from lab.plugins.kubernetes.client import Client
from lab.plugins.kubernetes.objects import dig, name_of, namespace_of
from lab.plugins.kubernetes.readiness import pod_troubles

EVENTS_SHOWN = 5
PODS_SHOWN = 3
OWNERS_OF_PODS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"})


def explain(client: Client, live: Properties) -> list[str]:
    """A line for each trouble, the latest last; empty where the server tells nothing."""
    try:
        return [*_pods(client, live), *_events(client, live)]
    except (ApiError, UnreachableError):
        # An explanation must not take the place of the fault that it explains.
        return []


def describe_event(event: Properties) -> str:
    """`Warning FailedMount (3x): ...`"""
    times = int(event.get("count") or dig(event, "series", "count") or 1)
    repeated = f" ({times}x)" if times > 1 else ""
    words = event.get("message") or event.get("note")
    return f"{event.get('type')} {event.get('reason')}{repeated}: {words}"


def _events(client: Client, live: Properties) -> list[str]:
    # By uid: an earlier object of the same name left events of its own.
    selector = f"involvedObject.uid={dig(live, 'metadata', 'uid')}"
    place = f"/api/v1/namespaces/{namespace_of(live) or 'default'}/events"
    found = client.get(place, {"fieldSelector": selector}).get("items") or []
    found.sort(key=_time)
    return [describe_event(item) for item in found[-EVENTS_SHOWN:]]


def _pods(client: Client, live: Properties) -> list[str]:
    labels = dig(live, "spec", "selector", "matchLabels")
    if live.get("kind") not in OWNERS_OF_PODS or not labels:
        return []
    query = {"labelSelector": ",".join(f"{key}={value}" for key, value in labels.items())}
    pods = client.get(f"/api/v1/namespaces/{namespace_of(live)}/pods", query).get("items") or []
    lines = [f"pod {name_of(pod)}: {trouble}" for pod in pods for trouble in pod_troubles(pod)]
    return lines[:PODS_SHOWN]


def _time(event: Properties) -> str:
    for key in ("lastTimestamp", "eventTime", "firstTimestamp"):
        if event.get(key):
            return str(event[key])
    return str(dig(event, "metadata", "creationTimestamp") or "")
