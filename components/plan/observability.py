"""Names of what observes the mesh: its namespace, services, ports and identities; pure."""

from typing import Final

from components.plan.traffic.names import host_of
from components.settings.traffic import TrafficSettings

NAMESPACE: Final = "observability"

VIEW: Final = "metrics-view"
"""The Prometheus of all clusters; its release, Service and service account."""
PROMETHEUS: Final = "prometheus"
"""The release and the service account of each cluster's own Prometheus."""
ALERTMANAGER: Final = "alertmanager"
GRAFANA: Final = "grafana"
KIALI: Final = "kiali"
TRACING: Final = "tracing"

METRICS_PORT: Final = 9090
ALERTS_PORT: Final = 9093
GRAFANA_PORT: Final = 80
KIALI_PORT: Final = 20001
SPANS_PORT: Final = 4317
"""OTLP over gRPC."""
TRACES_PORT: Final = 16686
"""Jaeger's queries over HTTP."""

TRACING_PROVIDER: Final = "oke-mesh-tracing"
"""Under which the mesh's configuration knows where spans go."""


def prometheus_of(key: str) -> str:
    """Return the name of a cluster's own Prometheus, which no other cluster has.

    Under one name the mesh would take those of all clusters for pods of one service.
    """
    return f"{PROMETHEUS}-{key}"


def alertmanager_of(key: str) -> str:
    """Return the name of a cluster's own Alertmanager."""
    return f"{ALERTMANAGER}-{key}"


def host(service: str) -> str:
    """Return the name by which every cluster of the mesh calls a service of the namespace."""
    return host_of(f"{NAMESPACE}/{service}")


def connection_limits(traffic: TrafficSettings) -> dict[str, int]:
    """Return how many connections a proxy may have to a service, by its host, where it is said."""
    pools = {key: service.connection_pool for key, service in traffic.services.items()}
    return {
        host_of(key): pool.max_connections
        for key, pool in sorted(pools.items())
        if pool and pool.max_connections
    }
