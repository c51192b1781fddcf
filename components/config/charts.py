"""Charts in folders: the settings whose meaning lies on this machine.

Rules between fields read no file, so this comes after them; and it comes before any resource,
because a folder is its own version and would be installed whatever `mesh.istio.version` says.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from components.config.rules.given import problem
from components.errors import Problem
from components.settings.charts import ChartSettings
from components.settings.mesh import MeshSettings
from components.settings.observability import ObservabilitySettings

_CHARTS: Final = ("base", "istiod", "gateway")
_HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(:[0-9]+)?(/.*)?")


class _Place(NamedTuple):
    """Where charts are said to be, of which release, by the path of both settings."""

    path: str
    location: str
    version: str
    names: tuple[str, ...]
    whose: str


def faults_of_charts(mesh: MeshSettings) -> Iterator[Problem]:
    """Yield what is wrong with folders of charts; with a repository or registry nothing."""
    istio, https = mesh.istio, mesh.ingress.https
    names = (*_CHARTS, *(["cni"] if istio.cni else []))
    yield from _faults(_Place("mesh.istio", istio.charts, istio.version, names, "Istio"))
    if https and https.needs_cert_manager and https.cert_manager.install:
        place = "mesh.ingress.https.certManager"
        yield from _faults_of_one(place, https.cert_manager, "cert-manager")


def faults_of_observability(chosen: ObservabilitySettings) -> Iterator[Problem]:
    """Yield the same of the charts of observability."""
    charts: dict[str, tuple[ChartSettings | None, str]] = {
        "prometheus": (chosen.prometheus, "prometheus"),
        "grafana": (chosen.grafana, "grafana"),
        "kiali": (chosen.kiali, "kiali-server"),
        "tracing": (chosen.tracing, "jaeger"),
    }
    for key, (settings, chart) in charts.items():
        if settings:
            yield from _faults_of_one(f"observability.{key}", settings, chart)


def _faults_of_one(path: str, chosen: ChartSettings, chart: str) -> Iterator[Problem]:
    yield from _faults(_Place(path, chosen.charts, chosen.version, (chart,), chart))


def _faults(place: _Place) -> Iterator[Problem]:
    if "://" in place.location:
        return
    folder, path = Path(place.location), f"{place.path}.charts"
    if not folder.is_dir():
        remedy = _remedy(place.location)
        yield problem(path, "is not a folder here", got=place.location, remedy=remedy)
        return
    for name in place.names:
        yield from _faults_of_chart(place, name, folder / name / "Chart.yaml")


def _remedy(location: str) -> str:
    if _HOST.fullmatch(location):
        return f"write https://{location} or oci://{location}"
    return "write the path of the folder from where the program is, https://... or oci://..."


def _faults_of_chart(place: _Place, name: str, file: Path) -> Iterator[Problem]:
    path, wanted = f"{place.path}.charts", place.version
    try:
        version = str(yaml.safe_load(file.read_text())["version"]).removeprefix("v")
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        remedy = f"put {place.whose}'s chart there, so that {file} has its version"
        yield problem(path, f"has no chart {name}", got=place.location, remedy=remedy)
        return
    if version != wanted:
        yield problem(
            path,
            f"has {name} {version}, not {place.path}.version ({wanted})",
            got=place.location,
            remedy=f"set {place.path}.version to {version}, or give the charts of {wanted}",
        )
