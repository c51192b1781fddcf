"""Clusters for tests: one member of a plan, in a network whose ids are its roles."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_command as command
import pulumi_oci as oci

from components import versions
from components.cloud.kubeconfig import SignIn
from components.cloud.kubernetes import find_kubernetes
from components.cloud.owner import Owner
from components.cluster.cluster import Cluster, ClusterArgs
from components.settings.clusters import SubnetRole
from tests.support.documents import documents, member
from tests.support.harness import Deployment, deploy

CLUSTER = "oci:ContainerEngine/cluster:Cluster"
POOL = "oci:ContainerEngine/nodePool:NodePool"
ADDON = "oci:ContainerEngine/addon:Addon"
INSTANCE = "oci:Core/instance:Instance"
KUBERNETES = "pulumi:providers:kubernetes"

OWNER = Owner(project="oke-mesh", stack="test", mesh="oke-mesh")
SUBNETS = {role: f"subnet-{role.value}" for role in SubnetRole}
NSGS = {role: f"nsg-{role.value}" for role in SubnetRole}

# The documents of two primaries whose one pool is as `changes` say.
PRIMARY = "clusters__primary__"
POOL_NP1 = f"{PRIMARY}nodePools"


def providers() -> pulumi.ResourceOptions:
    """Return options with the explicit providers that the program hands down."""
    return pulumi.ResourceOptions(
        providers=[
            oci.Provider("oci-us-sanjose-1", region="us-sanjose-1"),
            command.Provider("command"),
        ]
    )


def cluster(
    changes: dict[str, Any] | None = None,
    *,
    protect: bool = True,
    ssh_public_key: str | None = None,
    proxy_url: pulumi.Input[str] | None = None,
    sign_in: SignIn | None = None,
) -> Cluster:
    """Return the cluster `primary` of the documents with `changes`."""
    here = oci.Provider("oci-us-sanjose-1", region="us-sanjose-1")
    chosen = member("primary", **(changes or {}))
    args = ClusterArgs(
        member=chosen,
        owner=OWNER,
        vcn_id="vcn",
        subnet_ids=SUBNETS,
        nsg_ids=NSGS,
        ssh_public_key=ssh_public_key,
        protect=protect,
        kubernetes=find_kubernetes(
            chosen, name=OWNER.title("primary"), istio=versions.ISTIO, provider=here
        ),
        proxy_url=proxy_url,
        sign_in=sign_in or SignIn(),
    )
    return Cluster("primary", args, pulumi.ResourceOptions(providers=[here]))


def deployed(
    changes: dict[str, Any] | None = None,
    *,
    preview: bool = False,
    answers: dict[str, Any] | None = None,
    **options: Any,
) -> Deployment:
    """Return what the cluster registers; its attributes are exported."""

    def program() -> None:
        made = cluster(changes, **options)
        pulumi.export("clusterId", made.cluster_id)
        pulumi.export("kubeconfig", made.kubeconfig)
        pulumi.export("privateEndpoint", made.private_endpoint)
        pulumi.export("publicEndpoint", made.public_endpoint)
        pulumi.export("nodePoolIds", made.node_pool_ids)

    return deploy(program, preview=preview, answers=answers)


def flannel_changes(**changes: Any) -> dict[str, Any]:
    """Return the changes that make `primary` a cluster with flannel pods."""
    entry = documents()["clusters"]["primary"]
    return {
        "clusters__primary": {**entry, "cni": "flannel", "podsCidr": "172.20.0.0/16", **changes}
    }


def pool_changes(**pool: Any) -> dict[str, Any]:
    """Return the changes that give `primary` one pool `np1` with these settings."""
    return {"clusters__primary__nodePools": {"np1": pool}}
