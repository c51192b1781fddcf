"""What a real API server takes and refuses by the policies and labels of the program; no lab."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from components.mesh.load_balancer_policy import policy_spec
from components.mesh.namespaces import injected_labels, istio_labels
from components.settings.mesh import MeshSettings
from tests.lab.plugins.kubernetes_control_plane import TOKEN, ControlPlane

CREATED, FORBIDDEN, GONE = 201, 403, 404
PATIENCE_SECONDS = 60

LB_INTERNAL = "service.beta.kubernetes.io/oci-load-balancer-internal"
NLB_INTERNAL = "oci-network-load-balancer.oraclecloud.com/internal"
TYPE = "oci.oraclecloud.com/load-balancer-type"
POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
NAMESPACES = "/api/v1/namespaces"
SETTINGS = MeshSettings.model_validate({"id": "mesh", "trustDomain": "mesh.example"})


class Api:
    """An API server, asked as its administrator."""

    def __init__(self, plane: ControlPlane) -> None:
        trust = ssl.create_default_context(cadata=plane.authority.decode())
        signed = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        self._pool = urllib3.PoolManager(ssl_context=trust, headers=signed)
        self._server = plane.server

    def __call__(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        text = None if body is None else json.dumps(body)
        answer = self._pool.request(method, f"{self._server}{path}", body=text, retries=False)
        return answer.status, answer.json()

    def namespace(self, name: str, labels: dict[str, str]) -> None:
        status, said = self("POST", NAMESPACES, {"metadata": {"name": name, "labels": labels}})
        assert status == CREATED, said


def service(name: str, annotations: dict[str, str], kind: str = "LoadBalancer") -> dict[str, Any]:
    ports = [{"name": "http", "port": 80}]
    metadata = {"name": name, "annotations": annotations}
    return {"metadata": metadata, "spec": {"type": kind, "ports": ports}}


@pytest.fixture(scope="module")
def api(plane: ControlPlane) -> Api:
    return Api(plane)


@pytest.fixture(scope="module")
def guarded(api: Api) -> Iterator[Api]:
    """The policy in force, beside a Service that was public before it came."""
    api.namespace("shop", {})
    api.namespace("istio-like", istio_labels(SETTINGS))
    assert api("POST", f"{NAMESPACES}/shop/services", service("before", {}))[0] == CREATED
    policy = {"metadata": {"name": "guard"}, "spec": policy_spec()}
    status, said = api("POST", POLICIES, policy)
    assert status == CREATED, said
    binding = {
        "metadata": {"name": "guard"},
        "spec": {"policyName": "guard", "validationActions": ["Deny"]},
    }
    status, said = api("POST", BINDINGS, binding)
    assert status == CREATED, said
    end = time.monotonic() + PATIENCE_SECONDS
    while asked(api, "shop", service("probe", {}))[0] != FORBIDDEN:
        assert time.monotonic() < end, "the policy never came into force"
        time.sleep(0.5)
    yield api
    api("DELETE", f"{BINDINGS}/guard")
    api("DELETE", f"{POLICIES}/guard")


def asked(api: Api, namespace: str, wanted: dict[str, Any]) -> tuple[int, Any]:
    """What the server would say to it; nothing is kept."""
    kind = "pods" if "containers" in wanted["spec"] else "services"
    return api("POST", f"{NAMESPACES}/{namespace}/{kind}?dryRun=All", wanted)


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        (service("one", {}), FORBIDDEN),
        (service("one", {LB_INTERNAL: "false"}), FORBIDDEN),
        (service("one", {LB_INTERNAL: "true"}), CREATED),
        (service("one", {LB_INTERNAL: "true", TYPE: "lb"}), CREATED),
        (service("one", {LB_INTERNAL: "true", TYPE: "nlb"}), FORBIDDEN),
        (service("one", {LB_INTERNAL: "true", TYPE: "NLB"}), FORBIDDEN),
        (service("one", {NLB_INTERNAL: "true"}), FORBIDDEN),
        (service("one", {NLB_INTERNAL: "true", TYPE: "nlb"}), CREATED),
        (service("one", {}, "ClusterIP"), CREATED),
        (service("one", {}, "NodePort"), CREATED),
    ],
    ids=[
        "nothing said",
        "public",
        "internal",
        "internal, of the usual kind",
        "a network one, called internal in the words of the other kind",
        "the same in capitals",
        "a usual one, called internal in the words of the other kind",
        "an internal network one",
        "no load balancer",
        "ports of nodes",
    ],
)
def test_a_public_load_balancer_is_refused(
    guarded: Api, wanted: dict[str, Any], status: int
) -> None:
    found, said = asked(guarded, "shop", wanted)
    assert found == status, said


def test_who_is_refused_is_told_what_to_do(guarded: Api) -> None:
    _, said = asked(guarded, "shop", service("one", {}))
    assert said["message"].endswith(
        "the Service asks for a public load balancer, which mesh.loadBalancers keeps to namespaces "
        "that are labelled for it; set the annotation "
        'service.beta.kubernetes.io/oci-load-balancer-internal: "true" (of a network load balancer '
        'oci-network-load-balancer.oraclecloud.com/internal: "true"), or have an administrator '
        "run: kubectl label namespace shop oke-mesh/load-balancers=any"
    )


def test_the_namespace_of_the_gateways_is_free(guarded: Api) -> None:
    assert asked(guarded, "istio-like", service("gateway", {}))[0] == CREATED


def test_what_was_public_before_is_changed_and_goes(guarded: Api) -> None:
    path = f"{NAMESPACES}/shop/services/before"
    _, found = guarded("GET", path)
    found["metadata"]["labels"] = {"changed": "yes"}
    status, said = guarded("PUT", path, found)
    assert status < FORBIDDEN, said
    guarded("DELETE", path)
    assert guarded("GET", path)[0] == GONE


def test_what_was_internal_before_does_not_become_public(guarded: Api) -> None:
    path = f"{NAMESPACES}/shop/services"
    status, found = guarded("POST", path, service("inside", {LB_INTERNAL: "true"}))
    assert status == CREATED
    found["metadata"]["annotations"] = {}
    assert guarded("PUT", f"{path}/inside", found)[0] == FORBIDDEN


def pod(security: dict[str, Any], **container: Any) -> dict[str, Any]:
    image = {"name": "one", "image": "docker.io/library/one:1", **container}
    return {
        "metadata": {"name": "one"},
        "spec": {"securityContext": security, "containers": [image]},
    }


UNPRIVILEGED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
}
GATEWAY = pod(
    {"sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]},
    securityContext=UNPRIVILEGED,
)
REDIRECTED = pod({}, securityContext={"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}})


@pytest.fixture(scope="module")
def labelled(api: Api) -> Api:
    with_cni = SETTINGS.model_copy(
        update={"istio": SETTINGS.istio.model_copy(update={"cni": True})}
    )
    api.namespace("istio-plain", istio_labels(SETTINGS))
    api.namespace("injected-plain", injected_labels(SETTINGS))
    api.namespace("injected-cni", injected_labels(with_cni))
    end = time.monotonic() + PATIENCE_SECONDS
    for name in ("istio-plain", "injected-plain", "injected-cni"):
        # The account of its pods comes a moment after the namespace.
        while api("GET", f"{NAMESPACES}/{name}/serviceaccounts/default")[0] == GONE:
            assert time.monotonic() < end, f"{name} has no account"
            time.sleep(0.2)
    return api


@pytest.mark.parametrize(
    ("namespace", "wanted"),
    [("istio-plain", GATEWAY), ("injected-plain", REDIRECTED), ("injected-cni", GATEWAY)],
    ids=["a gateway beside istiod", "one with Istio's init container", "with the CNI plugin"],
)
def test_pods_of_the_mesh_run(labelled: Api, namespace: str, wanted: dict[str, Any]) -> None:
    found, said = asked(labelled, namespace, wanted)
    assert found == CREATED, said


@pytest.mark.parametrize("namespace", ["istio-plain", "injected-cni"])
def test_a_pod_that_redirects_is_refused_where_nobody_needs_one(
    labelled: Api, namespace: str
) -> None:
    assert asked(labelled, namespace, REDIRECTED)[0] == FORBIDDEN
