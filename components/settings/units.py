"""Lengths of time and shares, each with its unit: `2s`, `10%`.

A bare number is refused: `10` is ten seconds to one reader and ten milliseconds to the next.
"""

import re
from typing import Annotated, Final

from pydantic import BeforeValidator

from components.settings.types import Kind, fault

_UNITS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
_DURATION: Final = re.compile(r"(?P<number>[0-9]{1,9})(?P<unit>ms|s|m|h)", re.ASCII)
_DURATION_WORDS: Final = "is not a length of time", "write it as 500ms, 2s, 5m or 1h"

_PERCENT: Final = re.compile(r"(?P<number>[0-9]{1,3}(\.[0-9]{1,4})?)%", re.ASCII)
_PERCENT_WORDS: Final = "is not a share", "write it as 10% or 0.5%"
_ALL: Final = 100


def milliseconds(length: str) -> int:
    """Return how long a `Duration` is."""
    found = _DURATION.fullmatch(length)
    if found is None:
        raise ValueError(f"{length!r} is not a length of time")
    return int(found["number"]) * _UNITS[found["unit"]]


def of_hundred(share: str) -> float:
    """Return how many of a hundred a `Percent` is."""
    return float(share.removesuffix("%"))


def _duration(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        raise fault("has no unit", f"write {value}s or {value}ms")
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        tidied = re.sub(r"\s", "", value).lower() if isinstance(value, str) else ""
        right = _DURATION.fullmatch(tidied)
        raise fault(_DURATION_WORDS[0], f"write {right[0]}" if right else _DURATION_WORDS[1])
    if not milliseconds(value):
        raise fault("is no time at all", "write at least 1ms, or leave it out")
    return value


def _percent(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise fault("has no unit", f"write {value:g}%")
    if not isinstance(value, str) or not _PERCENT.fullmatch(value):
        raise fault(*_PERCENT_WORDS)
    if of_hundred(value) > _ALL:
        raise fault("is more than all", "write at most 100%")
    return value


Duration = Annotated[str, BeforeValidator(_duration), Kind("length of time such as `2s`")]
"""A length of time as Istio takes it; longer than nothing."""

Percent = Annotated[str, BeforeValidator(_percent), Kind("share such as `10%`")]
"""A share of 100, written with its sign."""
