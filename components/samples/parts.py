"""What every demo is made of: a namespace whose pods are injected, Services and Deployments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as k8s

from components.context import Context
from components.mesh.namespaces import injected_labels
from components.mesh.objects import create_object
from components.mesh.values import identity
from components.samples.samples import allowed, callers_of, create_injected

_PATIENCE = "40m"


@dataclass(frozen=True, kw_only=True, slots=True)
class Workload:
    """Pods of one version of an application."""

    app: str
    version: str
    spec: k8s.core.v1.PodSpecArgs
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its Deployment."""
        return f"{self.app}-{self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """What of a demo is in one cluster: Services by their port, and the workloads."""

    namespace: str
    services: Mapping[str, int]
    """Every service of the demo, wherever its pods are: so its name is known here."""
    workloads: Sequence[Workload]
    labels: Mapping[str, str]
    """Of the namespace: who injects its pods, and what they may."""
    identity: Mapping[str, str]
    """The annotation with which pods start anew when what their proxies keep has changed."""
    callers: tuple[str, ...] | None
    """Identities outside of the namespace that may ask; None if everyone of the mesh may."""
    has_rules: bool
    """Rules are read by an istiod, so a primary holds them."""
    requires: Sequence[pulumi.Resource]
    """What makes the injection of their proxies work."""

    @classmethod
    def of(
        cls,
        context: Context,
        key: str,
        *,
        namespace: str,
        services: Mapping[str, int],
        workloads: Sequence[Workload],
        requires: Sequence[pulumi.Resource],
    ) -> "Demo":
        """Return what is in the cluster `key`."""
        member, mesh = context.plan.members[key], context.settings.mesh
        return cls(
            namespace=namespace,
            services=services,
            workloads=workloads,
            labels=injected_labels(mesh),
            identity=identity(member, mesh),
            callers=callers_of(mesh),
            has_rules=member.is_primary,
            requires=requires,
        )


def create_demo(name: str, demo: Demo, *, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Create all of a demo that is in one cluster; return the name of its namespace."""
    after = pulumi.ResourceOptions(parent=parent, depends_on=[*demo.requires])
    namespace = create_injected(name, demo.namespace, demo.labels, opts=after)
    child = pulumi.ResourceOptions(parent=parent)
    for service, port in demo.services.items():
        k8s.core.v1.Service(
            f"{name}-{service}",
            metadata={
                "name": service,
                "namespace": namespace,
                "labels": {"app": service},
                # Its pods may be in another cluster.
                "annotations": {"pulumi.com/skipAwait": "true"},
            },
            spec={"selector": {"app": service}, "ports": [{"name": "http", "port": port}]},
            opts=child,
        )
    for workload in demo.workloads:
        _deployment(name, demo, workload, namespace=namespace, parent=parent)
    if demo.callers is not None and demo.has_rules:
        create_object(
            f"{name}-authorizationpolicy",
            "AuthorizationPolicy",
            allowed(demo.callers, demo.namespace),
            metadata={"name": demo.namespace, "namespace": namespace},
            opts=child,
        )
    return namespace


def _deployment(
    name: str,
    demo: Demo,
    workload: Workload,
    *,
    namespace: pulumi.Output[str],
    parent: pulumi.Resource,
) -> None:
    labels = {"app": workload.app, "version": workload.version}
    k8s.apps.v1.Deployment(
        f"{name}-{workload.name}",
        metadata={"name": workload.name, "namespace": namespace, "labels": labels},
        spec=k8s.apps.v1.DeploymentSpecArgs(
            replicas=1,
            # A model is downloaded first, and its image is tens of gigabytes.
            progress_deadline_seconds=2400,
            selector=k8s.meta.v1.LabelSelectorArgs(match_labels=labels),
            template=k8s.core.v1.PodTemplateSpecArgs(
                metadata=k8s.meta.v1.ObjectMetaArgs(
                    labels=labels, annotations={**demo.identity, **workload.annotations}
                ),
                spec=workload.spec,
            ),
        ),
        opts=pulumi.ResourceOptions(
            parent=parent,
            custom_timeouts=pulumi.CustomTimeouts(create=_PATIENCE, update=_PATIENCE),
        ),
    )
