"""What a GitOps tool is given: an account in every cluster, and how its namespaces look."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.cluster.cluster import ClusterApi
from components.context import Context
from components.gitops.account import Account, AccountArgs
from components.mesh.mesh import Mesh
from components.mesh.namespaces import injected_labels
from components.settings.gitops import GitOpsSettings
from components.settings.mesh import MeshSettings

Document = dict[str, Any]


def create_gitops(
    context: Context,
    *,
    mesh: Mesh,
    apis: Mapping[str, ClusterApi],
    endpoints: Mapping[str, pulumi.Input[str | None]],
) -> Document:
    """Create the tool's account in every cluster, where there is a tool; return the outputs.

    `gitops` is secret, and all that the tool takes; `gitopsAccess` says what it may.
    """
    settings = context.settings.gitops
    if settings is None:
        return {}
    accounts = {
        key: Account(
            f"{key}-gitops",
            AccountArgs.of(
                context,
                key,
                settings=settings,
                api=apis[key],
                public=endpoints[key],
                requires=mesh.ready[key],
            ),
            pulumi.ResourceOptions(providers=[apis[key].kubernetes]),
        )
        for key in context.plan.members
    }
    return {
        "gitops": pulumi.Output.secret({key: _given(each) for key, each in accounts.items()}),
        "gitopsAccess": {
            **_access(settings, context.settings.mesh),
            "tokensSince": {key: each.token_since for key, each in accounts.items()},
        },
    }


def _given(account: Account) -> Document:
    return {"argoCdSecret": account.argo_cd_secret, "kubeconfig": account.kubeconfig}


def _access(settings: GitOpsSettings, mesh: MeshSettings) -> Document:
    return {
        "role": settings.role,
        "scope": settings.scope.value,
        "namespaces": [*settings.namespaces],
        "namespaceOwner": settings.namespace_owner.value,
        "namespaceLabels": injected_labels(mesh),
    }
