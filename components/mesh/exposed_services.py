"""What other clusters may reach through the east-west gateway, and the mesh-wide policies.

Read by the istiod of the same cluster only, so it is made on primaries; a primary's Gateway also
configures the east-west gateways of its remotes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components.mesh.charts import ISTIO_NAMESPACE
from components.mesh.objects import Spec, create_object
from components.mesh.values import PORT_MTLS, PORT_WEBHOOK, PORT_XDS
from components.plan.plan import Member
from components.settings.mesh import Authorization, MeshSettings

_SELECTOR: Final = {"istio": "eastwestgateway"}

# Of the namespace that the object is in: routes of no other one are taken.
_OWN_ROUTES: Final = "./*"

# The port of istiod's Service that leads to its webhooks.
_WEBHOOK_SERVICE_PORT: Final = 443


def services_gateway(hosts: Sequence[str]) -> Spec:
    """Return the Gateway that passes mTLS on to the service named by its SNI.

    No route is taken there, so none is to be kept out; `hosts` says which services there are.
    """
    return {
        "selector": _SELECTOR,
        "servers": [
            {
                "port": {"number": PORT_MTLS, "name": "tls", "protocol": "TLS"},
                "tls": {"mode": "AUTO_PASSTHROUGH"},
                "hosts": [*hosts],
            }
        ],
    }


def istiod_gateway() -> Spec:
    """Return the Gateway through which remotes reach istiod, whose TLS it does not open."""
    ports = {"tls-istiod": PORT_XDS, "tls-istiodwebhook": PORT_WEBHOOK}
    return {
        "selector": _SELECTOR,
        "servers": [
            {
                "port": {"number": number, "name": name, "protocol": "TLS"},
                "tls": {"mode": "PASSTHROUGH"},
                "hosts": [_OWN_ROUTES],
            }
            for name, number in ports.items()
        ],
    }


def istiod_routes(revision: str | None) -> Spec:
    """Return the VirtualService that leads from the istiod Gateway to istiod."""
    service = f"istiod-{revision}" if revision else "istiod"
    host = f"{service}.{ISTIO_NAMESPACE}.svc.cluster.local"
    routes = {PORT_XDS: PORT_XDS, PORT_WEBHOOK: _WEBHOOK_SERVICE_PORT}
    return {
        "hosts": ["*"],
        "gateways": ["istiod-gateway"],
        "tls": [
            {
                "match": [{"port": port, "sniHosts": ["*"]}],
                "route": [{"destination": {"host": host, "port": {"number": target}}}],
            }
            for port, target in routes.items()
        ],
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class ExposedServicesArgs:
    """The primary, and whether its mesh spans several networks."""

    member: Member
    mesh: MeshSettings
    spans_networks: bool
    requires: Sequence[pulumi.Resource]
    """The control plane, which checks Istio's objects as they come."""


class ExposedServices(pulumi.ComponentResource):
    """Lets other networks in to services and, for remotes, to istiod; sets who may ask whom."""

    def __init__(
        self, name: str, args: ExposedServicesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:ExposedServices", name, None, opts)
        # istiod's webhook validates every object of Istio; without it they are refused.
        after = pulumi.ResourceOptions(parent=self, depends_on=[*args.requires])
        for kind, objects in exposed(args).items():
            for label, spec in objects.items():
                place = {"name": label, "namespace": ISTIO_NAMESPACE}
                create_object(f"{name}-{label}", kind, spec, metadata=place, opts=after)
        self.register_outputs({})


def exposed(args: ExposedServicesArgs) -> Mapping[str, Mapping[str, Spec]]:
    """Return the objects that a primary needs, by kind and name."""
    gateways: dict[str, Spec] = {}
    routes: dict[str, Spec] = {}
    if args.spans_networks:
        gateways["cross-network-gateway"] = services_gateway(args.mesh.east_west.hosts)
    if args.member.serves_remotes:
        gateways["istiod-gateway"] = istiod_gateway()
        routes["istiod-vs"] = istiod_routes(args.mesh.istio.revision)
    return {
        "Gateway": gateways,
        "VirtualService": routes,
        "PeerAuthentication": {"default": {"mtls": {"mode": args.mesh.mtls.value}}},
        "AuthorizationPolicy": policies(args.member, args.mesh),
    }


def policies(member: Member, mesh: MeshSettings) -> dict[str, Spec]:
    """Return who may ask whom where the mesh denies by default, by name.

    Neither health checks of kubelet and load balancers, nor what an east-west gateway passes on
    to services, pass an AuthorizationPolicy: the latter is judged by the service's own proxy.
    """
    if mesh.authorization is not Authorization.DENY:
        return {}
    # One that allows, and has no rule, allows nothing.
    found: dict[str, Spec] = {"deny-by-default": {"action": "ALLOW"}}
    found["allow-ingress"] = _allow("ingressgateway", {})
    if member.serves_remotes:
        ports = {"to": [{"operation": {"ports": [str(PORT_XDS), str(PORT_WEBHOOK)]}}]}
        found["allow-istiod"] = _allow("eastwestgateway", ports)
    if mesh.istio.egress:
        anyone_of_the_mesh = {"from": [{"source": {"principals": ["*"]}}]}
        found["allow-egress"] = _allow("egressgateway", anyone_of_the_mesh)
    return found


def _allow(gateway: str, rule: Spec) -> Spec:
    return {"selector": {"matchLabels": {"istio": gateway}}, "action": "ALLOW", "rules": [rule]}
