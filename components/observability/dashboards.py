"""The program's own dashboard: all clusters beside each other, and who calls across; pure."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from components.plan.observability import VIEW

Panel = dict[str, Any]

SOURCE: Final = {"type": "prometheus", "uid": VIEW}
"""Grafana's name of the view over all clusters."""

_WIDTH: Final = 12
_HEIGHT: Final = 8
_PER_ROW: Final = 2

_SOURCE_SIDE: Final = 'reporter="source",cluster=~"$cluster"'


class _Graph(NamedTuple):
    title: str
    query: str
    legend: str
    unit: str


_GRAPHS: Final[Sequence[_Graph]] = (
    _Graph(
        "Clusters that are heard of",
        'max by (cluster, region) (up{cluster=~"$cluster",job="prometheus"})',
        "{{cluster}} in {{region}}",
        "short",
    ),
    _Graph(
        "Alerts that fire",
        'sum by (cluster, alertname) (ALERTS{alertstate="firing",cluster=~"$cluster"})',
        "{{alertname}} in {{cluster}}",
        "short",
    ),
    _Graph(
        "Requests by the cluster that asks",
        f"sum by (cluster) (rate(istio_requests_total{{{_SOURCE_SIDE}}}[5m]))",
        "{{cluster}}",
        "reqps",
    ),
    _Graph(
        "Share of requests that fail",
        f'sum by (cluster) (rate(istio_requests_total{{{_SOURCE_SIDE},response_code=~"5.."}}[5m]))'
        f" / sum by (cluster) (rate(istio_requests_total{{{_SOURCE_SIDE}}}[5m]))",
        "{{cluster}}",
        "percentunit",
    ),
    _Graph(
        "Requests from cluster to cluster",
        "sum by (source_cluster, destination_cluster) "
        f"(rate(istio_requests_total{{{_SOURCE_SIDE}}}[5m]))",
        "{{source_cluster}} to {{destination_cluster}}",
        "reqps",
    ),
    _Graph(
        "Time of 99 of 100 requests from cluster to cluster",
        "histogram_quantile(0.99, sum by (source_cluster, destination_cluster, le) "
        f"(rate(istio_request_duration_milliseconds_bucket{{{_SOURCE_SIDE}}}[5m])))",
        "{{source_cluster}} to {{destination_cluster}}",
        "ms",
    ),
    _Graph(
        "Ways from cluster to cluster (1: answers)",
        'min by (cluster, target_cluster) (up{job="clusters",cluster=~"$cluster"})',
        "{{cluster}} to {{target_cluster}}",
        "short",
    ),
    _Graph(
        "Clusters that each istiod reads",
        'min by (cluster) (istiod_managed_clusters{cluster_type="remote",cluster=~"$cluster"})',
        "{{cluster}}",
        "short",
    ),
    _Graph(
        "Days until what signs certificates ends",
        'min by (cluster) (citadel_server_cert_chain_expiry_seconds{cluster=~"$cluster"}) / 86400',
        "{{cluster}}",
        "d",
    ),
    _Graph(
        "Connections of proxies to istiod",
        'sum by (cluster) (pilot_xds{cluster=~"$cluster"})',
        "{{cluster}}",
        "short",
    ),
)


def clusters_dashboard() -> str:
    """Return the dashboard as Grafana reads it."""
    clusters = {
        "name": "cluster",
        "type": "query",
        "datasource": SOURCE,
        "query": "label_values(up, cluster)",
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }
    dashboard = {
        "uid": "oke-mesh-clusters",
        "title": "All clusters of the mesh",
        "time": {"from": "now-3h", "to": "now"},
        "refresh": "30s",
        "schemaVersion": 39,
        "templating": {"list": [clusters]},
        "panels": [*_panels()],
    }
    return json.dumps(dashboard, indent=1)


def _panels() -> Iterator[Panel]:
    for number, graph in enumerate(_GRAPHS):
        row, column = divmod(number, _PER_ROW)
        yield {
            "id": number + 1,
            "type": "timeseries",
            "title": graph.title,
            "datasource": SOURCE,
            "gridPos": {"h": _HEIGHT, "w": _WIDTH, "x": column * _WIDTH, "y": row * _HEIGHT},
            "fieldConfig": {"defaults": {"unit": graph.unit, "min": 0}, "overrides": []},
            "targets": [{"refId": "A", "expr": graph.query, "legendFormat": graph.legend}],
        }
