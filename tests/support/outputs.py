"""What Oracle Cloud, Kubernetes and Helm would answer: computed outputs and lookups, by token.

An invoke that is not in the table raises, so that a test never rests on an empty answer.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.support import brought, certificates

Inputs = Mapping[str, Any]
Computed = Callable[[str, Inputs], dict[str, Any]]

_OCID_KINDS = {
    "oci:Core/vcn:Vcn": "vcn",
    "oci:Core/subnet:Subnet": "subnet",
    "oci:Core/drg:Drg": "drg",
    "oci:Core/drgAttachment:DrgAttachment": "drgattachment",
    "oci:Core/remotePeeringConnection:RemotePeeringConnection": "remotepeeringconnection",
    "oci:Core/networkSecurityGroup:NetworkSecurityGroup": "networksecuritygroup",
    "oci:ContainerEngine/cluster:Cluster": "cluster",
    "oci:ContainerEngine/nodePool:NodePool": "nodepool",
    "oci:Core/instance:Instance": "instance",
    "oci:HealthChecks/httpMonitor:HttpMonitor": "healthchecksmonitor",
    "oci:Dns/steeringPolicy:SteeringPolicy": "dnspolicy",
    "oci:Budget/budget:Budget": "budget",
    "oci:Ons/notificationTopic:NotificationTopic": "onstopic",
}


def ocid(kind: str, name: str) -> str:
    """Return the OCID that the mock cloud gives a resource of that kind and name."""
    return f"ocid1.{kind}.oc1.test.{name}"


def address(name: str, network: str = "203.0.113") -> str:
    """Return the address that the mock cloud gives something of that name."""
    return f"{network}.{hashlib.sha256(name.encode()).digest()[0]}"


def _cluster(name: str, _: Inputs) -> dict[str, Any]:
    return {
        "endpoints": [
            {
                "kubernetes": f"{address(name)}:6443",
                "publicEndpoint": f"{address(name)}:6443",
                "privateEndpoint": f"{address(name, '10.9.0')}:6443",
                "vcnHostnameEndpoint": f"{name}.api.oraclevcn.com:6443",
            }
        ],
        "state": "ACTIVE",
    }


def _release(name: str, inputs: Inputs) -> dict[str, Any]:
    service = f"{inputs['namespace']}/{inputs['name']}"
    return {
        "status": {
            "name": inputs["name"],
            "namespace": inputs["namespace"],
            "status": "deployed",
            "revision": 1,
            "version": "1.31.4",
        },
        "resourceNames": {"Service/v1": [service]},
    }


def _service(name: str, _: Inputs) -> dict[str, Any]:
    return {"status": {"loadBalancer": {"ingress": [{"ip": address(name)}]}}}


def _secret(name: str, inputs: Inputs) -> dict[str, Any]:
    if inputs.get("type") == "kubernetes.io/service-account-token":
        token = base64.b64encode(f"token-of-{name}".encode()).decode()
        metadata = {**inputs["metadata"], "creationTimestamp": "2026-11-01T08:00:00Z"}
        return {"data": {"token": token, "ca.crt": "Y2E="}, "metadata": metadata}
    return {}


HOST_KEYS = ("ssh-ed25519 AAAAhost", "ecdsa-sha2-nistp256 AAAAhost")
"""What the operator host shows on its console."""


def _command(_: str, inputs: Inputs) -> dict[str, Any]:
    """Return what `ops` prints: keys of a host, or a report of a mesh that is well."""
    if " host-keys " in inputs.get("create", ""):
        return {"stdout": "\n".join(HOST_KEYS), "stderr": ""}
    if "stdin" not in inputs:
        return {"stdout": "", "stderr": ""}
    clusters = json.loads(inputs["stdin"])["clusters"]
    pairs = [
        {"client": client, "server": server, "count": 100 // len(clusters)}
        for client in clusters
        for server in clusters
    ]
    report = {"passed": True, "requests": 100, "pairs": pairs}
    return {"stdout": json.dumps(report), "stderr": ""}


COMPUTED: dict[str, Computed] = {
    "command:local:Command": _command,
    "oci:ContainerEngine/cluster:Cluster": _cluster,
    "oci:Core/instance:Instance": lambda name, _: {
        "publicIp": address(name),
        "privateIp": address(name, "10.9.1"),
    },
    "oci:Core/publicIp:PublicIp": lambda name, _: {"ipAddress": address(name)},
    "oci:Core/vcn:Vcn": lambda name, _: {"defaultSecurityListId": f"{name}-default-list"},
    "oci:Core/natGateway:NatGateway": lambda name, _: {"natIp": address(name)},
    "oci:Core/remotePeeringConnection:RemotePeeringConnection": lambda _, inputs: {
        "peeringStatus": "PEERED" if "peerId" in inputs else "NEW"
    },
    "kubernetes:helm.sh/v3:Release": _release,
    "tls:index/privateKey:PrivateKey": certificates.private_key,
    "tls:index/certRequest:CertRequest": certificates.stable(certificates.cert_request),
    "tls:index/selfSignedCert:SelfSignedCert": certificates.stable(certificates.self_signed_cert),
    "tls:index/locallySignedCert:LocallySignedCert": certificates.stable(
        certificates.locally_signed_cert
    ),
    "kubernetes:core/v1:Service": _service,
    "kubernetes:core/v1:Secret": _secret,
}

KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters:
- name: cluster-test
  cluster: {server: "https://203.0.113.9:6443", certificate-authority-data: Y2E=}
contexts:
- name: context-test
  context: {cluster: cluster-test, user: user-test}
current-context: context-test
users:
- name: user-test
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: oci
      args: [ce, cluster, generate-token, --cluster-id, ocid1.cluster.oc1.test.x, --region, test]
      env: []
"""

IMAGES = [
    {"imageId": ocid("image", name.lower()), "sourceName": name, "sourceType": "IMAGE"}
    for date, version, build in (
        ("2025.11.20-0", "1.34.2", 1345),
        ("2026.01.29-0", "1.34.2", 1462),
        ("2026.02.27-0", "1.34.2", 1505),
        ("2026.07.30-0", "1.34.10", 1699),
        ("2026.07.30-0", "1.35.2", 1700),
        ("2026.08.31-0", "1.36.4", 1720),
    )
    for name in (
        f"Oracle-Linux-8.10-{date}-OKE-{version}-{build}",
        f"Oracle-Linux-8.10-aarch64-{date}-OKE-{version}-{build}",
        f"Oracle-Linux-8.10-Gen2-GPU-{date}-OKE-{version}-{build}",
        f"Oracle-Linux-9.7-{date}-OKE-{version}-{build}",
    )
]
"""Versions and builds that public reports of OKE name, with dates of about their time."""

VERSIONS = ["v1.34.2", "v1.34.10", "v1.35.2", "v1.36.4"]

HOME_REGION = "us-ashburn-1"
"""Of the mock tenancy."""

TENANCY = ocid("tenancy", "test")

Answer = Callable[[Inputs], dict[str, Any]]

ANSWERS: dict[str, Answer] = {
    "oci:Identity/getAvailabilityDomains:getAvailabilityDomains": lambda args: {
        "compartmentId": args["compartmentId"],
        "availabilityDomains": [
            {"name": f"test:{number}", "id": f"ad{number}", "compartmentId": TENANCY}
            for number in ("AD-1", "AD-2", "AD-3")
        ],
    },
    "oci:Identity/getRegionSubscriptions:getRegionSubscriptions": lambda args: {
        **args,
        "regionSubscriptions": [
            {"regionName": name, "isHomeRegion": name == HOME_REGION, "state": "READY"}
            for name in ("us-sanjose-1", HOME_REGION)
        ],
    },
    "oci:Dns/getZone:getZone": lambda args: {
        **args,
        "id": ocid("dns-zone", args["zoneNameOrId"]),
        "name": args["zoneNameOrId"],
    },
    "oci:Core/getVcn:getVcn": brought.vcn,
    "oci:Core/getSubnet:getSubnet": brought.subnet,
    "oci:Core/getSecurityLists:getSecurityLists": lambda args: {**args, "securityLists": []},
    "oci:Core/getServices:getServices": lambda args: {
        "services": [
            {
                "id": ocid("service", "all"),
                "name": "All TEST Services In Oracle Services Network",
                "cidrBlock": "all-test-services-in-oracle-services-network",
                "description": "",
            },
            {
                "id": ocid("service", "objectstorage"),
                "name": "OCI TEST Object Storage",
                "cidrBlock": "oci-test-objectstorage",
                "description": "",
            },
        ]
    },
    "oci:ContainerEngine/getClusterOption:getClusterOption": lambda args: {
        **args,
        "kubernetesVersions": VERSIONS,
    },
    "oci:ContainerEngine/getClusters:getClusters": lambda args: {**args, "clusters": []},
    "oci:ContainerEngine/getNodePools:getNodePools": lambda args: {**args, "nodePools": []},
    "oci:Core/getInstances:getInstances": lambda args: {**args, "instances": []},
    "oci:ContainerEngine/getNodePoolOption:getNodePoolOption": lambda args: {
        **args,
        "kubernetesVersions": VERSIONS,
        "shapes": ["VM.Standard.E4.Flex"],
        "sources": IMAGES,
    },
    "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig": lambda args: {
        **args,
        "content": KUBECONFIG,
    },
    "oci:Core/getImages:getImages": lambda args: {
        **args,
        "images": [
            {"id": ocid("image", name.lower()), "displayName": name}
            for name in (
                "Oracle-Linux-9.7-2026.01.29-0",
                "Oracle-Linux-9.7-2026.08.31-0",
                "Oracle-Linux-9.7-Gen2-GPU-2026.08.31-0",
            )
        ],
    },
    "oci:Limits/getResourceAvailability:getResourceAvailability": lambda args: {
        **args,
        "available": "100",
        "used": "0",
    },
    # The first update; no outputs are there yet.
    "pulumi:pulumi:readStackOutputs": lambda args: {
        **args,
        "outputs": {},
        "secretOutputNames": [],
    },
    "command:local:run": lambda args: {**args, "stdout": "socks5://127.0.0.1:10080", "stderr": ""},
}


def id_of(type_: str, name: str) -> str:
    """Return the id that the mock cloud gives a new resource."""
    kind = _OCID_KINDS.get(type_)
    return ocid(kind, name) if kind else f"{name}-id"


def computed_of(type_: str, name: str, inputs: Inputs) -> dict[str, Any]:
    """Return what a resource's state has besides its inputs."""
    computed = COMPUTED.get(type_)
    return computed(name, inputs) if computed else {}


def answer(token: str, arguments: Inputs) -> dict[str, Any]:
    """Return what a lookup finds.

    Raises:
        KeyError: the table has no answer to this function.
    """
    if token not in ANSWERS:
        raise KeyError(f"no answer in tests/support/outputs.py for {token} {arguments}")
    return ANSWERS[token](arguments)
