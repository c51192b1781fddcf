"""What watches one cluster from within: Prometheus, its rules and Alertmanager."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.mesh.charts import ChartRelease, chart_source, install
from components.mesh.values import Values
from components.observability.prometheus import (
    RECEIVER_KEY,
    RECEIVER_SECRET,
    prometheus_values,
    view_values,
)
from components.plan.observability import PROMETHEUS, VIEW
from components.plan.plan import Member, Plan
from components.settings.observability import PrometheusSettings
from components.settings.stack import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringArgs:
    """The cluster, and what it takes to tell somebody of an alert."""

    member: Member
    plan: Plan
    settings: Settings
    prometheus: PrometheusSettings
    is_home: bool
    receiver: pulumi.Output[str] | None
    """Secret; the URL or key of whoever takes alerts."""
    namespace: pulumi.Input[str]
    requires: Sequence[pulumi.Resource]
    """What makes the injection of proxies work, and the policies that keep others out."""


class Monitoring(pulumi.ComponentResource):
    """The Prometheus of one cluster and, at home, the one that holds the metrics of all."""

    def __init__(
        self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:observability:Monitoring", name, None, opts)
        receiver = self._receiver(name, args)
        own = prometheus_values(args.member, args.plan, args.settings)
        if args.is_home:
            view = view_values(args.member, args.plan, args.settings)
            self._release(f"{name}-view", VIEW, args, values=view, requires=())
        self._release(f"{name}-prometheus", PROMETHEUS, args, values=own, requires=receiver)
        self.register_outputs({})

    def _receiver(self, name: str, args: MonitoringArgs) -> list[pulumi.Resource]:
        if args.receiver is None:
            return []
        return [
            k8s.core.v1.Secret(
                f"{name}-receiver",
                metadata={"name": RECEIVER_SECRET, "namespace": args.namespace},
                string_data=pulumi.Output.secret({RECEIVER_KEY: args.receiver}),
                opts=pulumi.ResourceOptions(parent=self),
            )
        ]

    def _release(
        self,
        name: str,
        release: str,
        args: MonitoringArgs,
        *,
        values: Values,
        requires: Sequence[pulumi.Resource],
    ) -> None:
        chosen = args.prometheus
        what = ChartRelease(
            source=chart_source(chosen.charts, chosen.version, "prometheus"),
            release=release,
            namespace=args.namespace,
            values=values,
        )
        after = pulumi.ResourceOptions(parent=self, depends_on=[*args.requires, *requires])
        install(name, what, opts=after)
