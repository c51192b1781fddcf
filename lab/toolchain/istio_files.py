"""Istio's charts, samples and the proxy's bootstrap template, out of the pinned module.

The charts get the release's version and image location, as Istio's own release build gives them.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from lab.errors import LabError
from lab.paths import MODULES, LabPaths
from lab.toolchain import golang
from lab.toolchain.build import Say
from lab.toolchain.pins import ISTIO

CHARTS = {
    "base": "base",
    "istiod": "istio-control/istio-discovery",
    "gateway": "gateway",
    "cni": "istio-cni",
}
"""The published name of each chart, and its folder in the module."""

HUB = "registry.istio.io/release"
"""Where released charts look for Istio's images."""

_CHART_VERSION = re.compile(r"^(version|appVersion): .*$", re.MULTILINE)
_HUB = re.compile(r"^(\s+hub): registry\.istio\.io/testing$", re.MULTILINE)
_TAG = re.compile(r"^(\s+tag): latest$", re.MULTILINE)


def ensure(paths: LabPaths, say: Say) -> None:
    """Copies the files once, whole or not at all, and shows the charts in the checkout."""
    folder = paths.cache / "istio"
    if not folder.exists():
        say("istio: copying charts and samples")
        go = golang.find(paths.store)
        source = golang.module_folder(go, MODULES / "programs", "istio.io/istio")
        draft = paths.cache / f".istio.{os.getpid()}"
        copy(source, draft)
        _keep(draft, folder)
    _show(folder / "charts", paths.charts)


def _keep(draft: Path, folder: Path) -> None:
    """Gives the draft its name, unless another checkout was first with the same files."""
    try:
        draft.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(draft)


def copy(module: Path, target: Path) -> None:
    """Charts under their published names, samples and the bootstrap template."""
    target.mkdir(parents=True)
    for name, folder in CHARTS.items():
        chart = target / "charts" / name
        _copy_tree(module / "manifests/charts" / folder, chart)
        _rewrite(chart / "Chart.yaml", _CHART_VERSION, rf"\1: {ISTIO}")
        _rewrite(chart / "values.yaml", _HUB, rf"\1: {HUB}")
        _rewrite(chart / "values.yaml", _TAG, rf"\1: {ISTIO}")
    _copy_tree(module / "samples", target / "samples")
    bootstrap = module / "tools/packaging/common/envoy_bootstrap.json"
    shutil.copyfile(bootstrap, target / "envoy_bootstrap_tmpl.json")


def _copy_tree(source: Path, target: Path) -> None:
    # The module cache is read-only, and so would be a plain copy of it.
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
        folder.chmod(0o755)


def _rewrite(file: Path, pattern: re.Pattern[str], replacement: str) -> None:
    file.write_text(pattern.sub(replacement, file.read_text()))


def _show(charts: Path, link: Path) -> None:
    if link.is_symlink() and link.readlink() == charts:
        return
    if link.exists() and not link.is_symlink():
        raise LabError(f"{link}: is in the way of the charts; remove it")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(charts)
