"""Hosts outside of the mesh by way of the egress gateway.

A proxy leads what it is asked for a host to the gateway, with the mesh's own mTLS around it and the
host's name as its SNI; the gateway takes that off and calls the host. So a policy at the gateway
knows who calls, and what a workload and a host say to each other by TLS stays theirs.

https://istio.io/latest/docs/tasks/traffic-management/egress/egress-gateway/
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import pulumi

from components.mesh.charts import ISTIO_NAMESPACE
from components.mesh.objects import Spec, create_object
from components.mesh.values import EGRESS_HOST
from components.settings.outside import Outside, Scheme

_READABLE: Final = 40
"""Letters of a host's name; the rest of the 63 of a DNS label is taken."""
_SELECTOR: Final = {"istio": "egressgateway"}


@dataclass(frozen=True, kw_only=True, slots=True)
class OutsideHostsArgs:
    """The hosts, and what must be there before them."""

    hosts: Sequence[Outside]
    requires: Sequence[pulumi.Resource]
    """The control plane, which checks Istio's objects as they come, and the gateway."""


class OutsideHosts(pulumi.ComponentResource):
    """Leads the proxies of a control plane to hosts outside, through the egress gateway."""

    def __init__(
        self, name: str, args: OutsideHostsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:OutsideHosts", name, None, opts)
        after = pulumi.ResourceOptions(parent=self, depends_on=[*args.requires])
        for kind, objects in outside_objects(args.hosts).items():
            for label, spec in objects.items():
                place = {"name": label, "namespace": ISTIO_NAMESPACE}
                full_name = f"{name}-{label}-{kind.lower()}"
                create_object(full_name, kind, spec, metadata=place, opts=after)
        self.register_outputs({})


def outside_objects(hosts: Sequence[Outside]) -> dict[str, dict[str, Spec]]:
    """Return what an istiod reads about the hosts that may be called, by kind and name."""
    found: dict[str, dict[str, Spec]] = {
        "ServiceEntry": {},
        "Gateway": {},
        "DestinationRule": {},
        "VirtualService": {},
    }
    for host in hosts:
        name = object_name(host)
        found["ServiceEntry"][name] = service_entry(host)
        found["Gateway"][name] = gateway(host)
        found["DestinationRule"][name] = around(host)
        found["VirtualService"][name] = routes(host)
    return found


def object_name(host: Outside) -> str:
    """Return the name of the objects of a host: no other host's, and as short as a subset's is."""
    readable = host.name.replace(".", "-")[:_READABLE].rstrip("-")
    return f"egress-{host.scheme}-{readable}-{sha256(host.name.encode()).hexdigest()[:6]}"


def service_entry(host: Outside) -> Spec:
    """Return the host as a service that proxies may call."""
    protocol = "HTTP" if host.scheme is Scheme.HTTP else "TLS"
    return {
        "hosts": [host.name],
        "location": "MESH_EXTERNAL",
        "resolution": "DNS",
        "ports": [{"number": host.port, "name": host.scheme.value, "protocol": protocol}],
    }


def gateway(host: Outside) -> Spec:
    """Return what the egress gateway listens for: the mesh's mTLS with the name of the host."""
    protocol = "HTTPS" if host.scheme is Scheme.HTTP else "TLS"
    port = {"number": _listener(host), "name": host.scheme.value, "protocol": protocol}
    server = {"port": port, "hosts": [f"./{host.name}"], "tls": {"mode": "ISTIO_MUTUAL"}}
    return {"selector": _SELECTOR, "servers": [server]}


def around(host: Outside) -> Spec:
    """Return the DestinationRule by which proxies put that mTLS around what they send."""
    tls = {"mode": "ISTIO_MUTUAL", "sni": host.name}
    port = {"port": {"number": _listener(host)}, "tls": tls}
    subset = {"name": object_name(host), "trafficPolicy": {"portLevelSettings": [port]}}
    return {"host": EGRESS_HOST, "subsets": [subset]}


def routes(host: Outside) -> Spec:
    """Return the way of a request: from its proxy to the gateway, and from there to the host."""
    name = object_name(host)
    inside = {"host": EGRESS_HOST, "subset": name, "port": {"number": _listener(host)}}
    beyond = {"host": host.name, "port": {"number": host.port}}
    from_mesh: Spec = {"gateways": ["mesh"], "port": host.port}
    at_gateway = {"gateways": [name], "port": _listener(host)}
    if host.scheme is Scheme.HTTP:
        ways = {"http": [_way(from_mesh, inside), _way(at_gateway, beyond)]}
    else:
        named = {**from_mesh, "sniHosts": [host.name]}
        ways = {"tls": [_way(named, inside)], "tcp": [_way(at_gateway, beyond)]}
    return {"hosts": [host.name], "gateways": ["mesh", name], **ways}


def _way(match: Spec, destination: Spec) -> Spec:
    return {"match": [match], "route": [{"destination": destination}]}


def _listener(host: Outside) -> int:
    """Return the port of the gateway, which is not the host's: it is told apart by the SNI."""
    return host.scheme.usual_port
