"""Kubeconfigs as OKE hands them out: signed in by the vendor's own command."""

from __future__ import annotations

import base64

import yaml

from lab.cloud.errors import incorrect_state, invalid
from lab.cloud.store import Record

_ENDPOINTS = {
    "LEGACY_KUBERNETES": "kubernetes",
    "PUBLIC_ENDPOINT": "publicEndpoint",
    "PRIVATE_ENDPOINT": "privateEndpoint",
}


def kubeconfig(cluster: Record, endpoint: str | None) -> bytes:
    """The file for one of the cluster's endpoints."""
    if "ca_pem" not in cluster.hidden:
        raise incorrect_state(f"Cluster {cluster.id} is in state {cluster.state}: no API yet.")
    endpoints = cluster.body["endpoints"]
    server = endpoints.get(_ENDPOINTS.get(endpoint or "LEGACY_KUBERNETES"))
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
                        cluster.hidden["ca_pem"].encode()
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


def _sign_in(cluster: Record) -> dict[str, object]:
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
