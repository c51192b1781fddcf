"""A Service of type LoadBalancer and a node, as an API server gives them."""

from __future__ import annotations

from lab.ccm import wanted
from lab.cloud.records import Json

NODE: Json = {
    "metadata": {"uid": "n", "name": "10.0.1.2", "labels": {}},
    "status": {"addresses": [{"type": "InternalIP", "address": "10.0.1.2"}]},
}


def service_of(**notes: str) -> Json:
    given = {
        "shape": "flexible",
        "shape-flex-min": "10",
        "shape-flex-max": "100",
        "security-list-management-mode": "None",
        **{name.replace("_", "-"): value for name, value in notes.items()},
    }
    return {
        "metadata": {
            "name": "gateway",
            "namespace": "istio-system",
            "uid": "uid-1",
            "resourceVersion": "1",
            "annotations": {f"{wanted.LB}{name}": value for name, value in given.items()},
        },
        "spec": {
            "type": "LoadBalancer",
            "ports": [{"name": "tls", "port": 15443, "nodePort": 31443, "protocol": "TCP"}],
        },
    }
