"""Where a release's chart comes from, and which version of it that is."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.plugins.base.errors import PluginError

EXACT_VERSION = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.\-]+)?(\+[0-9A-Za-z.\-]+)?")
CHART_FILE = "Chart.yaml"
FLAGS = {
    "repo": "--repo",
    "caFile": "--ca-file",
    "certFile": "--cert-file",
    "keyFile": "--key-file",
}


class ChartError(PluginError):
    """The chart cannot be found or read."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart says of itself."""

    name: str
    version: str
    app_version: str | None
    type: str

    @classmethod
    def parse(cls, text: str | bytes, source: str) -> Chart:
        try:
            document: Any = yaml.safe_load(text)
            chart = cls(
                name=str(document["name"]),
                version=str(document["version"]),
                app_version=_text(document.get("appVersion")),
                type=str(document.get("type") or "application"),
            )
        except (yaml.YAMLError, KeyError, TypeError, AttributeError):
            raise ChartError(f"{source}: is not a chart's {CHART_FILE}") from None
        if chart.type != "application":
            raise ChartError(f"{source}: a {chart.type} chart cannot be installed")
        return chart


def find_local(chart: str, folder: Path) -> Path | None:
    """The folder or archive that a chart's name means; None for a name in a repository."""
    if "://" in chart:
        return None
    path = (folder / chart).expanduser()
    if path.exists():
        return path.resolve()
    if chart.startswith((".", "/", "~")):
        raise ChartError(f"{path}: no such chart folder or archive")
    return None


def read_local(path: Path) -> Chart:
    """The chart in a folder or in a packed archive."""
    if path.is_dir():
        file = path / CHART_FILE
        if not file.is_file():
            raise ChartError(f"{path}: has no {CHART_FILE}; name the chart's own folder")
        return Chart.parse(file.read_bytes(), str(file))
    try:
        with tarfile.open(path) as archive:
            member = next(m for m in archive if m.name.count("/") == 1 and _is_chart(m.name))
            content = archive.extractfile(member)
            return Chart.parse(content.read() if content else b"", str(path))
    except (tarfile.TarError, StopIteration):
        raise ChartError(f"{path}: is not a packed chart") from None


def is_exact(version: object) -> bool:
    """Whether a version needs no repository to know what it means."""
    return isinstance(version, str) and EXACT_VERSION.fullmatch(version) is not None


def repository_flags(options: Mapping[str, Any]) -> list[str]:
    """Flags for the repository; its password never goes on a command line."""
    if options.get("password") or options.get("username"):
        raise ChartError(
            "repositoryOpts.password: not supported, since it would show in the process list; "
            "run `helm repo add` or `helm registry login` first and name the chart by that"
        )
    given = [(flag, str(options[key])) for key, flag in FLAGS.items() if options.get(key)]
    return [word for pair in given for word in pair]


def _is_chart(name: str) -> bool:
    return name.endswith(f"/{CHART_FILE}")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
