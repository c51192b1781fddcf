"""Refuses Services that would get a public load balancer, where `mesh.loadBalancers` says so.

The API server judges by itself, so no program of ours is in the way of a Service (ADR 0026).
"""

from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

from components.mesh.annotations import INTERNAL, INTERNAL_NETWORK, TYPE
from components.mesh.namespaces import BALANCERS_FREE, BALANCERS_LABEL

_NAME: Final = "oke-mesh-load-balancers"


def asks_for_public(service: str) -> str:
    """Return, in CEL, whether a Service gets a public load balancer of Oracle's controller.

    The controller takes `nlb` in any case of letters, everything else for `lb`, and asks each kind
    for an annotation of its own. It takes more words for true than `true`; those are refused.
    """

    def annotation(name: str) -> str:
        return f'{service}.metadata.?annotations[?"{name}"].orValue("")'

    internal = (
        f'({annotation(TYPE)}.lowerAscii() == "nlb" '
        f'? {annotation(INTERNAL_NETWORK)} : {annotation(INTERNAL)}) == "true"'
    )
    return f'{service}.spec.?type.orValue("") == "LoadBalancer" && !({internal})'


_REMEDY: Final = (
    "the Service asks for a public load balancer, which mesh.loadBalancers keeps to namespaces "
    f'that are labelled for it; set the annotation {INTERNAL}: \\"true\\" (of a network load '
    f'balancer {INTERNAL_NETWORK}: \\"true\\"), or have an administrator run: kubectl label '
    "namespace "
)


def policy_spec() -> dict[str, Any]:
    """Return the spec of the ValidatingAdmissionPolicy, as the API server has it.

    A Service that was public before goes on as it is: it can be changed, and its controller can let
    go of it.
    """
    free = {"key": BALANCERS_LABEL, "operator": "NotIn", "values": [BALANCERS_FREE]}
    services = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["services"],
    }
    return {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "resourceRules": [services],
            "namespaceSelector": {"matchExpressions": [free]},
        },
        "variables": [
            {"name": "isPublic", "expression": asks_for_public("object")},
            {
                "name": "wasPublic",
                "expression": f"oldObject != null && {asks_for_public('oldObject')}",
            },
        ],
        "validations": [
            {
                "expression": "!variables.isPublic || variables.wasPublic",
                "messageExpression": (
                    f'"{_REMEDY}" + request.namespace + " {BALANCERS_LABEL}={BALANCERS_FREE}"'
                ),
                "reason": "Forbidden",
            }
        ],
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadBalancerPolicyArgs:
    """What has to be there before it holds."""

    system: pulumi.Resource
    """The Istio namespace with its label, whose gateways are public."""


class LoadBalancerPolicy(pulumi.ComponentResource):
    """Keeps public load balancers to the namespaces that are labelled for them."""

    def __init__(
        self, name: str, args: LoadBalancerPolicyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:LoadBalancerPolicy", name, None, opts)
        # Before the label is there, the program's own gateways would be refused.
        after = pulumi.ResourceOptions(parent=self, depends_on=[args.system])
        spec: Any = policy_spec()
        policy = k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
            f"{name}-policy", metadata={"name": _NAME}, spec=spec, opts=after
        )
        k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
            f"{name}-binding",
            metadata={"name": _NAME},
            spec={"policy_name": policy.metadata.name, "validation_actions": ["Deny"]},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
