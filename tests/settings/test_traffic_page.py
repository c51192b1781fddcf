"""The page of traffic is what the settings become."""

from __future__ import annotations

from components.settings.traffic import RequestMatch, Route, ServiceTraffic
from docs.generate_traffic import FILE, render


def test_the_page_of_traffic_is_up_to_date() -> None:
    assert FILE.read_text() == render(), "run `python -m docs.generate_traffic`"


def test_every_setting_of_a_service_is_shown() -> None:
    keys = [
        field.alias or name
        for model in (ServiceTraffic, Route, RequestMatch)
        for name, field in model.model_fields.items()
    ]
    page = render()
    assert [key for key in keys if f"{key}:" not in page] == []
