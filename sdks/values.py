"""Property values as plain Python: what JSON cannot say is one of the small classes here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = Any
"""None, bool, int, float, str, list, dict, or one of the classes below; recursive."""
Properties: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str | int, ...]


class Unknown:
    """A value that only an update will know; there is one instance, `UNKNOWN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class Asset:
    """A file's content, or an archive of several, as the engine sent it."""

    fields: Mapping[str, Any]


def render_path(path: Path) -> str:
    """A path as the engine writes it: `spec.ports[0].name`, `data["ca.crt"]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.replace("_", "a").replace("-", "a").isalnum():
            text += f".{step}" if text else step
        else:
            text += '["' + step.replace("\\", "\\\\").replace('"', '\\"') + '"]'
    return text
