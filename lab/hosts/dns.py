"""The cluster's DNS: coredns as a Deployment, applied as objects of the API; pure."""

from __future__ import annotations

from typing import Any

from lab.hosts.addresses import DNS_SUFFIX, digest, dns_address
from lab.hosts.spec import ControlPlane
from lab.images.table import COREDNS_IMAGE

_NAME = "coredns"
_LABELS = {"k8s-app": "kube-dns"}
_SPACE = "kube-system"
_ROLES = "/apis/rbac.authorization.k8s.io/v1"
# There is no resolver beyond the lab: names outside the cluster do not exist, and a client
# learns it at once and not after its timeout. In a block of its own, since coredns asks its
# template plugin before its kubernetes one.
_COREFILE = f"""\
{DNS_SUFFIX}:53 in-addr.arpa:53 ip6.arpa:53 {{
    errors
    health {{
        lameduck 2s
    }}
    ready
    kubernetes {DNS_SUFFIX} in-addr.arpa ip6.arpa {{
        pods insecure
        ttl 30
    }}
    loadbalance
}}
.:53 {{
    errors
    template ANY ANY {{
        rcode NXDOMAIN
    }}
}}
"""


def documents(cluster: ControlPlane) -> dict[str, dict[str, Any]]:
    """Every object by its path in the API, in the order of their creation."""
    core = f"/api/v1/namespaces/{_SPACE}"
    return {
        f"{core}/serviceaccounts/{_NAME}": _object("v1", "ServiceAccount", _NAME),
        f"{core}/configmaps/{_NAME}": {
            **_object("v1", "ConfigMap", _NAME),
            "data": {"Corefile": _COREFILE},
        },
        f"{_ROLES}/clusterroles/system:coredns": _role(),
        f"{_ROLES}/clusterrolebindings/system:coredns": _binding(),
        f"{core}/services/kube-dns": _service(cluster),
        f"/apis/apps/v1/namespaces/{_SPACE}/deployments/{_NAME}": _deployment(),
    }


def _object(version: str, kind: str, name: str) -> dict[str, Any]:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "namespace": _SPACE, "labels": _LABELS},
    }


def _role() -> dict[str, Any]:
    watch = ["list", "watch"]
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "system:coredns"},
        "rules": [
            {
                "apiGroups": [""],
                "resources": ["endpoints", "services", "pods", "namespaces"],
                "verbs": watch,
            },
            {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": watch},
        ],
    }


def _binding() -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "system:coredns"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "system:coredns",
        },
        "subjects": [{"kind": "ServiceAccount", "name": _NAME, "namespace": _SPACE}],
    }


def _service(cluster: ControlPlane) -> dict[str, Any]:
    return {
        **_object("v1", "Service", "kube-dns"),
        "spec": {
            "selector": _LABELS,
            "clusterIP": dns_address(cluster.services_cidr),
            "ports": [
                {"name": "dns", "port": 53, "protocol": "UDP"},
                {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
            ],
        },
    }


def _deployment() -> dict[str, Any]:
    return {
        **_object("apps/v1", "Deployment", _NAME),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": _LABELS},
            "template": {
                "metadata": {
                    "labels": _LABELS,
                    # Another configuration makes other pods: coredns reads it at its start.
                    "annotations": {"oke-mesh-lab/corefile": digest(_COREFILE)},
                },
                "spec": _pod(),
            },
        },
    }


def _pod() -> dict[str, Any]:
    return {
        "serviceAccountName": _NAME,
        "priorityClassName": "system-cluster-critical",
        # Its own resolver would be itself.
        "dnsPolicy": "Default",
        "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
        "containers": [
            {
                "name": _NAME,
                "image": COREDNS_IMAGE,
                "args": ["-conf", "/etc/coredns/Corefile"],
                "ports": [
                    {"name": "dns", "containerPort": 53, "protocol": "UDP"},
                    {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
                ],
                "resources": {"requests": {"cpu": "20m", "memory": "30Mi"}},
                "readinessProbe": {
                    "httpGet": {"path": "/ready", "port": 8181},
                    "periodSeconds": 2,
                },
                "livenessProbe": {
                    "httpGet": {"path": "/health", "port": 8080},
                    "failureThreshold": 5,
                },
                "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns"}],
            }
        ],
        "volumes": [{"name": "config", "configMap": {"name": _NAME}}],
    }
