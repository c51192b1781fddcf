"""What other settings than the mesh's add to the mesh's configuration; pure."""

from components.mesh.values import Values
from components.plan.observability import (
    SPANS_PORT,
    TRACING,
    TRACING_PROVIDER,
    connection_limits,
    host,
)
from components.settings.stack import Settings


def extension_of(settings: Settings) -> Values:
    """Return a part of `meshConfig`; nothing where nobody observes the mesh."""
    observability = settings.observability
    if observability is None:
        return {}
    found: Values = {}
    if connection_limits(settings.traffic):
        # Envoy counts connections of each service, and Istio's proxies tell of few of its counts.
        inclusion = {"inclusionRegexps": [r"cluster\.outbound.*\.upstream_cx_active"]}
        found["defaultConfig"] = {"proxyStatsMatcher": inclusion}
    if observability.tracing is not None:
        found["enableTracing"] = True
        # How much is traced the Telemetry API says; where spans go can be said here alone.
        to_jaeger = {"service": host(TRACING), "port": SPANS_PORT}
        found["extensionProviders"] = [{"name": TRACING_PROVIDER, "opentelemetry": to_jaeger}]
    return found
