"""The `trafficPolicy` of a service: which of its pods is asked, and when one is left out; pure."""

from typing import Any

from components.plan.traffic.names import region_on_nodes
from components.settings.traffic import (
    ConnectionPool,
    Locality,
    OutlierDetection,
    ServiceTraffic,
    StickySession,
    TrafficSettings,
)

Spec = dict[str, Any]


def outlier_detection_of(
    service: ServiceTraffic, traffic: TrafficSettings | None
) -> OutlierDetection | None:
    """Return when pods of the service are left out: as it says itself, or as the mesh does."""
    if service.outlier_detection or traffic is None:
        return service.outlier_detection
    return traffic.mesh.outlier_detection if traffic.mesh.locality_first else None


def policy(service: ServiceTraffic, traffic: TrafficSettings | None) -> Spec:
    """Return the policy; with no `traffic`, only what the service says itself."""
    found = outlier_detection_of(service, traffic)
    parts = {
        "loadBalancer": _load_balancer(service),
        "connectionPool": _pool(service.connection_pool) if service.connection_pool else {},
        "outlierDetection": outliers(found) if found else {},
    }
    return {name: part for name, part in parts.items() if part}


def outliers(found: OutlierDetection) -> Spec:
    """Return outlier detection in Istio's fields.

    All are written: Envoy's own default for a field that is not there ejects after five 5xx.
    """
    return {
        "consecutive5xxErrors": found.consecutive5xx_errors,
        "consecutiveGatewayErrors": found.consecutive_gateway_errors,
        "interval": found.interval,
        "baseEjectionTime": found.base_ejection_time,
        "maxEjectionPercent": found.max_ejection_percent,
        "minHealthPercent": found.min_health_percent,
    }


def _load_balancer(service: ServiceTraffic) -> Spec:
    found: Spec = {}
    if service.sticky_session:
        found["consistentHash"] = {"httpCookie": _cookie(service.sticky_session)}
    if service.locality:
        found["localityLbSetting"] = _locality(service.locality)
    return found


def _cookie(sticky: StickySession) -> Spec:
    # No time to live is a cookie that ends with the session; without the field there is no cookie.
    return {"name": sticky.cookie, "path": "/", "ttl": sticky.ttl or "0s"}


def _locality(locality: Locality) -> Spec:
    found: Spec = {"enabled": locality.enabled}
    if locality.failover:
        found["failover"] = [
            {"from": region_on_nodes(one.from_), "to": region_on_nodes(one.to)}
            for one in locality.failover
        ]
    if locality.distribute:
        found["distribute"] = [
            {
                "from": f"{region_on_nodes(one.from_)}/*",
                "to": {f"{region_on_nodes(share.region)}/*": share.weight for share in one.to},
            }
            for one in locality.distribute
        ]
    return found


def _pool(pool: ConnectionPool) -> Spec:
    tcp = {"maxConnections": pool.max_connections}
    http = {
        "http1MaxPendingRequests": pool.max_pending_requests,
        "http2MaxRequests": pool.max_requests,
        "maxRequestsPerConnection": pool.max_requests_per_connection,
    }
    parts = {
        name: {key: value for key, value in part.items() if value is not None}
        for name, part in (("tcp", tcp), ("http", http))
    }
    return {name: part for name, part in parts.items() if part}
