"""The namespace of Istio and the signing certificate in it, before anything of Istio starts."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.mesh.charts import ISTIO_NAMESPACE
from components.mesh.namespaces import istio_labels
from components.mesh.pull_secret import create_pull_secret
from components.pki.bundle import CaBundle
from components.plan.plan import Member
from components.settings.mesh import MeshSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class IstioSystemArgs:
    """The cluster, the primary that serves it, and what it signs with."""

    member: Member
    mesh: MeshSettings
    primary_name: str
    """Istio's name of the cluster whose istiod serves this one."""
    bundle: CaBundle | None
    """None on a remote, whose certificates come from its primary."""
    docker_config: pulumi.Output[str] | None = None
    """Secret; with what images are pulled, where their registry asks."""


class IstioSystem(pulumi.ComponentResource):
    """The namespace istio-system, with `cacerts` where istiod will run."""

    namespace: pulumi.Output[str]

    def __init__(
        self, name: str, args: IstioSystemArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:IstioSystem", name, None, opts)
        namespace = self._namespace(name, args)
        self.namespace = namespace.metadata.name
        if args.bundle is not None:
            self._cacerts(name, args.bundle)
        own = pulumi.ResourceOptions(parent=self)
        create_pull_secret(name, args.docker_config, self.namespace, opts=own)
        self.register_outputs({"namespace": self.namespace})

    def _namespace(self, name: str, args: IstioSystemArgs) -> k8s.core.v1.Namespace:
        # Both are read when the cluster's remote secret is found, so they come with the namespace.
        serves = {"topology.istio.io/controlPlaneClusters": args.primary_name}
        return k8s.core.v1.Namespace(
            f"{name}-namespace",
            metadata={
                "name": ISTIO_NAMESPACE,
                "labels": {
                    "topology.istio.io/network": args.member.settings.network,
                    **istio_labels(args.mesh),
                },
                "annotations": {} if args.member.is_primary else serves,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _cacerts(self, name: str, bundle: CaBundle) -> None:
        files = pulumi.Output.secret(bundle.files())
        k8s.core.v1.Secret(
            f"{name}-cacerts",
            metadata={"name": "cacerts", "namespace": self.namespace},
            type="Opaque",
            string_data=files,
            opts=pulumi.ResourceOptions(parent=self),
        )
