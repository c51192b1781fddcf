"""What a gateway is told about a host: Gateway and VirtualService; pure."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from components.mesh.objects import Spec
from components.plan.traffic.names import host_of
from components.settings.dns import HealthCheckSettings
from components.settings.hosts import HostSettings, HttpsSettings

OWN_CHECK: Final = "/.well-known/oke-mesh"
"""What a gateway answers itself, whatever services do."""

_SELECTOR: Final = {"istio": "ingressgateway"}

# Routes of another namespace are not taken: who may write there is no matter of this program's.
_OWN_ROUTES: Final = "./{}"

_HTTP: Final = {"number": 80, "name": "http", "protocol": "HTTP"}
_HTTPS: Final = {"number": 443, "name": "https", "protocol": "HTTPS"}


def host_gateway(names: Sequence[str], *, secret: str | None) -> Spec:
    """Return the Gateway that opens port 80 for `names`, and 443 where there is a certificate."""
    hosts = [_OWN_ROUTES.format(name) for name in names]
    servers: list[Spec] = [{"port": _HTTP, "hosts": hosts}]
    if secret:
        # The gateway finds it in its own cluster, so each has a certificate of its own.
        tls = {"mode": "SIMPLE", "credentialName": secret, "minProtocolVersion": "TLSV1_2"}
        servers.append({"port": _HTTPS, "tls": tls, "hosts": hosts})
    return {"selector": _SELECTOR, "servers": servers}


def check_path(check: HealthCheckSettings) -> str:
    """Return what a health check asks for."""
    return check.path or OWN_CHECK


def host_routes(
    names: Sequence[str],
    host: HostSettings,
    https: HttpsSettings | None,
    *,
    gateway: str,
    check: HealthCheckSettings | None = None,
) -> Spec:
    """Return the VirtualService that leads from a Gateway to the service of a host.

    `check` is what answers health checks by HTTP, where there are any.
    """
    destination = {"host": host_of(host.service), "port": {"number": host.port}}
    leads: Spec = {
        "match": [{"uri": {"prefix": path}} for path in host.paths],
        "route": [{"destination": destination}],
        **_strict_transport(https),
    }
    routes = [
        *([_to_check(check, destination)] if check else []),
        *([_to_https()] if https and https.redirect else []),
        leads,
    ]
    return {"hosts": [*names], "gateways": [gateway], "http": routes}


def _to_check(check: HealthCheckSettings, destination: Spec) -> Spec:
    """Return the route of health checks, before the redirect: to them 301 is not well."""
    match = [{"uri": {"exact": check_path(check)}, "port": 80}]
    if check.path:
        return {"match": match, "route": [{"destination": destination}]}
    return {"match": match, "directResponse": {"status": 200}}


def _to_https() -> Spec:
    """Return the route that sends from port 80 to HTTPS.

    Not by the Gateway's `httpsRedirect`, which would take the challenges of ACME along: their
    routes, which cert-manager makes on port 80, come before one that takes everything.
    """
    return {"match": [{"port": 80}], "redirect": {"scheme": "https", "redirectCode": 301}}


def _strict_transport(https: HttpsSettings | None) -> Spec:
    """Return the header of RFC 6797, which counts where it was sent by HTTPS."""
    if https is None or not https.hsts_days:
        return {}
    seconds = int(timedelta(days=https.hsts_days).total_seconds())
    return {"headers": {"response": {"set": {"strict-transport-security": f"max-age={seconds}"}}}}
