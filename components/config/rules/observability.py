"""What observes the mesh: that its parts find each other, and that nobody reaches it unasked."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from components.config.report import closest
from components.config.rules.given import Given, Rule, not_enabled, problem, without_mesh
from components.errors import Problem
from components.plan.observability import (
    GRAFANA,
    GRAFANA_PORT,
    KIALI,
    KIALI_PORT,
    NAMESPACE,
    VIEW,
    host,
)
from components.plan.traffic.names import covers, covers_namespace
from components.settings.clusters import Role
from components.settings.observability import ObservabilitySettings

_HOME: Final = "observability.home"
_HTTPS_PORT: Final = 443


class _Page(NamedTuple):
    """A page by its Service, which is named as its setting is."""

    name: str
    port: int


def _home(given: Given) -> Iterator[Problem]:
    chosen = given.settings.observability
    if chosen:
        yield from not_enabled(given, _HOME, chosen.home)


def _mesh(given: Given) -> Iterator[Problem]:
    chosen = given.settings.observability
    if chosen:
        yield from without_mesh(given, "observability", got=chosen)


def _names(given: Given) -> Iterator[Problem]:
    """The view and each cluster's Prometheus are in one cluster alone, and called from others."""
    mesh = given.settings.mesh
    if given.settings.observability is None or len(given.clusters) == 1:
        return
    if not mesh.dns_capture:
        yield problem(
            "mesh.dnsCapture",
            "leaves clusters without the names of what observability has in another",
            got=mesh.dns_capture,
            remedy="set it to true, or remove observability",
        )
    hosts = mesh.east_west.hosts
    if given.spans_networks and hosts and not any(covers_namespace(h, NAMESPACE) for h in hosts):
        yield problem(
            "mesh.eastWest.hosts",
            "leaves out observability, which calls across networks",
            got=list(hosts),
            remedy=f"add '*.{NAMESPACE}.svc.cluster.local', or remove observability",
        )
    asked = host(VIEW)
    local = [pattern for pattern in mesh.exports.cluster_local if covers(pattern, asked)]
    if local:
        yield problem(
            "mesh.exports.clusterLocal",
            "keeps observability in its clusters, which calls across them",
            got=local[0],
            remedy="name other services, or remove observability",
        )


def _spans_are_taken(given: Given) -> Iterator[Problem]:
    """A proxy sends spans to a service that its own namespace must see."""
    visible = given.settings.mesh.exports.visible_to
    chosen = given.settings.observability
    if chosen and chosen.tracing and "*" not in visible:
        yield problem(
            "observability.tracing",
            "has a service that workloads do not see by mesh.exports.visibleTo",
            got=chosen.tracing,
            remedy='set mesh.exports.visibleTo to ["*"], or remove tracing',
        )


def _hosts(given: Given) -> Iterator[Problem]:
    chosen = given.settings.observability
    if chosen is None:
        return
    grafana, kiali = chosen.grafana.host, chosen.kiali.host if chosen.kiali else None
    pages = ((GRAFANA, grafana, GRAFANA_PORT), (KIALI, kiali, KIALI_PORT))
    for page, name, port in pages:
        if name is not None:
            yield from _host(given, name, _Page(page, port))


def _host(given: Given, name: str, page: _Page) -> Iterator[Problem]:
    """A page asks for a password, so it is called by a name that HTTPS proves, and by no other."""
    ingress, place = given.settings.mesh.ingress, f"observability.{page.name}.host"
    found = ingress.hosts.get(name)
    if found is None:
        remedy = closest(name, ingress.hosts, "the hosts")
        yield problem(place, "is not one of mesh.ingress.hosts", got=name, remedy=remedy)
        return
    service = f"{NAMESPACE}/{page.name}"
    if (found.service, found.port) != (service, page.port):
        yield problem(
            place,
            f"leads to {found.service} on port {found.port}",
            got=name,
            remedy=f"set mesh.ingress.hosts.{name} to service {service}, port {page.port}",
        )
    if ingress.https is None or not ingress.https.redirect:
        yield problem(
            place,
            "has a login and is answered without a certificate",
            got=name,
            remedy="set mesh.ingress.https, with redirect",
        )
    home = given.settings.observability.home if given.settings.observability else ""
    if home in given.clusters and not found.is_at(home):
        yield problem(
            place,
            f"is not known to the gateway of {home}, the home of observability",
            got=name,
            remedy=f"add {home} to mesh.ingress.hosts.{name}.clusters",
        )


def _kiali(given: Given) -> Iterator[Problem]:
    chosen = given.settings.observability
    kiali = chosen.kiali if chosen else None
    if chosen is None or kiali is None:
        return
    home = given.clusters.get(chosen.home)
    if len(given.clusters) > 1 and home and home.role is Role.REMOTE:
        yield problem(
            "observability.kiali",
            f"reads all clusters, which the pods of a remote ({chosen.home}) may not",
            got=kiali,
            remedy="choose a primary for observability.home, or remove kiali",
        )
    if len(given.clusters) > 1 and kiali.open_id is None:
        yield problem(
            "observability.kiali.openId",
            "is missing, and Kiali has no other login for several clusters",
            got=None,
            remedy="give the issuer and clientId of an OpenID provider, or remove kiali",
        )
    if kiali.open_id and kiali.host is None:
        yield problem(
            "observability.kiali.host",
            "is missing, so that the OpenID provider has nowhere to send users back to",
            got=None,
            remedy="name an entry of mesh.ingress.hosts that leads to it",
        )
    if chosen.telemetry.dropped_labels:
        yield problem(
            "observability.telemetry.droppedLabels",
            "takes from metrics what Kiali reads",
            got=[label.value for label in chosen.telemetry.dropped_labels],
            remedy="remove it, or kiali",
        )


def _secrets(given: Given) -> Iterator[Problem]:
    chosen, secrets = given.settings.observability, given.secrets
    receiver = chosen.alerts.receiver if chosen else None
    if receiver and not secrets.alert_receiver:
        yield problem(
            "alertReceiver",
            f"is missing beside observability.alerts.receiver ({receiver})",
            got=None,
            remedy="`pulumi config set --secret alertReceiver`",
        )
    if secrets.alert_receiver and not receiver:
        yield problem(
            "observability.alerts.receiver",
            "is missing beside the secret alertReceiver",
            got=None,
            remedy="say what takes alerts, or `pulumi config rm alertReceiver`",
        )
    open_id = chosen.kiali.open_id if chosen and chosen.kiali else None
    if secrets.kiali_client_secret and not open_id:
        yield problem(
            "observability.kiali.openId",
            "is missing beside the secret kialiClientSecret",
            got=None,
            remedy="name the provider, or `pulumi config rm kialiClientSecret`",
        )


def _ways_out(given: Given) -> Iterator[Problem]:
    """Who is told of alerts, dashboards and OpenID providers are called by HTTPS."""
    chosen = given.settings.observability
    if chosen is None:
        return
    for key, cluster in given.clusters.items():
        reasons = [*_calls_out(chosen, is_home=key == chosen.home)]
        if reasons and not cluster.egress.opens(_HTTPS_PORT):
            yield problem(
                f"clusters.{key}.egress",
                f"keeps port {_HTTPS_PORT} closed, by which {reasons[0]} calls out",
                got=cluster.egress,
                remedy=f"open {_HTTPS_PORT}, or do without that",
            )


def _calls_out(chosen: ObservabilitySettings, *, is_home: bool) -> Iterator[str]:
    if chosen.alerts.receiver:
        yield "observability.alerts.receiver"
    if is_home and chosen.grafana.istio_dashboards:
        yield "observability.grafana.istioDashboards"
    if is_home and chosen.kiali and chosen.kiali.open_id:
        yield "observability.kiali.openId"


def _mesh_configuration(given: Given) -> Iterator[Problem]:
    """Values of one's own replace lists as a whole."""
    chosen = given.settings.observability
    config = given.settings.mesh.istio.values.get("meshConfig")
    if chosen and chosen.tracing and isinstance(config, dict) and "extensionProviders" in config:
        yield problem(
            "mesh.istio.values.meshConfig.extensionProviders",
            "takes the place of the one that observability.tracing sets",
            got=config["extensionProviders"],
            remedy="remove it, or observability.tracing",
        )


RULES: Final[tuple[Rule, ...]] = (
    _home,
    _mesh,
    _names,
    _spans_are_taken,
    _hosts,
    _kiali,
    _secrets,
    _ways_out,
    _mesh_configuration,
)
