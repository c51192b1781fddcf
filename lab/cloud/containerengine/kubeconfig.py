"""Kubeconfigs as OKE hands them out: signed in by the vendor's own command."""

from __future__ import annotations

import base64

import yaml

from lab.cloud.containerengine.records import Cluster
from lab.cloud.errors import incorrect_state, invalid

_ENDPOINTS = {
    "LEGACY_KUBERNETES": "kubernetes",
    "PUBLIC_ENDPOINT": "public_endpoint",
    "PRIVATE_ENDPOINT": "private_endpoint",
}


def kubeconfig(cluster: Cluster, endpoint: str | None) -> bytes:
    """The file for one of the cluster's endpoints."""
    if cluster.ca_pem is None:
        state = cluster.lifecycle_state
        raise incorrect_state(f"Cluster {cluster.id} is in state {state}: no API yet.")
    server = getattr(cluster.endpoints, _ENDPOINTS.get(endpoint or "LEGACY_KUBERNETES", ""), None)
    if server is None:
        raise invalid(f"Cluster {cluster.id} has no endpoint {endpoint}.")
    short = "c" + cluster.id[-10:]
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": f"cluster-{short}",
                "cluster": {
                    "server": f"https://{server}",
                    "certificate-authority-data": base64.b64encode(
                        cluster.ca_pem.encode()
                    ).decode(),
                },
            }
        ],
        "contexts": [
            {
                "name": f"context-{short}",
                "context": {"cluster": f"cluster-{short}", "user": f"user-{short}"},
            }
        ],
        "current-context": f"context-{short}",
        "users": [{"name": f"user-{short}", "user": {"exec": _sign_in(cluster)}}],
    }
    return yaml.safe_dump(document, sort_keys=False, explicit_start=True).encode()


def _sign_in(cluster: Cluster) -> dict[str, object]:
    return {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "oci",
        "args": [
            "ce",
            "cluster",
            "generate-token",
            "--cluster-id",
            cluster.id,
            "--region",
            cluster.region,
        ],
        "env": [],
    }
