"""The token of a service account, for whoever calls a cluster's API from elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountToken:
    """A token that does not expire by itself; it ends with the Secret that holds it."""

    data: pulumi.Output[Mapping[str, str]]
    """Secret: `token` and `ca.crt`, in base64."""
    since: pulumi.Output[str]
    """When it was made, as the API server writes it."""


def create_token(
    name: str,
    *,
    account: pulumi.Input[str],
    namespace: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> AccountToken:
    """Create a token for a service account of `namespace`.

    `opts` has it wait for the account: a token for one that does not exist yet is deleted by the
    token controller.
    """
    secret = k8s.core.v1.Secret(
        f"{name}-token",
        # Without a name of ours: a token that is made anew has another, and the old one is
        # deleted when nobody reads with it any more.
        metadata={
            "namespace": namespace,
            "annotations": {
                "kubernetes.io/service-account.name": account,
                # The token controller fills the Secret in a moment after its creation.
                "pulumi.com/waitFor": "jsonpath={.data.token}",
            },
        },
        type="kubernetes.io/service-account-token",
        opts=opts,
    )
    return AccountToken(
        data=pulumi.Output.secret(secret.data),
        since=secret.metadata.apply(lambda known: known.creation_timestamp or ""),
    )
