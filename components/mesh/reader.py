"""The credential with which istiod and Kiali of other clusters read this one's API."""

from dataclasses import dataclass
from typing import Final

import pulumi

from components.cloud.kubeconfig import token_kubeconfig
from components.mesh.account_token import create_token
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
        token = create_token(
            name,
            account=args.account,
            namespace=args.namespace,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.base]),
        )
        self.kubeconfig = pulumi.Output.all(token.data, args.server).apply(
            lambda known: token_kubeconfig(args.cluster_name, server=known[1], data=known[0])
        )
        self.token_since = token.since
        self.register_outputs({})
