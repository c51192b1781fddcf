"""A mesh over made-up clusters, one Kubernetes provider for each."""

from __future__ import annotations

import base64
from typing import Any

import pulumi
import pulumi_command as command
import pulumi_kubernetes as k8s
import pulumi_oci as oci

from components.cloud.owner import Owner
from components.cluster.cluster import ClusterApi
from components.mesh.mesh import Mesh, MeshArgs
from components.network.details import VcnDetails
from components.pki.bundle import CaBundle
from components.plan.plan import build_plan
from components.settings.clusters import SubnetRole
from tests.support.documents import cluster, flannel, settings
from tests.support.harness import Deployment, deploy
from tests.support.outputs import ocid

RELEASE = "kubernetes:helm.sh/v3:Release"
SECRET = "kubernetes:core/v1:Secret"
SERVICE = "kubernetes:core/v1:Service"
PATCH = "kubernetes:core/v1:ServicePatch"
COMMAND = "command:local:Command"
NAMESPACE = "kubernetes:core/v1:Namespace"
GATEWAY = "kubernetes:networking.istio.io/v1:Gateway"
VIRTUAL_SERVICE = "kubernetes:networking.istio.io/v1:VirtualService"
AUTHORIZATION_POLICY = "kubernetes:security.istio.io/v1:AuthorizationPolicy"
PEER_AUTHENTICATION = "kubernetes:security.istio.io/v1:PeerAuthentication"

PRIMARY_REMOTE: dict[str, Any] = {
    "clusters": {
        "fra": flannel(0, network="fra-network"),
        "ash": flannel(1, role="remote", primary="fra", network="ash-network"),
    },
    "mesh__eastWest": {"exposure": "public"},
}
THREE: dict[str, Any] = {key: cluster(number) for number, key in enumerate("abc")}
ONE_NETWORK: dict[str, Any] = {
    "clusters__primary__network": "flat",
    "clusters__secondary__network": "flat",
}


class Marker(pulumi.CustomResource):
    """Stands for something of another stage, by its name."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("okemesh:test:Marker", name, {}, opts)


def _text(value: str) -> pulumi.Output[str]:
    return pulumi.Output.from_input(value)


def _bundle(key: str) -> CaBundle:
    secret = pulumi.Output.secret(f"key-of-{key}")
    return CaBundle.signed(cert=_text(f"cert-of-{key}"), key=secret, root=_text("root"))


def _vcn(key: str) -> VcnDetails:
    return VcnDetails(
        vcn_id=_text(ocid("vcn", key)),
        subnet_ids={role: _text(ocid("subnet", f"{key}-{role}")) for role in SubnetRole},
        nsg_ids={role: _text(ocid("networksecuritygroup", f"{key}-{role}")) for role in SubnetRole},
    )


def _api(key: str, number: int) -> ClusterApi:
    provider = k8s.Provider(f"{key}-kubernetes")
    return ClusterApi(kubernetes=provider, server=f"https://10.9.0.{number}:6443")


def mesh(*, preview: bool = False, **changes: Any) -> Deployment:
    """Run the component `Mesh` over the settings of two primaries with `changes`."""
    chosen = settings(**changes)
    plan = build_plan(chosen)

    def program() -> None:
        args = MeshArgs(
            plan=plan,
            settings=chosen.mesh,
            owner=Owner(project="oke-mesh", stack="test", mesh="oke-mesh"),
            vcns={key: _vcn(key) for key in plan.members},
            apis={key: _api(key, number) for number, key in enumerate(plan.members)},
            bundles={
                key: _bundle(key) for key, member in plan.members.items() if member.is_primary
            },
            command=command.Provider("command"),
            oci={r: oci.Provider(f"oci-{r}", region=r) for r in plan.regions},
        )
        made = Mesh("mesh", args)
        for key, requires in made.ready.items():
            Marker(f"{key}-workload", pulumi.ResourceOptions(depends_on=[*requires]))
        pulumi.export("ingress", dict(made.ingress_addresses))
        pulumi.export("eastWest", dict(made.east_west_addresses))

    return deploy(program, preview=preview)


def cluster_of(deployment: Deployment, name: str) -> str:
    """Return the key of the cluster whose provider manages the resource of that name."""
    (found,) = [r for r in deployment.resources if r.name == name and r.custom]
    return found.provider.split("::")[3].removesuffix("-kubernetes")


def read_by(deployment: Deployment, secret: str) -> dict[str, str]:
    """Return the kubeconfigs in a remote secret by the name of the cluster."""
    data = deployment.one(SECRET, secret).inputs.get("data", {})
    return {name: base64.b64decode(text).decode() for name, text in sorted(data.items())}
