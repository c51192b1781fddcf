"""Charts in a folder: the one setting whose meaning lies on this machine.

Rules between fields read no file, so this comes after them; and it comes before any resource,
because a folder is its own version and would be installed whatever `mesh.istio.version` says.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from components.config.rules.given import problem
from components.errors import Problem
from components.settings.mesh import IstioSettings

_PATH: Final = "mesh.istio.charts"
_CHARTS: Final = ("base", "istiod", "gateway")
_HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(:[0-9]+)?(/.*)?")


def faults_of_charts(istio: IstioSettings) -> Iterator[Problem]:
    """Yield what is wrong with the folder of charts; with a repository or registry nothing."""
    if "://" in istio.charts:
        return
    folder = Path(istio.charts)
    if not folder.is_dir():
        yield problem(_PATH, "is not a folder here", got=istio.charts, remedy=_remedy(istio.charts))
        return
    for name in (*_CHARTS, *(["cni"] if istio.cni else [])):
        yield from _faults_of_chart(istio, name, folder / name / "Chart.yaml")


def _remedy(location: str) -> str:
    if _HOST.fullmatch(location):
        return f"write https://{location} or oci://{location}"
    return "write the path of the folder from where the program is, https://... or oci://..."


def _faults_of_chart(istio: IstioSettings, name: str, file: Path) -> Iterator[Problem]:
    try:
        version = yaml.safe_load(file.read_text())["version"]
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        remedy = f"put Istio's chart there, so that {file} has its version"
        yield problem(_PATH, f"has no chart {name}", got=istio.charts, remedy=remedy)
        return
    if version != istio.version:
        yield problem(
            _PATH,
            f"has {name} {version}, not mesh.istio.version ({istio.version})",
            got=istio.charts,
            remedy=f"set mesh.istio.version to {version}, or give the charts of {istio.version}",
        )
