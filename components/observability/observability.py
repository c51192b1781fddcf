"""What is seen of the mesh, in the order of its data: each cluster by itself, then all of them.

One cluster is the home: the others' Prometheus write to its view through the mesh, and Grafana,
Kiali and Jaeger read or take there. Without it each cluster still watches itself (ADR 0025).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.cluster.cluster import ClusterApi
from components.config.secrets import Secrets
from components.context import Context
from components.ingress.hosts import Hosts
from components.mesh.charts import ISTIO_NAMESPACE
from components.mesh.mesh import Mesh
from components.mesh.namespaces import injected_labels
from components.mesh.objects import create_object
from components.observability.grafana import USER, Grafana, GrafanaArgs
from components.observability.kiali import Kiali, KialiArgs
from components.observability.monitoring import Monitoring, MonitoringArgs
from components.observability.policies import policies
from components.observability.telemetry import NAME, telemetry
from components.observability.tracing import Tracing, TracingArgs
from components.plan.observability import NAMESPACE
from components.plan.plan import Member, Plan
from components.samples.samples import create_injected
from components.settings.observability import KialiSettings, ObservabilitySettings, TracingSettings
from components.settings.stack import Settings

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class ObservabilityArgs:
    """The plan, the settings, and what every enabled cluster gives by its key."""

    plan: Plan
    settings: Settings
    observability: ObservabilitySettings
    secrets: Secrets
    apis: Mapping[str, ClusterApi]
    hosts: Mapping[str, Hosts]
    tls: pulumi.ProviderResource
    """With which passwords are made."""
    requires: Mapping[str, Sequence[pulumi.Resource]]
    """By cluster key: what makes the injection of proxies work, and the istiod that checks."""

    @property
    def home(self) -> Member:
        """The cluster with the view over all clusters."""
        return self.plan.members[self.observability.home]


class Observability(pulumi.ComponentResource):
    """Metrics, alerts and traces of every cluster, and the pages that show them."""

    document: Document
    """What the outputs say of it; the password is secret."""

    def __init__(
        self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:observability:Observability", name, None, opts)
        self._args = args
        members = args.plan.members
        self._namespaces = {key: self._namespace(key) for key in members}
        # Before what has no login, so that nobody else ever gets through to it.
        rules = {key: self._rules(key) for key, member in members.items() if member.is_primary}
        monitored = {
            key: self._monitoring(member, rules[member.primary]) for key, member in members.items()
        }
        home = monitored[args.home.key]
        chosen = args.observability
        grafana = self._grafana(home)
        if chosen.tracing:
            self._tracing(chosen.tracing, home)
        if chosen.kiali:
            self._kiali(chosen.kiali, monitored)
        self.document = {
            "observability": {
                "home": args.home.key,
                "grafanaUrl": self._url(chosen.grafana.host),
                "grafanaUser": USER,
                "kialiUrl": self._url(chosen.kiali.host if chosen.kiali else None),
            },
            "grafanaPassword": grafana.password,
        }
        self.register_outputs({})

    def _at(self, key: str) -> pulumi.ResourceOptions:
        kubernetes = self._args.apis[key].kubernetes
        return pulumi.ResourceOptions(parent=self, providers=[kubernetes, self._args.tls])

    def _namespace(self, key: str) -> pulumi.Output[str]:
        after = self._at(key)
        after.depends_on = [*self._args.requires[key]]
        labels = injected_labels(self._args.settings.mesh)
        return create_injected(f"{key}-observability", NAMESPACE, labels, opts=after)

    def _monitoring(self, member: Member, rules: Sequence[pulumi.Resource]) -> Monitoring:
        args = MonitoringArgs(
            member=member,
            plan=self._args.plan,
            settings=self._args.settings,
            prometheus=self._args.observability.prometheus,
            is_home=member.key == self._args.home.key,
            receiver=self._args.secrets.alert_receiver,
            namespace=self._namespaces[member.key],
            requires=rules,
        )
        return Monitoring(f"{member.key}-monitoring", args, self._at(member.key))

    def _rules(self, key: str) -> list[pulumi.Resource]:
        """Make what an istiod reads; of its own cluster alone, so it is in every primary."""
        chosen = self._args.observability
        after = self._at(key)
        after.depends_on = [*self._args.requires[key]]
        place = {"name": NAME, "namespace": ISTIO_NAMESPACE}
        spec = telemetry(chosen)
        create_object(f"{key}-telemetry", "Telemetry", spec, metadata=place, opts=after)
        return [
            create_object(
                f"{key}-observability-{label}",
                "AuthorizationPolicy",
                policy,
                metadata={"name": label, "namespace": self._namespaces[key]},
                opts=after,
            )
            for label, policy in policies(chosen, self._args.settings.mesh.trust_domain).items()
        ]

    def _grafana(self, home: Monitoring) -> Grafana:
        args = GrafanaArgs(
            member=self._args.home,
            mesh=self._args.settings.mesh,
            settings=self._args.observability,
            namespace=self._namespaces[self._args.home.key],
            url=self._url(self._args.observability.grafana.host),
            requires=[home],
        )
        return Grafana(f"{self._args.home.key}-grafana", args, self._at(self._args.home.key))

    def _tracing(self, settings: TracingSettings, home: Monitoring) -> None:
        namespace = self._namespaces[self._args.home.key]
        args = TracingArgs(settings=settings, namespace=namespace, requires=[home])
        Tracing(f"{self._args.home.key}-tracing", args, self._at(self._args.home.key))

    def _kiali(self, settings: KialiSettings, monitored: Mapping[str, Monitoring]) -> None:
        home = self._args.home
        args = KialiArgs(
            home=home,
            others={key: m for key, m in self._args.plan.members.items() if key != home.key},
            apis=self._args.apis,
            mesh=self._args.settings.mesh,
            observability=self._args.observability,
            settings=settings,
            client_secret=self._args.secrets.kiali_client_secret,
            url=self._url(settings.host),
            requires={key: [each] for key, each in monitored.items()},
        )
        Kiali(f"{home.key}-kiali", args, self._at(home.key))

    def _url(self, host: str | None) -> pulumi.Output[str] | None:
        """Return where users call a host at the gateway of the home cluster."""
        if host is None:
            return None
        return self._args.hosts[self._args.home.key].urls[host].apply(lambda urls: urls[0])


def create_observability(
    context: Context, *, mesh: Mesh, apis: Mapping[str, ClusterApi], hosts: Mapping[str, Hosts]
) -> Document:
    """Create what observes the mesh, where it is asked for; return what the outputs say of it."""
    settings = context.settings
    if settings.observability is None:
        return {}
    args = ObservabilityArgs(
        plan=context.plan,
        settings=settings,
        observability=settings.observability,
        secrets=context.secrets,
        apis=apis,
        hosts=hosts,
        tls=context.providers.tls,
        requires=mesh.ready,
    )
    return Observability("observability", args).document
