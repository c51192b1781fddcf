"""The Secret by which Argo CD knows a cluster, as text; pure.

https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#clusters
"""

import base64
import json
from collections.abc import Mapping

import yaml

from components.plan.plan import Member
from components.settings.gitops import GitOpsSettings, Scope

_SECRET_TYPE = "argocd.argoproj.io/secret-type"  # noqa: S105 the name of a label, not a secret


def cluster_secret(
    member: Member, mesh_id: str, settings: GitOpsSettings, *, server: str, data: Mapping[str, str]
) -> str:
    """Return the Secret of one cluster for `kubectl apply`, in whichever namespace Argo CD is.

    Args:
        member: The cluster; its labels are for ApplicationSets to select by.
        mesh_id: Whose it is; one Argo CD may know several meshes.
        settings: Where the tool may work.
        server: URL of the API.
        data: `token` and `ca.crt` of the account's Secret, in base64.
    """
    is_kept = settings.scope is Scope.NAMESPACES
    config = {
        "bearerToken": base64.b64decode(data["token"]).decode(),
        "tlsClientConfig": {"insecure": False, "caData": data["ca.crt"]},
    }
    document = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": f"{mesh_id}-{member.settings.name}",
            "labels": {_SECRET_TYPE: "cluster", **_labels(member, mesh_id)},
        },
        "type": "Opaque",
        # Every key each time, also where it says nothing: one that is taken out of `stringData`
        # stays in the Secret, and Argo CD would go on keeping to what it said.
        "stringData": {
            "name": member.settings.name,
            "server": server,
            "config": json.dumps(config),
            "namespaces": ",".join(settings.namespaces) if is_kept else "",
            "clusterResources": "false" if is_kept else "true",
            "project": settings.project or "",
        },
    }
    # A document of its own, so that those of several clusters are one stream.
    return yaml.safe_dump(document, sort_keys=True, explicit_start=True, width=10_000)


def _labels(member: Member, mesh_id: str) -> dict[str, str]:
    return {
        "oke-mesh/cluster": member.key,
        "oke-mesh/mesh": mesh_id,
        "oke-mesh/region": member.settings.region,
        "oke-mesh/role": member.settings.role.value,
    }
