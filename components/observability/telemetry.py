"""What every proxy tells, by Istio's Telemetry API: one object for the whole mesh; pure."""

from typing import Final

from components.mesh.objects import Spec
from components.plan.observability import TRACING_PROVIDER
from components.settings.observability import AccessLogs, ObservabilitySettings, TelemetrySettings
from components.settings.units import of_hundred

NAME: Final = "mesh-default"


def telemetry(settings: ObservabilitySettings) -> Spec:
    """Return the object that stands in the root namespace of each primary."""
    found: Spec = {"metrics": [_metrics(settings.telemetry)]}
    logs = settings.telemetry.access_logs
    if logs is not AccessLogs.NONE:
        found["accessLogging"] = [_logs(logs)]
    if settings.tracing:
        found["tracing"] = [
            {
                "providers": [{"name": TRACING_PROVIDER}],
                "randomSamplingPercentage": of_hundred(settings.tracing.sampling),
                # A span says nothing of its cluster by itself.
                "customTags": {"cluster": {"environment": {"name": "ISTIO_META_CLUSTER_ID"}}},
            }
        ]
    return found


def _metrics(settings: TelemetrySettings) -> Spec:
    metrics: Spec = {"providers": [{"name": "prometheus"}]}
    if settings.dropped_labels:
        removed = {label.value: {"operation": "REMOVE"} for label in settings.dropped_labels}
        everywhere = {"metric": "ALL_METRICS", "mode": "CLIENT_AND_SERVER"}
        metrics["overrides"] = [{"match": everywhere, "tagOverrides": removed}]
    return metrics


def _logs(logs: AccessLogs) -> Spec:
    written: Spec = {"providers": [{"name": "envoy"}]}
    if logs is AccessLogs.ERRORS:
        written["filter"] = {"expression": "response.code >= 400"}
    return written
