"""A remote secret: one cluster's credential in the istio-system of a cluster that reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.mesh.charts import ISTIO_NAMESPACE


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteSecretArgs:
    """Whose credential it is; the provider says where it goes."""

    source_name: str
    """Istio's name of the cluster that is read."""
    kubeconfig: pulumi.Input[str]
    """Secret."""
    requires: Sequence[pulumi.Resource]
    """The source's control plane, which brings the rights of the reader."""


class RemoteSecret(pulumi.ComponentResource):
    """Makes the istiod of one cluster watch the services and endpoints of another."""

    name: pulumi.Output[str]
    """Of the Secret."""

    def __init__(
        self, name: str, args: RemoteSecretArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:RemoteSecret", name, None, opts)
        secret = k8s.core.v1.Secret(
            f"{name}-secret",
            metadata={
                "name": f"istio-remote-secret-{args.source_name}",
                "namespace": ISTIO_NAMESPACE,
                "labels": {"istio/multiCluster": "true"},
                "annotations": {"networking.istio.io/cluster": args.source_name},
            },
            string_data=pulumi.Output.secret({args.source_name: args.kubeconfig}),
            # istiod that finds the secret before the reader has its rights waits out a time limit.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.requires]),
        )
        self.name = secret.metadata.name
        self.register_outputs({"name": self.name})
