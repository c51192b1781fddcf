"""The page of observability is what the settings become."""

from __future__ import annotations

from components.observability.alerts import Alert
from components.settings.observability import (
    AlertSettings,
    GrafanaSettings,
    KialiSettings,
    ObservabilitySettings,
    OpenIdSettings,
    PrometheusSettings,
    TelemetrySettings,
    TracingSettings,
    ViewSettings,
)
from docs.generate_observability import FILE, render
from tests.observability.alert_cases import alerts

MODELS = (
    AlertSettings,
    GrafanaSettings,
    KialiSettings,
    ObservabilitySettings,
    OpenIdSettings,
    PrometheusSettings,
    TelemetrySettings,
    TracingSettings,
    ViewSettings,
)
OF_EVERY_CHART = {"version", "charts", "values"}


def test_the_page_of_observability_is_up_to_date() -> None:
    assert FILE.read_text() == render(), "run `python -m docs.generate_observability`"


def test_every_setting_is_shown() -> None:
    keys = {field.alias or name for model in MODELS for name, field in model.model_fields.items()}
    page = render()
    assert [key for key in sorted(keys - OF_EVERY_CHART) if f"{key}:" not in page] == []
    assert [key for key in sorted(OF_EVERY_CHART) if f"`{key}`" not in page] == []


def test_every_alert_is_told_of() -> None:
    page = render()

    def is_told(alert: Alert) -> bool:
        return f"| `{alert.name}`" in page and f"{alert.name}:\n" in page

    assert [alert.name for alert in alerts() if not is_told(alert)] == []
