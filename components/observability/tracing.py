"""Traces of all clusters: Jaeger in the home cluster, which proxies send spans to by OTLP."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.mesh.charts import ChartRelease, chart_source, install
from components.mesh.values import Values, merge
from components.observability.policies import PART
from components.plan.observability import SPANS_PORT, TRACES_PORT, TRACING
from components.settings.observability import TracingSettings

_CLAIM: Final = "traces"
_FOLDER: Final = "/traces"
_STORE: Final = "traces"


@dataclass(frozen=True, kw_only=True, slots=True)
class TracingArgs:
    """What is kept of traces, and where."""

    settings: TracingSettings
    namespace: pulumi.Input[str]
    requires: Sequence[pulumi.Resource]


class Tracing(pulumi.ComponentResource):
    """A release of Jaeger with a block volume for its traces."""

    def __init__(
        self, name: str, args: TracingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:observability:Tracing", name, None, opts)
        chosen = args.settings
        claim = k8s.core.v1.PersistentVolumeClaim(
            f"{name}-volume",
            metadata={
                "name": _CLAIM,
                "namespace": args.namespace,
                # It is made when the first pod wants it, which comes after.
                "annotations": {"pulumi.com/skipAwait": "true"},
            },
            spec={
                "access_modes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": chosen.storage}},
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        what = ChartRelease(
            source=chart_source(chosen.charts, chosen.version, "jaeger"),
            release=TRACING,
            namespace=args.namespace,
            values=tracing_values(chosen),
        )
        after = pulumi.ResourceOptions(parent=self, depends_on=[claim, *args.requires])
        install(f"{name}-release", what, opts=after)
        self.register_outputs({})


def tracing_values(settings: TracingSettings) -> Values:
    """Return the values of the chart `jaeger`."""
    own: Values = {
        "fullnameOverride": TRACING,
        "jaeger": {
            "podLabels": {PART: TRACING},
            "resources": {"requests": {"cpu": "100m", "memory": settings.memory_request}},
            "extraVolumes": [{"name": _CLAIM, "persistentVolumeClaim": {"claimName": _CLAIM}}],
            "extraVolumeMounts": [{"name": _CLAIM, "mountPath": _FOLDER}],
        },
        "userconfig": _configuration(settings.keep_hours),
    }
    return merge(own, settings.values)


def _configuration(keep_hours: int) -> Values:
    """Return Jaeger's own configuration, an OpenTelemetry collector's: OTLP in, a volume below."""
    badger = {
        "directories": {"keys": f"{_FOLDER}/keys", "values": f"{_FOLDER}/values"},
        "ephemeral": False,
        "ttl": {"spans": f"{keep_hours}h"},
    }
    exporter = "jaeger_storage_exporter"
    pipeline = {"receivers": ["otlp"], "processors": ["batch"], "exporters": [exporter]}
    return {
        "service": {
            "extensions": ["jaeger_storage", "jaeger_query", "healthcheckv2"],
            "pipelines": {"traces": pipeline},
            "telemetry": {"resource": {"service.name": "jaeger"}, "metrics": _metrics()},
        },
        "extensions": {
            "healthcheckv2": {"use_v2": True, "http": {"endpoint": "0.0.0.0:13133"}},
            "jaeger_query": {
                "storage": {"traces": _STORE},
                "http": {"endpoint": f"0.0.0.0:{TRACES_PORT}"},
            },
            "jaeger_storage": {"backends": {_STORE: {"badger": badger}}},
        },
        "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": f"0.0.0.0:{SPANS_PORT}"}}}},
        "processors": {"batch": {}},
        "exporters": {exporter: {"trace_storage": _STORE}},
    }


def _metrics() -> Values:
    """Return where Jaeger's own metrics are asked for, as the annotations of its chart say."""
    prometheus = {"host": "0.0.0.0", "port": 8888}  # noqa: S104 in its pod
    return {"level": "normal", "readers": [{"pull": {"exporter": {"prometheus": prometheus}}}]}
