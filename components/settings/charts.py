"""Helm charts: where they are, and what is said of one."""

import re
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, JsonValue

from components.settings.types import Kind, Model, Version, fault, text_or_fault

_SCHEME: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):(?P<rest>.*)", re.DOTALL)
_CHARTS_WORDS: Final = (
    "is not a place of charts",
    "write it as https://..., oci://... or the path of a folder",
)


def _charts(value: object) -> str:
    text = text_or_fault(value, _CHARTS_WORDS)
    if not re.fullmatch(r"\S(.*\S)?", text):
        raise fault(*_CHARTS_WORDS)
    found = _SCHEME.fullmatch(text)
    if found and found["scheme"] not in {"https", "oci"}:
        right = f"{found['scheme'].lower()}:{found['rest']}"
        remedy = f"write {right}" if right.startswith(("https:", "oci:")) else _CHARTS_WORDS[1]
        raise fault("is not a place of charts that is safe to read", remedy)
    if found and not re.fullmatch(r"//[^\s/]+(/\S*)?", found["rest"]):
        raise fault(*_CHARTS_WORDS)
    return text


Charts = Annotated[str, BeforeValidator(_charts), Kind("location")]
"""A repository, a registry or a folder; whether a folder is there is not a matter of its form."""


class ChartSettings(Model):
    """A chart of another project: which release of it, from where, and with what values."""

    version: Version
    """Of the chart."""
    charts: Charts
    """An HTTPS chart repository, an `oci://` registry or a folder."""
    values: dict[str, JsonValue] = Field(default_factory=dict)
    """Merged deep into the values of its chart, over what the program sets."""
