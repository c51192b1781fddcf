"""Two clusters in which every drill can be tried, for the tests of `ops drill`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.ops import verify_answers as answers
from tests.ops.verify_world import NUMBERS, World

Drill = Callable[..., int]
"""Runs the command with some words and returns its exit code."""

SYSTEM = "get pods,services --namespace istio-system"
SERVED = "get services,pods,deployments.apps --namespace sample"
RULES = "get virtualservices.networking.istio.io --all-namespaces"
ISTIO_PODS = "get pods --namespace istio-system"
SAMPLE_PODS = "get pods --namespace sample"


def make_drilled(world: World) -> None:
    """Let both clusters answer what a drill asks; pods that go are back when asked again."""
    for key in NUMBERS:
        world.set(key, SYSTEM, answers.listing(*system(key)))
        world.set(key, SERVED, answers.listing(*served(key)))
        world.set(key, RULES, answers.listing(own_route()))
        world.set(key, ISTIO_PODS, answers.listing(*system(key)))
        world.set(key, SAMPLE_PODS, without_pods(key), answers.listing(*served(key)))
        for word in ("delete pod", "scale deployment/", "create --filename", "delete virtual"):
            world.set(key, word, "")


def system(key: str, replicas: int = 2) -> list[dict[str, Any]]:
    """What Istio's namespace holds: so many pods of each part, and the gateways' Services."""
    pods = []
    for app in ("istiod", "istio-ingressgateway", "istio-eastwestgateway"):
        for number in range(1, replicas + 1):
            name = "discovery" if app == "istiod" else "istio-proxy"
            pod = answers.pod(f"{app}-{number}", "istio-system", {name: True}, labels={"app": app})
            pods.append(owned(pod))
    return [
        *pods,
        answers.balancer("istio-ingressgateway", "127.0.0.1"),
        answers.balancer("istio-eastwestgateway", f"10.{NUMBERS[key]}.0.66", internal=True),
    ]


def served(key: str, replicas: int = 1) -> list[dict[str, Any]]:
    """What is in the namespace of the samples."""
    version = f"v{NUMBERS[key]}"
    labels = {"app": "helloworld", "version": version}
    pod = owned(answers.hello_pod(version, f"10.{NUMBERS[key]}.1.7"))
    deployment = {
        "kind": "Deployment",
        "metadata": {"name": f"helloworld-{version}", "namespace": "sample"},
        "spec": {"replicas": replicas, "template": {"metadata": {"labels": labels}}},
    }
    other = {
        "kind": "Deployment",
        "metadata": {"name": "curl", "namespace": "sample"},
        "spec": {"replicas": 1, "template": {"metadata": {"labels": {"app": "curl"}}}},
    }
    service = {
        "kind": "Service",
        "metadata": {"name": "helloworld", "namespace": "sample"},
        "spec": {"selector": {"app": "helloworld"}, "ports": [{"port": 5000}]},
    }
    return [service, owned(answers.curl_pod()), pod, deployment, other]


def without_pods(key: str) -> str:
    """What is there of the samples while no pod is."""
    return answers.listing(*(item for item in served(key) if item["kind"] != "Pod"))


def owned(pod: dict[str, Any]) -> dict[str, Any]:
    pod["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "made"}]
    return pod


def rule(name: str, *hosts: str, namespace: str = "sample", **spec: Any) -> dict[str, Any]:
    """Return a VirtualService."""
    return {
        "kind": "VirtualService",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"hosts": [*hosts], **spec},
    }


def own_route() -> dict[str, Any]:
    """Return that of the samples, which is for what comes in by a gateway alone."""
    return rule("helloworld", "*", gateways=["helloworld"])


def changes(world: World) -> list[str]:
    """What was not only read, in its order, without the folder of a file."""
    read = (" get ", " exec ")
    lines = [line for line in world.lines if not any(word in line for word in read)]
    return [line.partition(" --filename ")[0] for line in lines]
