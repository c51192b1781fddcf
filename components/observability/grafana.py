"""Grafana: the pages with the metrics, alerts and traces of all clusters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.mesh.charts import ChartRelease, chart_source, install
from components.mesh.values import Values, identity, merge
from components.observability.dashboards import SOURCE, clusters_dashboard
from components.observability.password import create_password
from components.observability.policies import PART
from components.observability.prometheus import past_the_proxy
from components.plan.observability import (
    GRAFANA,
    GRAFANA_PORT,
    METRICS_PORT,
    TRACES_PORT,
    TRACING,
    VIEW,
    host,
)
from components.plan.plan import Member
from components.settings.mesh import MeshSettings
from components.settings.observability import ObservabilitySettings

USER: Final = "admin"
_LOGIN: Final = "grafana-login"
_FOLDER: Final = "oke-mesh"
_OWN: Final = {"apiVersion": 1}

# https://github.com/istio/istio/tree/master/manifests/addons/dashboards
_ISTIOS: Final = (
    "https://raw.githubusercontent.com/istio/istio/{version}/manifests/addons/dashboards/{file}"
)
_ISTIO_DASHBOARDS: Final = {
    "istio-mesh": "istio-mesh-dashboard.gen.json",
    "istio-service": "istio-service-dashboard.json",
    "istio-workload": "istio-workload-dashboard.json",
    "istio-control-plane": "pilot-dashboard.gen.json",
    "istio-performance": "istio-performance-dashboard.json",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class GrafanaArgs:
    """The home cluster, and where users call."""

    member: Member
    mesh: MeshSettings
    settings: ObservabilitySettings
    namespace: pulumi.Input[str]
    url: pulumi.Output[str] | None
    """Of its host; None if it has none."""
    requires: Sequence[pulumi.Resource]


class Grafana(pulumi.ComponentResource):
    """A release of Grafana whose one user has a password that the program made."""

    password: pulumi.Output[str]
    """Secret."""

    def __init__(
        self, name: str, args: GrafanaArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:observability:Grafana", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.password = create_password(f"{name}-password", opts=child)
        login = k8s.core.v1.Secret(
            f"{name}-login",
            metadata={"name": _LOGIN, "namespace": args.namespace},
            string_data=pulumi.Output.secret({"user": USER, "password": self.password}),
            opts=child,
        )
        chosen = args.settings.grafana
        what = ChartRelease(
            source=chart_source(chosen.charts, chosen.version, "grafana"),
            release=GRAFANA,
            namespace=args.namespace,
            values=pulumi.Output.from_input(args.url).apply(lambda url: grafana_values(args, url)),
        )
        after = pulumi.ResourceOptions(parent=self, depends_on=[login, *args.requires])
        install(f"{name}-release", what, opts=after)
        self.register_outputs({})


def grafana_values(args: GrafanaArgs, url: str | None) -> Values:
    """Return the values of the chart `grafana`; its login is in a Secret and not among them."""
    chosen = args.settings.grafana
    ini: Values = {
        "analytics": {"check_for_updates": False, "reporting_enabled": False},
        "auth.anonymous": {"enabled": False},
        "users": {"allow_sign_up": False},
        "security": {"cookie_secure": bool(url)},
    }
    own: Values = {
        "admin": {"existingSecret": _LOGIN, "userKey": "user", "passwordKey": "password"},
        "serviceAccount": {"name": GRAFANA},
        "rbac": {"create": False},
        "service": {"port": GRAFANA_PORT, "portName": "http"},
        "testFramework": {"enabled": False},
        "podLabels": {PART: GRAFANA},
        "podAnnotations": {**identity(args.member, args.mesh), **past_the_proxy()},
        "persistence": {"enabled": False},
        # The kubelet gives the volume to Grafana's group; nobody needs to be root for that.
        "initChownData": {"enabled": False},
        "grafana.ini": {**ini, **({"server": {"root_url": url}} if url else {})},
        "datasources": {"datasources.yaml": {**_OWN, "datasources": _sources(args.settings)}},
        **_dashboards(args),
    }
    if chosen.storage:
        # Two pods cannot have one block volume at once.
        own["persistence"] = {"enabled": True, "size": chosen.storage}
        own["deploymentStrategy"] = {"type": "Recreate"}
    return merge(own, chosen.values)


def _sources(settings: ObservabilitySettings) -> list[Values]:
    view: Values = {
        **SOURCE,
        "name": "All clusters",
        "url": f"http://{host(VIEW)}:{METRICS_PORT}",
        "isDefault": True,
    }
    traces: Values = {
        "name": "Traces",
        "type": "jaeger",
        "uid": TRACING,
        "url": f"http://{host(TRACING)}:{TRACES_PORT}",
    }
    return [view, traces] if settings.tracing else [view]


def _dashboards(args: GrafanaArgs) -> Values:
    provider = {
        "name": _FOLDER,
        "folder": "Mesh",
        "type": "file",
        "options": {"path": f"/var/lib/grafana/dashboards/{_FOLDER}"},
    }
    dashboards: Values = {"clusters": {"json": clusters_dashboard()}}
    if args.settings.grafana.istio_dashboards:
        dashboards |= {
            name: {"url": _ISTIOS.format(version=args.mesh.istio.version, file=file)}
            for name, file in _ISTIO_DASHBOARDS.items()
        }
    return {
        "dashboardProviders": {"dashboards.yaml": {**_OWN, "providers": [provider]}},
        "dashboards": {_FOLDER: dashboards},
        # The chart's own would take any certificate for GitHub's.
        "defaultCurlOptions": "-sSf",
    }
