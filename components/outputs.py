"""The stack's outputs: a contract with other projects, described in docs/outputs.md.

A change of a name or of a meaning here raises `SCHEMA_VERSION`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from components.access.access import Access
from components.backbone.backbone import Backbone
from components.cloud.kubeconfig import merge_kubeconfigs
from components.cloud.policies import Made, tell_needs
from components.cluster.cluster import Cluster
from components.config.changes import identity
from components.context import Context
from components.ingress.hosts import Hosts
from components.mesh.mesh import Mesh
from components.network.details import VcnDetails
from components.pki.pki import Pki

SCHEMA_VERSION: Final = 2

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stages:
    """Everything that the program made, stage by stage."""

    backbone: Backbone
    vcns: Mapping[str, VcnDetails]
    clusters: Mapping[str, Cluster]
    access: Access
    pki: Pki
    mesh: Mesh
    hosts: Mapping[str, Hosts]


def build_outputs(context: Context, stages: Stages) -> Document:
    """Return the outputs by name, but for `verification`, which works from these.

    Those that hold credentials are secret. A first preview tells here what it takes to deploy.
    """
    settings = context.settings
    host = stages.access.host
    made = Made(
        clusters=stages.clusters,
        cluster_ids={key: cluster.cluster_id for key, cluster in stages.clusters.items()},
        host_id=host.instance_id if host else None,
    )
    kubeconfigs = {key: cluster.kubeconfig for key, cluster in stages.clusters.items()}
    return {
        "schemaVersion": SCHEMA_VERSION,
        "mesh": {
            "id": settings.mesh.id,
            "trustDomain": settings.mesh.trust_domain,
            "istioVersion": settings.mesh.istio.version,
            "revision": settings.mesh.istio.revision,
            "mtls": settings.mesh.mtls.value,
            "rootCaPem": stages.pki.root_cert_pem,
            "samples": bool(context.sampled),
            "hasOwnRoot": settings.pki.root_cert_pem is not None,
        },
        "clusters": {key: _cluster(key, context, stages) for key in context.plan.members},
        "backbone": {"drgs": stages.backbone.drg_ids, "peerings": stages.backbone.peerings},
        "access": stages.access.document,
        "iamStatements": tell_needs(settings, context.plan, context.owner, made=made),
        "kubeconfigs": pulumi.Output.secret(kubeconfigs),
        "mergedKubeconfig": pulumi.Output.secret(
            pulumi.Output.all(**kubeconfigs).apply(merge_kubeconfigs)
        ),
        **_hosts(stages.hosts),
    }


def _hosts(hosts: Mapping[str, Hosts]) -> Document:
    """Return where users call each host, by host and cluster; nothing where there is no host."""
    found: dict[str, Document] = {}
    for key, at_gateway in hosts.items():
        for host, urls in at_gateway.urls.items():
            found.setdefault(host, {})[key] = urls
    return {"hosts": found} if found else {}


def _cluster(key: str, context: Context, stages: Stages) -> Document:
    cluster, vcn = stages.clusters[key], stages.vcns[key]
    chosen = context.plan.members[key].settings
    return {
        **identity(chosen),
        "clusterId": cluster.cluster_id,
        "kubernetesVersion": cluster.kubernetes_version,
        "privateEndpoint": cluster.private_endpoint,
        "publicEndpoint": cluster.public_endpoint,
        "vcnId": vcn.vcn_id,
        "subnets": {role.value: id_ for role, id_ in vcn.subnet_ids.items()},
        "nsgs": {role.value: id_ for role, id_ in vcn.nsg_ids.items()},
        "nodePools": cluster.node_pool_ids,
        "readerTokenSince": stages.mesh.reader_tokens_since.get(key),
        "ingressAddress": stages.mesh.ingress_addresses.get(key),
        "eastWestAddress": stages.mesh.east_west_addresses.get(key),
    }
