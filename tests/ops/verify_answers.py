"""Answers as Kubernetes, istiod and Envoy give them, for the tests of `ops verify`.

Those of Envoy were taken from Envoy 1.40 with a service of one near and one far endpoint; those of
istiod have the fields of its types `SyncStatus` and `DebugInfo`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

HOST = "helloworld.sample.svc.cluster.local"
OUTBOUND = f"outbound|5000||{HOST}"
PEER = "spiffe://oke.local/ns/sample/sa/default"
YEARS = timedelta(days=3650)


@cache
def certificate(name: str, left: timedelta = YEARS, *, uri: str = "") -> str:
    """Return a certificate that ends in `left`; the same one each time."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - (timedelta(hours=12) if uri else YEARS))
        .not_valid_after(now + left)
    )
    if uri:
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)])
        made = made.add_extension(names, critical=True)
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def own_certificate(uri: str = PEER, left: timedelta = timedelta(hours=12)) -> str:
    """Return the certificate of a proxy, of which half is left."""
    return certificate("proxy", left, uri=uri)


def envoy_secrets(chain: str, roots: str) -> dict[str, Any]:
    """Return the secrets of Envoy's `/config_dump`, whose keys it hides."""

    def encoded(text: str) -> dict[str, str]:
        return {"inline_bytes": base64.b64encode(text.encode()).decode()}

    own = {"certificate_chain": encoded(chain), "private_key": encoded("[redacted]")}
    return {
        "configs": [
            {"name": "default", "secret": {"name": "default", "tls_certificate": own}},
            {
                "name": "ROOTCA",
                "secret": {"validation_context": {"trusted_ca": encoded(roots)}},
            },
        ]
    }


def proxy_secrets(chain: str = "", roots: str = "") -> str:
    """Return what a good proxy holds, or something else in its place."""
    below = own_certificate() + certificate("intermediate") + certificate("root")
    return json.dumps(envoy_secrets(chain or below, roots or certificate("root")))


def kubeconfig(*keys: str) -> str:
    """Return a user's kubeconfig with a context for each cluster."""
    names = [f"{key}-cluster" for key in keys]
    cluster = {"proxy-url": "socks5://127.0.0.1:10080", "certificate-authority-data": "T3du"}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": name, "cluster": {"server": f"https://{name}.example:6443", **cluster}}
                for name in names
            ],
            "contexts": [{"name": n, "context": {"cluster": n, "user": n}} for n in names],
            "users": [{"name": name, "user": {"token": f"user-of-{name}"}} for name in names],
        }
    )


def remote_secret(*keys: str, token: str = "made-up-token") -> dict[str, Any]:  # noqa: S107 it opens nothing
    """Return a remote secret with a key for each cluster that is read."""
    data = {f"{key}-cluster": _reader(key, token) for key in keys}
    labels = {"istio/multiCluster": "true"}
    return {"kind": "Secret", "metadata": {"name": "remote", "labels": labels}, "data": data}


def _reader(key: str, token: str) -> str:
    number = {"primary": 1, "secondary": 2}[key]
    server = f"https://10.{number}.0.2:6443"
    text = yaml.safe_dump(
        {
            "clusters": [{"cluster": {"server": server, "certificate-authority-data": "Q0E="}}],
            "users": [{"user": {"token": token}}],
        }
    )
    return base64.b64encode(text.encode()).decode()


def outputs(**changes: Any) -> dict[str, Any]:
    """Return the outputs of two primaries on two networks."""
    document = {
        "schemaVersion": 2,
        "mesh": {
            "id": "oke-mesh",
            "trustDomain": "oke.local",
            "istioVersion": "1.31.0",
            "mtls": "STRICT",
            "rootCaPem": certificate("root"),
        },
        "clusters": {"primary": entry("primary", 1), "secondary": entry("secondary", 2)},
        "mergedKubeconfig": kubeconfig("primary", "secondary"),
    }
    return {**document, **changes}


def entry(key: str, number: int, **changes: Any) -> dict[str, Any]:
    """Return a cluster in the outputs."""
    made = {
        "name": f"{key}-cluster",
        "role": "primary",
        "network": f"{key}-network",
        "ingressAddress": f"198.51.100.{number}",
        "eastWestAddress": f"10.{number}.0.66",
        "privateEndpoint": f"https://10.{number}.0.2:6443",
    }
    return {**made, **changes}


def node(name: str = "node-1", ready: str = "True", message: str = "") -> dict[str, Any]:
    condition = {"type": "Ready", "status": ready, "message": message}
    return {"kind": "Node", "metadata": {"name": name}, "status": {"conditions": [condition]}}


def pod(
    name: str, namespace: str, containers: Mapping[str, bool], **changes: Any
) -> dict[str, Any]:
    """Return a pod with its containers and whether each is ready."""
    metadata = {"name": name, "namespace": namespace, "labels": changes.pop("labels", {})}
    states = [{"name": container, "ready": ready} for container, ready in containers.items()]
    status = {"phase": "Running", "podIP": changes.pop("ip", ""), "containerStatuses": states}
    return {
        "kind": "Pod",
        "metadata": {**metadata, **changes.pop("metadata", {})},
        "spec": {"containers": [{"name": container} for container in containers]},
        "status": {**status, **changes.pop("status", {})},
    }


def sidecar_pod(name: str, *, is_ready: bool = True, app: str = "curl") -> dict[str, Any]:
    """Return a pod whose proxy is an init container that runs on, as Kubernetes offers it."""
    made = pod(name, "sample", {app: True}, labels={"app": app})
    restarted = {"name": "istio-proxy", "restartPolicy": "Always"}
    made["spec"]["initContainers"] = [{"name": "istio-init"}, restarted]
    made["status"]["initContainerStatuses"] = [
        {"name": "istio-init", "ready": True},
        {"name": "istio-proxy", "ready": is_ready},
    ]
    return made


def hello_pod(version: str, ip: str) -> dict[str, Any]:
    labels = {"app": "helloworld", "version": version}
    both = {"helloworld": True, "istio-proxy": True}
    return pod(f"helloworld-{version}-abc", "sample", both, labels=labels, ip=ip)


def curl_pod() -> dict[str, Any]:
    return pod("curl-abc", "sample", {"curl": True, "istio-proxy": True}, labels={"app": "curl"})


def istiod_pod() -> dict[str, Any]:
    return pod("istiod-abc", "istio-system", {"discovery": True}, labels={"app": "istiod"})


def gateway_pod(name: str) -> dict[str, Any]:
    return pod(f"{name}-abc", "istio-system", {"istio-proxy": True}, labels={"app": name})


def balancer(
    app: str, *addresses: str, internal: bool = False, name: str | None = None
) -> dict[str, Any]:
    """Return a gateway's Service, by default with the name of what it leads to."""
    marks = {"service.beta.kubernetes.io/oci-load-balancer-internal": str(internal).lower()}
    return {
        "kind": "Service",
        "metadata": {
            "name": name or app,
            "namespace": "istio-system",
            "labels": {"app": app},
            "annotations": marks,
        },
        "spec": {"type": "LoadBalancer"},
        "status": {"loadBalancer": {"ingress": [{"ip": address} for address in addresses]}},
    }


def proxy(name: str, cluster: str, **changes: Any) -> dict[str, Any]:
    """Return an entry of istiod's `syncz`."""
    made = {
        "cluster_id": cluster,
        "proxy": name,
        "proxy_type": "sidecar",
        "istio_version": "1.31.0",
        "cluster_sent": "nonce-1",
        "cluster_acked": "nonce-1",
        "listener_sent": "nonce-2",
        "listener_acked": "nonce-2",
        "resources": {},
    }
    return {**made, **changes}


def read_cluster(name: str, state: str = "synced") -> dict[str, Any]:
    """Return an entry of istiod's `clusterz`."""
    secret = f"istio-system/istio-remote-secret-{name}"
    return {"id": name, "secretName": secret, "syncStatus": state}


def envoy_clusters(counts: Mapping[str, int]) -> dict[str, Any]:
    """Return Envoy's `/clusters?format=json` with the requests of each endpoint so far."""
    hosts = [
        {"address": {"socket_address": _socket(address)}, "stats": _stats(count)}
        for address, count in counts.items()
    ]
    other = {"name": "xds-grpc", "host_statuses": [{"address": {"pipe": {"path": "./x"}}}]}
    return {
        "cluster_statuses": [
            other,
            {"name": OUTBOUND, "added_via_api": True, "host_statuses": hosts},
        ]
    }


def _socket(address: str) -> dict[str, Any]:
    host, port = address.split(":")
    return {"address": host, "port_value": int(port)}


def _stats(count: int) -> list[dict[str, Any]]:
    total = {"name": "rq_total", **({"value": str(count)} if count else {})}
    return [{"name": "cx_total", "value": "3"}, total, {"type": "GAUGE", "name": "rq_active"}]


def envoy_endpoints(marks: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """Return the dynamic endpoints of Envoy's `/config_dump`, each with its marks."""
    found = [
        {
            "endpoint": {"address": {"socket_address": _socket(address)}},
            "health_status": "HEALTHY",
            "metadata": {"filter_metadata": {"envoy.transport_socket_match": dict(mark)}},
        }
        for address, mark in marks.items()
    ]
    assignment = {"cluster_name": OUTBOUND, "endpoints": [{"lb_endpoints": found}]}
    return [{"endpoint_config": assignment}]


def tls_socket(own: str | None = "default") -> dict[str, Any]:
    """Return the transport that istiod configures for mutual TLS."""
    default = {"match_subject_alt_names": [{"exact": PEER}]}
    common: dict[str, Any] = {
        "alpn_protocols": ["istio-peer-exchange", "istio"],
        "combined_validation_context": {
            "default_validation_context": default,
            "validation_context_sds_secret_config": {"name": "ROOTCA"},
        },
    }
    if own:
        common["tls_certificate_sds_secret_configs"] = [{"name": own}]
    config = {"common_tls_context": common, "sni": f"outbound_.5000_._.{HOST}"}
    return {"name": "envoy.transport_sockets.tls", "typed_config": config}


def envoy_dynamic_clusters(socket: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return the dynamic clusters of Envoy's `/config_dump`, with automatic mutual TLS."""
    plain = {"name": "envoy.transport_sockets.raw_buffer"}
    matches = [
        {
            "name": "tlsMode-istio",
            "match": {"tlsMode": "istio"},
            "transport_socket": socket or tls_socket(),
        },
        {"name": "tlsMode-disabled", "match": {}, "transport_socket": plain},
    ]
    return [{"cluster": {"name": OUTBOUND, "transport_socket_matches": matches}}]


def envoy_config(
    marks: Mapping[str, Mapping[str, str]], socket: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the parts of Envoy's `/config_dump?include_eds` that are read."""
    return {
        "configs": [
            {"bootstrap": {"node": {"id": "sidecar"}}},
            {"dynamic_active_clusters": envoy_dynamic_clusters(socket)},
            {"dynamic_endpoint_configs": envoy_endpoints(marks)},
        ]
    }


def endpoint(address: str, **changes: Any) -> dict[str, Any]:
    """Return an endpoint as istiod believes in it."""
    made = {"Addresses": [address], "ServiceAccount": PEER, "HealthStatus": 1, "TLSMode": "istio"}
    return {**made, **changes}


def shardz(endpoints: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return istiod's `endpointShardz` with the endpoints of helloworld by cluster."""
    shards = {f"Kubernetes/{name}": found for name, found in endpoints.items()}
    return {HOST: {"sample": {"Shards": shards, "ServiceAccounts": {PEER: {}}}}}


def policy(mode: str = "STRICT", **changes: Any) -> dict[str, Any]:
    """Return a PeerAuthentication for the whole mesh."""
    metadata = {"name": "default", "creationTimestamp": "2026-11-01T00:00:00Z"}
    made = {"kind": "PeerAuthentication", "metadata": metadata, "spec": {"mtls": {"mode": mode}}}
    return {**made, **changes}


def curl_output(instances: Mapping[str, int], *faults: str, host: str = HOST) -> str:
    """Return what the client prints for that many answers of each pod, and for faults."""
    url = f"http://{host}:5000/hello?1"
    hellos = [
        f"Hello version: {name.split('-')[1]}, instance: {name}\n\nanswered 200 {url} \n"
        for name, count in instances.items()
        for _ in range(count)
    ]
    failed = [fault.partition(" ") for fault in faults]
    return "".join((*hellos, *(f"\nanswered {code} {url} {why}\n" for code, _, why in failed)))


def listing(*items: Mapping[str, Any]) -> str:
    return json.dumps({"kind": "List", "items": list(items)})
