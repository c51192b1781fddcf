"""From one map of clusters to a mesh: every stage of the program, in the order of its data."""

import pulumi

from components.access.access import Access, AccessArgs
from components.backbone.backbone import Backbone, BackboneArgs
from components.cluster.cluster import Cluster, ClusterArgs
from components.config.load import load
from components.context import create_context
from components.gitops.gitops import create_gitops
from components.ingress.dns import create_names
from components.ingress.hosts import create_hosts
from components.mesh.drains import Drains, DrainsArgs
from components.mesh.mesh import Mesh, MeshArgs
from components.network.cluster_vcn import ClusterVcn, ClusterVcnArgs
from components.network.public_gateway_rules import PublicGatewayRules, PublicGatewayRulesArgs
from components.notices.notices import create_notices
from components.observability.observability import create_observability
from components.outputs import Stages, build_outputs
from components.pki.pki import Pki, PkiArgs
from components.samples.demos import create_demos
from components.samples.samples import create_samples
from components.traffic.traffic import Traffic, TrafficArgs
from components.verification.verification import Verification, VerificationArgs

context = create_context(*load())
backbone = Backbone("backbone", BackboneArgs.of(context))
create_notices(context, drg_ids=backbone.drg_ids)

vcns = {
    key: ClusterVcn(
        key, ClusterVcnArgs.of(context, key, drg_ids=backbone.drg_ids), context.in_region_of(key)
    ).details
    for key in context.plan.members
}
access = Access("access", AccessArgs.of(context, vcns=vcns))

clusters = {
    key: Cluster(
        key, ClusterArgs.of(context, key, vcn=vcns[key], access=access), context.in_region_of(key)
    )
    for key in context.plan.members
}
apis = {key: cluster.api for key, cluster in clusters.items()}
endpoints = {key: cluster.public_endpoint for key, cluster in clusters.items()}
vcns |= {
    key: PublicGatewayRules(
        f"{key}-public-gateway",
        PublicGatewayRulesArgs.of(context, key, vcns=vcns, endpoints=endpoints),
        context.in_region_of(key),
    ).vcn
    for key in context.public_gateways
}

pki = Pki("pki", PkiArgs.of(context), pulumi.ResourceOptions(providers=[context.providers.tls]))
mesh = Mesh("mesh", MeshArgs.of(context, vcns=vcns, apis=apis, bundles=pki.bundles))
hosts = create_hosts(context, mesh=mesh, apis=apis, bundles=pki.bundles)
names = create_names(context, mesh=mesh, hosts=hosts)

samples = create_samples(context, mesh=mesh, apis=apis)
traffic = Traffic("traffic", TrafficArgs.of(context, apis=apis, mesh=mesh, samples=samples))
create_demos(context, mesh=mesh, apis=apis)
observability = create_observability(context, mesh=mesh, apis=apis, hosts=hosts)
gitops = create_gitops(context, mesh=mesh, apis=apis, endpoints=endpoints)
Drains("drains", DrainsArgs.of(context, ways_in=mesh.gateways, samples=samples))

stages = Stages(
    backbone=backbone, vcns=vcns, access=access, clusters=clusters, pki=pki, mesh=mesh, hosts=hosts
)
outputs = {**build_outputs(context, stages), **observability, **names}
verification = Verification(
    "verification",
    VerificationArgs.of(
        context, pki=pki, mesh=mesh, outputs=outputs, requires=[mesh, traffic, *samples.values()]
    ),
    pulumi.ResourceOptions(providers=[context.providers.command]),
)

for name, value in {**outputs, **gitops, "verification": verification.result}.items():
    pulumi.export(name, value)
