"""Helm values of the chart `prometheus`: of each cluster's own, and of the view over all; pure."""

from collections.abc import Mapping
from typing import Final

from components.mesh.values import Values, identity, merge
from components.observability.alerts import CLUSTERS_JOB, cluster_alerts, rules_file, view_alerts
from components.observability.policies import PART
from components.plan.observability import (
    ALERTS_PORT,
    METRICS_PORT,
    PROMETHEUS,
    VIEW,
    alertmanager_of,
    host,
    prometheus_of,
)
from components.plan.plan import Member, Plan
from components.settings.observability import ObservabilitySettings, Receiver
from components.settings.stack import Settings

RECEIVER_SECRET: Final = "alert-receiver"  # noqa: S105 a name, not a secret
_RECEIVER_FOLDER: Final = "/etc/alert-receiver"
RECEIVER_KEY: Final = "receiver"

# How Alertmanager is told where the URL or key of a receiver lies, by its kind.
_RECEIVERS: Final[Mapping[Receiver, tuple[str, str]]] = {
    Receiver.WEBHOOK: ("webhook_configs", "url_file"),
    Receiver.SLACK: ("slack_configs", "api_url_file"),
    Receiver.PAGERDUTY: ("pagerduty_configs", "routing_key_file"),
}

# How long a cluster that was cut off sends later what it measured: as long as Prometheus keeps
# its write-ahead log. The view takes nothing older than its newest hour without this.
_LATE: Final = "3h"

# Jobs of the chart that find nothing here.
_WITHOUT: Final = ("kubernetes-api-servers", "prometheus-pushgateway", "kubernetes-services")
_ALL_OTHERS: Final = (
    *_WITHOUT,
    "kubernetes-nodes",
    "kubernetes-nodes-cadvisor",
    "kubernetes-service-endpoints",
    "kubernetes-service-endpoints-slow",
    "kubernetes-pods",
    "kubernetes-pods-slow",
)


def prometheus_values(member: Member, plan: Plan, settings: Settings) -> Values:
    """Return the values of a cluster's own Prometheus, with Alertmanager beside it."""
    chosen = _chosen(settings).prometheus
    name = member.settings.name
    own: Values = {
        **_no_exporters(),
        "serviceAccounts": {"server": {"name": PROMETHEUS}},
        "server": {
            **_server(prometheus_of(member.key), PROMETHEUS, member, settings=settings),
            **_size(chosen.retention_days, chosen.cpu_request, chosen.memory_request),
            "persistentVolume": {"size": chosen.storage},
            "global": {
                "scrape_interval": "30s",
                "evaluation_interval": "30s",
                "external_labels": {"cluster": name, "region": member.settings.region},
            },
            "remoteWrite": [{"url": f"http://{host(VIEW)}:{METRICS_PORT}/api/v1/write"}],
            "alertmanagers": _alertmanager_at(member.key),
        },
        "scrapeConfigs": {**_switched_off(_WITHOUT), **_clusters(member, plan)},
        "serverFiles": {"alerting_rules.yml": rules_file(cluster_alerts(member, settings))},
        "alertmanager": _alertmanager(member, settings),
        "kube-state-metrics": _state_metrics(member, settings),
    }
    return merge(own, chosen.values)


def view_values(home: Member, plan: Plan, settings: Settings) -> Values:
    """Return the values of the Prometheus that every cluster's own writes to."""
    view = _chosen(settings).view
    own: Values = {
        **_no_exporters(),
        "rbac": {"create": False},
        "serviceAccounts": {"server": {"name": VIEW}},
        "server": {
            **_server(VIEW, VIEW, home, settings=settings),
            **_size(view.retention_days, view.cpu_request, view.memory_request),
            "persistentVolume": {"size": view.storage},
            "extraFlags": ["web.enable-lifecycle", "web.enable-remote-write-receiver"],
            "tsdb": {"out_of_order_time_window": _LATE},
            "alertmanagers": _alertmanager_at(home.key),
        },
        "scrapeConfigs": _switched_off(_ALL_OTHERS),
        "serverFiles": {"alerting_rules.yml": rules_file(view_alerts(plan))},
        "alertmanager": {"enabled": False},
        "kube-state-metrics": {"enabled": False},
    }
    return merge(own, _chosen(settings).prometheus.values)


def _chosen(settings: Settings) -> ObservabilitySettings:
    if settings.observability is None:
        raise ValueError("nobody observes the mesh")
    return settings.observability


def _server(name: str, part: str, member: Member, *, settings: Settings) -> Values:
    return {
        "fullnameOverride": name,
        "service": {"servicePort": METRICS_PORT},
        "podLabels": {PART: part},
        "podAnnotations": {
            **identity(member, settings.mesh),
            # Pods are asked for their metrics directly, and everything of this namespace through
            # the mesh: its own proxy takes these two ports and no others.
            "traffic.sidecar.istio.io/includeOutboundIPRanges": "",
            "traffic.sidecar.istio.io/includeOutboundPorts": f"{METRICS_PORT},{ALERTS_PORT}",
        },
    }


def _size(retention_days: int, cpu: str, memory: str) -> Values:
    requests = {"cpu": cpu, "memory": memory}
    return {"retention": f"{retention_days}d", "resources": {"requests": requests}}


def _alertmanager_at(key: str) -> list[Values]:
    return [{"static_configs": [{"targets": [f"{host(alertmanager_of(key))}:{ALERTS_PORT}"]}]}]


def _clusters(member: Member, plan: Plan) -> Values:
    """Return the job that calls every other cluster through the mesh, and keeps who answered."""
    if not member.peers:
        return {}
    targets = [
        {
            "targets": [f"{host(prometheus_of(key))}:{METRICS_PORT}"],
            "labels": {"target_cluster": plan.members[key].settings.name},
        }
        for key in member.peers
    ]
    nothing = [{"action": "drop", "source_labels": ["__name__"], "regex": ".+"}]
    return {CLUSTERS_JOB: {"static_configs": targets, "metric_relabel_configs": nothing}}


def _alertmanager(member: Member, settings: Settings) -> Values:
    alerts = _chosen(settings).alerts
    receivers: list[Values] = [{"name": "nobody"}]
    if alerts.receiver:
        kind, where = _RECEIVERS[alerts.receiver]
        told = {where: f"{_RECEIVER_FOLDER}/{RECEIVER_KEY}", "send_resolved": True}
        receivers = [{"name": alerts.receiver.value, kind: [told]}]
    mount = {"name": RECEIVER_SECRET, "secretName": RECEIVER_SECRET, "mountPath": _RECEIVER_FOLDER}
    return {
        "fullnameOverride": alertmanager_of(member.key),
        # A volume of its own would be at least 50 GB, for silences alone.
        "persistence": {"enabled": False},
        "podLabels": {PART: "alertmanager"},
        "podAnnotations": {**identity(member, settings.mesh), **past_the_proxy()},
        "config": {
            "receivers": receivers,
            "route": {
                "receiver": receivers[0]["name"],
                "group_by": ["alertname", "cluster"],
                "repeat_interval": alerts.repeat,
            },
        },
        **({"extraSecretMounts": [{**mount, "readOnly": True}]} if alerts.receiver else {}),
    }


def past_the_proxy() -> dict[str, str]:
    """Return the annotation by which a pod calls hosts outside of the mesh by HTTPS itself.

    Where hosts outside are named, proxies refuse all others.
    """
    return {"traffic.sidecar.istio.io/excludeOutboundPorts": "443"}


def _state_metrics(member: Member, settings: Settings) -> Values:
    """Return values with which its proxy gives its metrics on, as that of any workload does."""
    return {
        "prometheusScrape": False,
        "podAnnotations": {
            **identity(member, settings.mesh),
            "prometheus.io/scrape": "true",
            "prometheus.io/port": "8080",
        },
        "collectors": ["daemonsets", "deployments", "nodes", "pods", "statefulsets"],
    }


def _no_exporters() -> Values:
    off = {"enabled": False}
    return {"prometheus-node-exporter": off, "prometheus-pushgateway": off}


def _switched_off(jobs: tuple[str, ...]) -> Values:
    return {job: {"enabled": False} for job in jobs}
