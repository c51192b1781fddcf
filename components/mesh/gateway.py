"""A gateway: Envoy pods by Helm, and the Service that gives them a load balancer.

The Service is a resource of its own, not the chart's: Pulumi waits for its address, shows every
annotation in a preview, and on deletion waits until the load balancer is gone (ADR 0004).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s
import pulumi_oci as oci

from components.known_after import known_after
from components.mesh.annotations import load_balancer_annotations
from components.mesh.announcement import Announcement, AnnouncementArgs
from components.mesh.charts import ISTIO_NAMESPACE, IstioRelease, create_release
from components.mesh.values import GatewayKind, gateway_values
from components.plan.plan import Member
from components.settings.mesh import GatewaySettings, MeshSettings

# Oracle Cloud takes two to five minutes for a load balancer; the wait covers a busy day.
_PATIENCE: Final = pulumi.CustomTimeouts(create="15m", update="15m", delete="15m")


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayArgs:
    """What kind of gateway, and where its load balancer stands."""

    kind: GatewayKind
    member: Member
    settings: GatewaySettings
    mesh: MeshSettings
    subnet_id: pulumi.Input[str]
    nsg_id: pulumi.Input[str]
    title: str
    """What Oracle Cloud shows of a reserved address."""
    tags: Mapping[str, str]
    defined_tags: Mapping[str, str] | None
    requires: Sequence[pulumi.Resource]
    """What makes the injection of its proxy work."""


class Gateway(pulumi.ComponentResource):
    """Envoy pods behind a load balancer of Oracle Cloud."""

    address: pulumi.Output[str]
    """Of the load balancer; known once it has been created and, where other networks come in
    through it, istiod knows of it."""

    def __init__(
        self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:Gateway", name, None, opts)
        release = self._release(name, args)
        service = self._service(name, args, release)
        address = service.status.apply(load_balancer_address)
        self.address = known_after(address, self._announced(name, args, service))
        self.register_outputs({"address": self.address})

    def _release(self, name: str, args: GatewayArgs) -> k8s.helm.v3.Release:
        values = gateway_values(args.kind, args.settings, args.mesh, member=args.member)
        what = IstioRelease(chart="gateway", release=args.kind.release, values=values)
        # The pod's image is `auto`: without a working injector it cannot start.
        after = pulumi.ResourceOptions(parent=self, depends_on=[*args.requires])
        return create_release(name, what, args.mesh, opts=after)

    def _service(
        self, name: str, args: GatewayArgs, release: k8s.helm.v3.Release
    ) -> k8s.core.v1.Service:
        annotations = pulumi.Output.all(args.subnet_id, args.nsg_id).apply(
            lambda ids: load_balancer_annotations(
                args.settings,
                subnet_id=ids[0],
                nsg_id=ids[1],
                tags=args.tags,
                defined=args.defined_tags,
            )
        )
        return k8s.core.v1.Service(
            f"{name}-service",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=args.kind.service_name(args.settings),
                namespace=ISTIO_NAMESPACE,
                labels=args.kind.selector,
                annotations=annotations,
            ),
            spec=k8s.core.v1.ServiceSpecArgs(
                type="LoadBalancer",
                selector=args.kind.selector,
                ports=service_ports(args.kind),
                load_balancer_ip=self._reserved(name, args),
                # A node without a pod of the gateway fails the health check, so the load balancer
                # has left it before the node itself goes. With `Cluster` every node passes until
                # it is off.
                external_traffic_policy="Local",
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                # A load balancer without ready pods has no healthy backend, and the wait for
                # the Service asks for both.
                depends_on=[release],
                custom_timeouts=_PATIENCE,
            ),
        )

    def _reserved(self, name: str, args: GatewayArgs) -> pulumi.Output[str] | None:
        """Return a public address that outlives every load balancer; None if none is asked for."""
        if not args.settings.reserved_address:
            return None
        return oci.core.PublicIp(
            f"{name}-address",
            compartment_id=args.member.compartment_id,
            lifetime="RESERVED",
            display_name=args.title,
            freeform_tags=args.tags,
            defined_tags=args.defined_tags,
            opts=pulumi.ResourceOptions(parent=self),
        ).ip_address

    def _announced(
        self, name: str, args: GatewayArgs, service: k8s.core.v1.Service
    ) -> list[pulumi.Resource]:
        if args.kind.network is None:
            return []
        announced = AnnouncementArgs(
            service=service, network=args.kind.network, drain_seconds=args.mesh.drain_seconds
        )
        return [Announcement(name, announced, pulumi.ResourceOptions(parent=self)).label]


def service_ports(kind: GatewayKind) -> list[k8s.core.v1.ServicePortArgs]:
    """Return the ports that the load balancer listens on."""
    return [
        k8s.core.v1.ServicePortArgs(name=name, port=number, target_port=number, protocol="TCP")
        for name, number in kind.ports.items()
    ]


def load_balancer_address(status: k8s.core.v1.outputs.ServiceStatus | None) -> str:
    """Return the address in the status of a Service of type LoadBalancer.

    Raises:
        ValueError: it has none, although the Service was waited for.
    """
    balancer = status.load_balancer if status else None
    for entry in (balancer.ingress if balancer else None) or []:
        found = entry.ip or entry.hostname
        if found:
            return found
    raise ValueError("the Service has no load balancer address in its status")
