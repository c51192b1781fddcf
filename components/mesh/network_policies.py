"""Who may reach the pods of Istio in one cluster, where the cluster's network enforces policies.

Each policy is for one of the program's own pods, so add-ons in istio-system stay as they are, and a
policy of one's own opens more: they add up. Kubelet's probes need no rule, since a node always
reaches its pods, https://kubernetes.io/docs/concepts/services-networking/network-policies/.
ADR 0026 says where policies are enforced.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

from components.mesh.charts import ISTIO_NAMESPACE
from components.mesh.values import (
    EGRESS,
    INGRESS,
    PORT_MTLS,
    PORT_STATUS,
    PORT_WEBHOOK,
    PORT_XDS,
    GatewayKind,
    east_west,
)
from components.plan.plan import Member
from components.settings.mesh import MeshSettings

Rule = dict[str, Any]

# Of istiod, https://istio.io/latest/docs/ops/deployment/application-requirements/. Its plaintext
# XDS on 15010 has no caller here, and 8080 is asked by kubelet alone.
_PORT_METRICS: Final = 15014

# Of a gateway's own proxy: its agent's and Envoy's metrics.
_PROXY_METRICS: Final = (15020, 15090)


def _from_anywhere(*ports: int) -> Rule:
    return {"ports": [{"protocol": "TCP", "port": port} for port in ports]}


def _from_pods(*ports: int) -> Rule:
    """Return the rule that lets in the pods of this cluster, of all namespaces."""
    return {**_from_anywhere(*ports), "from": [{"namespaceSelector": {}}]}


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkPoliciesArgs:
    """The cluster, and what of Istio runs in it."""

    member: Member
    mesh: MeshSettings
    system: pulumi.Resource
    """The Istio namespace."""


class NetworkPolicies(pulumi.ComponentResource):
    """Closes every port of istiod and the gateways of one cluster that nobody is meant to call."""

    def __init__(
        self, name: str, args: NetworkPoliciesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:NetworkPolicies", name, None, opts)
        for policy, spec in network_policies(args.member, args.mesh).items():
            k8s.networking.v1.NetworkPolicy(
                f"{name}-{policy}",
                metadata={"name": f"oke-mesh-{policy}", "namespace": ISTIO_NAMESPACE},
                spec=spec,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[args.system]),
            )
        self.register_outputs({})


def network_policies(member: Member, mesh: MeshSettings) -> Mapping[str, Any]:
    """Return the specs of one cluster's policies, by the pods that they are for."""
    gateways: list[tuple[GatewayKind, list[Rule]]] = [
        # The load balancer keeps the address of its own or of the client, which may be anyone.
        (INGRESS, [_from_anywhere(*INGRESS.ports.values())])
    ]
    if member.needs_east_west:
        # Proxies of other networks; of its remotes, also API servers, which call the injector.
        ports = (PORT_STATUS, PORT_MTLS)
        served = (PORT_XDS, PORT_WEBHOOK) if member.serves_remotes else ()
        kind = east_west(member.settings.network)
        gateways.append((kind, [_from_anywhere(*ports, *served)]))
    if mesh.istio.egress:
        gateways.append((EGRESS, [_from_pods(*EGRESS.ports.values())]))
    found = {
        kind.short_name: _policy(kind.selector, [*rules, _from_pods(*_PROXY_METRICS)])
        for kind, rules in gateways
    }
    return {**({"istiod": _istiod()} if member.is_primary else {}), **found}


def _istiod() -> Rule:
    return _policy(
        {"app": "istiod"},
        [
            # From which address OKE's API server calls a webhook is said nowhere.
            _from_anywhere(PORT_WEBHOOK),
            # Proxies, and what an east-west gateway passes on from remotes; metrics.
            _from_pods(PORT_XDS, _PORT_METRICS),
        ],
    )


def _policy(selector: Mapping[str, str], rules: Sequence[Rule]) -> Rule:
    return {
        "podSelector": {"matchLabels": dict(selector)},
        "policyTypes": ["Ingress"],
        "ingress": [*rules],
    }
