"""A remote secret: the credentials with which the istiod of one cluster reads others.

One Secret for each reader with a key for each cluster, not one for each pair (ADR 0011): a
cluster leaves by an update of it, and Pulumi updates before it deletes anything of that cluster.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.mesh.charts import ISTIO_NAMESPACE


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteSecretArgs:
    """Who is read; the provider says who reads."""

    readable: str
    """What the clusters are to the reader, for the Secret's name."""
    kubeconfigs: Mapping[str, pulumi.Input[str]]
    """Secret, by Istio's name of the cluster that is read. There may be none: the last cluster
    leaves by an update of the Secret like every other."""
    requires: Sequence[pulumi.Resource]
    """What those that are read must have before, such as the rights of the reader."""


class RemoteSecret(pulumi.ComponentResource):
    """Makes the istiod of one cluster watch the services and endpoints of others.

    istiod tells a change of one key from the rest: it goes on reading the other clusters.
    """

    def __init__(
        self, name: str, args: RemoteSecretArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:RemoteSecret", name, None, opts)
        k8s.core.v1.Secret(
            f"{name}-secret",
            metadata={
                "name": f"istio-remote-secret-{args.readable}",
                "namespace": ISTIO_NAMESPACE,
                "labels": {"istio/multiCluster": "true"},
            },
            # Not `string_data`: what goes from there stays in the Secret after a server-side apply.
            data=_data(args.kubeconfigs),
            # istiod that finds the secret before the reader has its rights waits out a time limit.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.requires]),
        )
        self.register_outputs({})


def _data(
    kubeconfigs: Mapping[str, pulumi.Input[str]],
) -> pulumi.Output[dict[str, pulumi.Output[str]]] | None:
    # Not an empty map, which the API server takes for none: every preview would add it again.
    if not kubeconfigs:
        return None
    return pulumi.Output.secret({name: encoded(text) for name, text in kubeconfigs.items()})


def encoded(text: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return a text as the data of a Secret has it."""
    return pulumi.Output.from_input(text).apply(
        lambda known: base64.b64encode(known.encode()).decode()
    )
