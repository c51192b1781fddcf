"""Where a chart comes from: a repository, a registry or a folder."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.mesh.values import Values
from components.settings.mesh import MeshSettings

ISTIO_NAMESPACE: Final = "istio-system"

# A load balancer takes minutes to come, and a new node pool may still be pulling images.
_TIMEOUT_SECONDS: Final = 900


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartSource:
    """The arguments that tell a Helm release where its chart is."""

    chart: str
    version: str | None
    repository: str | None


def place_of_charts(mesh: MeshSettings) -> str:
    """Return where the charts of Istio are: in the registry of one's own, unless it is said."""
    place = mesh.registry.place
    follows = place and "charts" not in mesh.istio.model_fields_set
    return f"oci://{place}/charts" if follows else mesh.istio.charts


def chart_source(charts: str, version: str, chart: str) -> ChartSource:
    """Return where `chart` comes from; `charts` is a repository, a registry or a folder.

    A folder holds the charts by name and is its own version.
    """
    location = charts.rstrip("/")
    if location.startswith("https://"):
        return ChartSource(chart=chart, version=version, repository=location)
    if location.startswith("oci://"):
        return ChartSource(chart=f"{location}/{chart}", version=version, repository=None)
    return ChartSource(chart=f"{location}/{chart}", version=None, repository=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class IstioRelease:
    """A Helm release in the Istio namespace: its chart, name and values."""

    chart: str
    release: str
    values: pulumi.Input[Values]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartRelease:
    """A Helm release of any chart, in any namespace."""

    source: ChartSource
    release: str
    namespace: pulumi.Input[str]
    values: pulumi.Input[Values]
    timeout_seconds: int = _TIMEOUT_SECONDS


def create_release(
    name: str, what: IstioRelease, mesh: MeshSettings, *, opts: pulumi.ResourceOptions
) -> k8s.helm.v3.Release:
    """Install a chart and wait until everything in it is ready."""
    release = ChartRelease(
        source=chart_source(place_of_charts(mesh), mesh.istio.version, what.chart),
        release=what.release,
        namespace=ISTIO_NAMESPACE,
        values=what.values,
    )
    return install(name, release, opts=opts)


def install(name: str, what: ChartRelease, *, opts: pulumi.ResourceOptions) -> k8s.helm.v3.Release:
    """Install a chart and wait until everything in it is ready."""
    source = what.source
    return k8s.helm.v3.Release(
        name,
        name=what.release,
        namespace=what.namespace,
        chart=source.chart,
        version=source.version,
        repository_opts={"repo": source.repository} if source.repository else None,
        values=what.values,
        create_namespace=False,
        skip_await=False,
        # A failed installation stays, so that it can be looked at; the next `up` goes on from it.
        atomic=False,
        timeout=what.timeout_seconds,
        opts=opts,
    )
