"""A mesh that is ready for production, for the tests of `ops ready`."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from tests.ops import verify_answers as answers
from tests.ops.verify_world import NUMBERS, World

SYSTEM, POLICIES, ALERTS = "get nodes,pods,deployments", "get peerauth", "name=alertmanager"
STATUS = ":9093/api/v2/status"
WORKLOADS = ("istiod", "istio-ingressgateway", "istio-eastwestgateway")
RESOURCES = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
CLUSTER, ROOT = "oci:ContainerEngine/cluster:Cluster", "tls:index/privateKey:PrivateKey"


def make_ready(world: World) -> None:
    """Let the clusters and the outputs of a green world be those of a mesh in production."""
    world.outputs["mesh"]["samples"] = False
    world.outputs["verification"] = {"passed": True, "requests": 100, "pairs": []}
    world.outputs["hosts"] = {"shop": {key: ["https://shop.example.com/"] for key in NUMBERS}}
    for key in NUMBERS:
        world.outputs["clusters"][key] |= {
            "publicEndpoint": None,
            "kubernetesVersion": "v1.34.2",
        }
        world.set(key, SYSTEM, answers.listing(*system(key)))
        world.set(key, POLICIES, answers.listing(*policies()))
        world.set(key, ALERTS, answers.listing(alertmanager()))
        world.set(key, STATUS, status("pager"))


def system(key: str) -> list[dict[str, Any]]:
    """What Istio's namespace holds, and the nodes."""
    return [
        *(node(number) for number in (1, 2)),
        *(item for app in WORKLOADS for item in workload(app)),
        answers.balancer("istio-ingressgateway", "198.51.100.1"),
        answers.balancer("istio-eastwestgateway", f"10.{NUMBERS[key]}.0.66", internal=True),
    ]


def node(number: int, version: str = "v1.34.2") -> dict[str, Any]:
    made = answers.node(f"node-{number}")
    made["metadata"]["labels"] = {"oci.oraclecloud.com/fault-domain": f"FAULT-DOMAIN-{number}"}
    made["status"]["nodeInfo"] = {"kubeletVersion": version}
    return made


def workload(app: str) -> list[dict[str, Any]]:
    """A Deployment, its two pods and its budget."""
    name = "discovery" if app == "istiod" else "istio-proxy"
    container = {
        "name": name,
        "image": f"docker.io/istio/{app}:1.31.0",
        "resources": deepcopy(RESOURCES),
    }
    labels = {"app": app}
    selector = {"matchLabels": labels}
    pods = []
    for number in (1, 2):
        pod = answers.pod(f"{app}-{number}", "istio-system", {name: True}, labels=labels)
        pod["spec"] = {"containers": [container], "nodeName": f"node-{number}"}
        pods.append(pod)
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return [
        {
            "kind": "Deployment",
            "metadata": {"name": app},
            "spec": {"selector": selector, "template": template},
            "status": {"readyReplicas": 2},
        },
        {
            "kind": "PodDisruptionBudget",
            "metadata": {"name": app},
            "spec": {"selector": selector},
            "status": {"disruptionsAllowed": 1},
        },
        *pods,
    ]


def policies() -> list[dict[str, Any]]:
    deny = {"name": "deny", "namespace": "istio-system"}
    strict = answers.policy("STRICT")
    strict["metadata"] |= {"name": "default", "namespace": "istio-system"}
    return [strict, {"kind": "AuthorizationPolicy", "metadata": deny, "spec": {}}]


def alertmanager() -> dict[str, Any]:
    return answers.pod("alertmanager-0", "monitoring", {"alertmanager": True})


def status(*receivers: str) -> str:
    """What an Alertmanager says of itself; one of its receivers sends nothing anywhere."""
    lines = ["receivers:", "- name: blackhole"]
    for name in receivers:
        lines += [f"- name: {name}", "  webhook_configs:", "  - url: <secret>"]
    return json.dumps({"config": {"original": "\n".join(lines)}})


def resources(**changes: bool) -> list[dict[str, Any]]:
    """Those of a state that are to be protected; a change takes the protection from one."""
    named = {"primary_cluster": CLUSTER, "secondary_cluster": CLUSTER, "pki_root_key": ROOT}
    return [
        {
            "urn": f"urn:pulumi:dev::oke-mesh::{type_}::{name.replace('_', '-')}",
            "type": type_,
            "protect": changes.get(name, True),
        }
        for name, type_ in named.items()
    ]
