"""The label by which istiod finds the address of an east-west gateway.

It is apart from the gateway's Service, because both have to go in this order: the label, then
nothing for a while, then the Service and its load balancer (ADR 0016).
"""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.mesh.charts import ISTIO_NAMESPACE
from components.mesh.drain import Drain, DrainArgs

# Who has set the label, as the API server keeps it; nobody else's fields are touched.
_MANAGER: Final = "oke-mesh-announcement"


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnouncementArgs:
    """The Service of the gateway, and the Istio network that it leads into."""

    service: k8s.core.v1.Service
    network: str
    drain_seconds: int


class Announcement(pulumi.ComponentResource):
    """Sends every proxy of other networks to a gateway, and takes that back before it goes."""

    label: pulumi.Resource
    """Once it is there, istiod knows the gateway."""

    def __init__(
        self, name: str, args: AnnouncementArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:Announcement", name, None, opts)
        drain_args = DrainArgs(
            seconds=args.drain_seconds,
            of=[args.service],
            identity=args.service.id,
            # A load balancer has its address before it has found its backends healthy.
            settles=True,
        )
        drain = Drain(f"{name}-drain", drain_args, pulumi.ResourceOptions(parent=self))
        self.label = k8s.core.v1.ServicePatch(
            f"{name}-label",
            metadata=k8s.meta.v1.ObjectMetaPatchArgs(
                # By the id, which is unknown until the Service is there: a preview of a Service
                # that another one replaces then shows that the label moves.
                name=args.service.id.apply(lambda id_: id_.rpartition("/")[2]),
                namespace=ISTIO_NAMESPACE,
                labels={"topology.istio.io/network": args.network},
                annotations={"pulumi.com/patchFieldManager": _MANAGER},
            ),
            # Deleted in the opposite order: without the label nobody new is sent there, and what
            # is under way has the time of the drain.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[drain.pause]),
        )
        self.register_outputs({})
