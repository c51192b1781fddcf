"""What is seen of the mesh: metrics, alerts and traces, and the pages that show them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from components import versions
from components.settings.amounts import CpuAmount, MemoryAmount, StorageAmount
from components.settings.charts import Charts, ChartSettings
from components.settings.types import Kind, Model, Positive, Switch, Version, matching
from components.settings.units import Duration, Percent

OpenIdIssuer = Annotated[
    str,
    matching(
        r"https://[a-z0-9.-]+(:\d+)?(/\S*)?",
        "the URL of an OpenID provider",
        "https://idcs-0123.identity.oraclecloud.com",
    ),
    Kind("URL"),
]


class AccessLogs(StrEnum):
    """Which requests proxies write a line about."""

    NONE = "none"
    ERRORS = "errors"
    ALL = "all"


class Receiver(StrEnum):
    """Whom Alertmanager tells; what it needs for that is the secret `alertReceiver`."""

    WEBHOOK = "webhook"
    SLACK = "slack"
    PAGERDUTY = "pagerduty"


class MetricLabel(StrEnum):
    """Labels of Istio's metrics that Kiali reads, and no rule or dashboard of the program."""

    CONNECTION_SECURITY_POLICY = "connection_security_policy"
    DESTINATION_PRINCIPAL = "destination_principal"
    GRPC_RESPONSE_STATUS = "grpc_response_status"
    REQUEST_PROTOCOL = "request_protocol"
    SOURCE_PRINCIPAL = "source_principal"


class PrometheusSettings(ChartSettings):
    """Prometheus in each cluster, with Alertmanager and kube-state-metrics beside it."""

    version: Version = versions.PROMETHEUS_CHART
    """Of the chart `prometheus`."""
    charts: Charts = versions.PROMETHEUS_CHARTS
    """An HTTPS chart repository, an `oci://` registry or a folder."""
    retention_days: Positive = 7
    """How long a cluster keeps its own metrics."""
    storage: StorageAmount = "50Gi"
    """Block volume of each cluster's Prometheus."""
    cpu_request: CpuAmount = "250m"
    """CPU that it asks for."""
    memory_request: MemoryAmount = "1Gi"
    """Memory that it asks for."""


class ViewSettings(Model):
    """The Prometheus of the home cluster that holds the metrics of all clusters."""

    retention_days: Positive = 15
    """How long it keeps them."""
    storage: StorageAmount = "100Gi"
    """Its block volume."""
    cpu_request: CpuAmount = "500m"
    """CPU that it asks for."""
    memory_request: MemoryAmount = "2Gi"
    """Memory that it asks for."""


class AlertSettings(Model):
    """Whom each cluster's Alertmanager tells of an alert."""

    receiver: Receiver | None = None
    """What takes alerts; with none they stand on Alertmanager's own page alone."""
    repeat: Duration = "4h"
    """After what time an alert that still holds is told again."""


class GrafanaSettings(ChartSettings):
    """Grafana in the home cluster."""

    version: Version = versions.GRAFANA_CHART
    """Of the chart `grafana`."""
    charts: Charts = versions.GRAFANA_CHARTS
    """An HTTPS chart repository, an `oci://` registry or a folder."""
    istio_dashboards: Switch = True
    """Whether it fetches Istio's own dashboards of `mesh.istio.version` from GitHub as it starts,
    beside the one of the program over all clusters."""
    host: str | None = None
    """Name of an entry of `mesh.ingress.hosts` that leads to it; without one it is reached by
    `kubectl port-forward` alone."""
    storage: StorageAmount | None = None
    """Block volume for what users make in it; without one that goes with its pod."""


class OpenIdSettings(Model):
    """Who signs users in to Kiali, such as an identity domain of Oracle Cloud."""

    issuer: OpenIdIssuer = Field(examples=["https://idcs-0123.identity.oraclecloud.com"])
    """URL of the provider; its secret for this client is `kialiClientSecret`."""
    client_id: str = Field(min_length=1, examples=["kiali"])
    """The client's id there, with the URL of Kiali as its redirect."""


class KialiSettings(ChartSettings):
    """Kiali in the home cluster, which reads all clusters."""

    version: Version = versions.KIALI_CHART
    """Of the chart `kiali-server`."""
    charts: Charts = versions.KIALI_CHARTS
    """An HTTPS chart repository, an `oci://` registry or a folder."""
    host: str | None = None
    """Name of an entry of `mesh.ingress.hosts` that leads to it; its name and scheme become
    `web_fqdn` and `web_schema`."""
    open_id: OpenIdSettings | None = None
    """Who signs users in. Of several clusters Kiali takes no other login; of one it takes a
    Kubernetes token where this is not given."""


class TracingSettings(ChartSettings):
    """Traces of requests, by OTLP from every proxy to Jaeger in the home cluster."""

    version: Version = versions.JAEGER_CHART
    """Of the chart `jaeger`."""
    charts: Charts = versions.JAEGER_CHARTS
    """An HTTPS chart repository, an `oci://` registry or a folder."""
    sampling: Percent = "1%"
    """Share of requests that are traced, of those whose caller has not decided it."""
    keep_hours: Positive = 48
    """How long a trace is kept."""
    storage: StorageAmount = "50Gi"
    """Block volume of the traces."""
    memory_request: MemoryAmount = "512Mi"
    """Memory that Jaeger asks for."""


class TelemetrySettings(Model):
    """What every proxy tells, by Istio's Telemetry API."""

    access_logs: AccessLogs = AccessLogs.ERRORS
    """Which requests have a line in a proxy's log; `errors` are those with 400 or more."""
    dropped_labels: tuple[MetricLabel, ...] = ()
    """Labels that metrics are to be without, since each costs memory in every Prometheus; none
    beside Kiali, which reads them."""


class ObservabilitySettings(Model):
    """The document `oke-mesh:observability`."""

    home: str = Field(examples=["primary"])
    """Key of the cluster with the view over all clusters, Grafana, Kiali and traces."""
    prometheus: PrometheusSettings = PrometheusSettings()
    view: ViewSettings = ViewSettings()
    alerts: AlertSettings = AlertSettings()
    grafana: GrafanaSettings = GrafanaSettings()
    kiali: KialiSettings | None = None
    """Kiali, which shows who calls whom over all clusters; none unless described."""
    tracing: TracingSettings | None = None
    """Traces of requests; none unless described."""
    telemetry: TelemetrySettings = TelemetrySettings()
