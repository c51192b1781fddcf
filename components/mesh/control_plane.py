"""The control plane of one cluster: istiod itself, or the way to its primary's."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as k8s

from components.mesh.charts import IstioRelease, create_release
from components.mesh.reader import Reader, ReaderArgs
from components.mesh.values import (
    Values,
    base_values,
    cni_values,
    merge,
    primary_values,
    remote_values,
)
from components.plan.plan import Member
from components.settings.mesh import MeshSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlPlaneArgs:
    """The cluster and, on a remote, the address at which its primary's istiod answers."""

    member: Member
    mesh: MeshSettings
    system: pulumi.Resource
    """The Istio namespace with the signing certificate in it."""
    server: pulumi.Input[str]
    """URL of the cluster's API for other clusters' istiod."""
    pilot_address: pulumi.Input[str] | None = None
    extension: Values = field(default_factory=dict)
    """What other settings than the mesh's add to its configuration."""


class ControlPlane(pulumi.ComponentResource):
    """The charts base and istiod (and cni), with the credential that lets others read along."""

    reader_kubeconfig: pulumi.Output[str]
    """Secret."""
    reader_token_since: pulumi.Output[str]
    istiod: k8s.helm.v3.Release
    """The chart `istiod`; on a remote it holds no istiod, but the webhooks that lead to one."""

    def __init__(
        self, name: str, args: ControlPlaneArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:ControlPlane", name, None, opts)
        base = self._base(name, args)
        reader = Reader(
            f"{name}-reader",
            ReaderArgs(cluster_name=args.member.settings.name, server=args.server, base=base),
            pulumi.ResourceOptions(parent=self),
        )
        self.reader_kubeconfig = reader.kubeconfig
        self.reader_token_since = reader.token_since
        self.istiod = self._istiod(name, args, [base, *self._cni(name, args, base)])
        self.register_outputs({})

    def _base(self, name: str, args: ControlPlaneArgs) -> k8s.helm.v3.Release:
        values = base_values(args.member, args.mesh)
        what = IstioRelease(chart="base", release="istio-base", values=values)
        # An istiod that starts before `cacerts` is there signs with a root of its own, and the
        # clusters would not trust each other.
        after = pulumi.ResourceOptions(parent=self, depends_on=[args.system])
        return create_release(f"{name}-base", what, args.mesh, opts=after)

    def _cni(
        self, name: str, args: ControlPlaneArgs, base: k8s.helm.v3.Release
    ) -> list[k8s.helm.v3.Release]:
        if not args.mesh.istio.cni:
            return []
        what = IstioRelease(chart="cni", release="istio-cni", values=cni_values(args.mesh))
        # Both charts write into the namespace; the order is the one that Istio documents.
        after = pulumi.ResourceOptions(parent=self, depends_on=[base])
        return [create_release(f"{name}-cni", what, args.mesh, opts=after)]

    def _istiod(
        self, name: str, args: ControlPlaneArgs, charts: Sequence[pulumi.Resource]
    ) -> k8s.helm.v3.Release:
        what = IstioRelease(chart="istiod", release="istiod", values=_istiod_values(args))
        # istiod exits when the custom resource definitions of the chart `base` are not there.
        after = pulumi.ResourceOptions(parent=self, depends_on=[*charts])
        return create_release(f"{name}-istiod", what, args.mesh, opts=after)


def _istiod_values(args: ControlPlaneArgs) -> pulumi.Input[Values]:
    if args.member.is_primary:
        return primary_values(args.member, args.mesh, args.extension)
    if args.pilot_address is None:
        raise ValueError(f"{args.member.key} is a remote and has no address of its primary")
    own = remote_values(args.member, args.mesh, args.extension)
    return pulumi.Output.from_input(args.pilot_address).apply(
        lambda address: merge(own, {"global": {"remotePilotAddress": address}})
    )
