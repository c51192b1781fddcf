"""Public load balancers kept to labelled namespaces; the API server's own word is in tests/lab."""

from __future__ import annotations

import pytest

from components.mesh.annotations import load_balancer_annotations
from components.mesh.load_balancer_policy import asks_for_public, policy_spec
from components.settings.mesh import IngressSettings
from tests.mesh.support import NAMESPACE, mesh
from tests.support.graph import order
from tests.support.harness import Deployment

POLICY = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"
BINDING = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding"

LABEL = "oke-mesh/load-balancers"


@pytest.fixture(scope="module")
def guarded() -> Deployment:
    return mesh(mesh__loadBalancers="internal")


def test_by_default_every_service_gets_what_it_asks_for(primaries: Deployment) -> None:
    assert primaries.of(POLICY) == []
    assert primaries.of(BINDING) == []


def test_every_cluster_has_the_policy_and_denies_by_it(guarded: Deployment) -> None:
    for key in ("primary", "secondary"):
        policy = guarded.one(POLICY, f"{key}-load-balancers-policy").inputs
        binding = guarded.one(BINDING, f"{key}-load-balancers-binding").inputs
        assert policy["spec"] == policy_spec()
        assert binding["spec"] == {
            "policyName": policy["metadata"]["name"],
            "validationActions": ["Deny"],
        }


def test_the_programs_own_gateways_are_in_a_namespace_that_is_free(guarded: Deployment) -> None:
    selector = policy_spec()["matchConstraints"]["namespaceSelector"]
    assert selector == {
        "matchExpressions": [{"key": LABEL, "operator": "NotIn", "values": ["any"]}]
    }
    namespace = guarded.one(NAMESPACE, "primary-istio-system-namespace")
    assert namespace.inputs["metadata"]["labels"][LABEL] == "any"


def test_the_policy_waits_for_the_label(guarded: Deployment) -> None:
    """Before it the gateways of the program would be refused."""
    namespace = "primary-istio-system-namespace"
    assert order(guarded, namespace, "primary-load-balancers-policy")


@pytest.mark.parametrize("balancer", ["loadBalancer", "networkLoadBalancer"])
def test_the_annotations_that_are_asked_for_are_those_that_the_program_writes(
    balancer: str,
) -> None:
    settings = IngressSettings.model_validate({"exposure": "internal", "balancer": balancer})
    written = load_balancer_annotations(settings, subnet_id="s", nsg_id="n", tags={})
    says = [name for name, value in written.items() if value == "true" and "internal" in name]
    assert len(says) == 1
    assert f'"{says[0]}"' in asks_for_public("object")


def test_who_is_refused_is_told_what_to_do() -> None:
    (validation,) = policy_spec()["validations"]
    assert validation["messageExpression"] == (
        '"the Service asks for a public load balancer, which mesh.loadBalancers keeps to '
        "namespaces that are labelled for it; set the annotation "
        'service.beta.kubernetes.io/oci-load-balancer-internal: \\"true\\" (of a network load '
        'balancer oci-network-load-balancer.oraclecloud.com/internal: \\"true\\"), or have an '
        'administrator run: kubectl label namespace " + request.namespace + '
        '" oke-mesh/load-balancers=any"'
    )
