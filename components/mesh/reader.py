"""The credential with which istiod and Kiali of other clusters read this one's API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.cloud.kubeconfig import token_kubeconfig
from components.mesh.charts import ISTIO_NAMESPACE

_ACCOUNT: Final = "istio-reader-service-account"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReaderArgs:
    """The cluster that is read."""

    cluster_name: str
    server: pulumi.Input[str]
    """URL of its API at the address that the reading istiod can reach."""
    base: pulumi.Resource
    """What makes the reader's service account; for istiod the chart `base`."""
    account: str = _ACCOUNT
    namespace: str = ISTIO_NAMESPACE
    """Of the service account."""


class Reader(pulumi.ComponentResource):
    """A token that does not expire by itself, as a kubeconfig that istiod accepts.

    istiod refuses kubeconfigs that run a program, such as OKE's own.
    """

    kubeconfig: pulumi.Output[str]
    """Secret."""
    token_since: pulumi.Output[str]
    """When the token was made, as the API server writes it."""

    def __init__(
        self, name: str, args: ReaderArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:Reader", name, None, opts)
        token = k8s.core.v1.Secret(
            f"{name}-token",
            # Without a name of ours: a token that is made anew has another, and the old one is
            # deleted when nobody reads with it any more.
            metadata={
                "namespace": args.namespace,
                "annotations": {
                    "kubernetes.io/service-account.name": args.account,
                    # The token controller fills the Secret in a moment after its creation.
                    "pulumi.com/waitFor": "jsonpath={.data.token}",
                },
            },
            type="kubernetes.io/service-account-token",
            # A token for an account that does not exist yet is deleted by the token controller.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.base]),
        )
        data: pulumi.Output[Mapping[str, str]] = pulumi.Output.secret(token.data)
        self.kubeconfig = pulumi.Output.all(data, args.server).apply(
            lambda known: token_kubeconfig(args.cluster_name, server=known[1], data=known[0])
        )
        self.token_since = token.metadata.apply(lambda known: known.creation_timestamp or "")
        self.register_outputs({})
