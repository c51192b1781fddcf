"""The stages of `__main__.py` for several descriptions in one program, or inside a component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from components.access.access import Access, AccessArgs
from components.backbone.backbone import Backbone, BackboneArgs
from components.cloud.kubernetes import find_kubernetes
from components.cloud.owner import Owner
from components.cluster.cluster import Cluster, ClusterArgs
from components.config.secrets import Secrets
from components.context import Context
from components.mesh.mesh import Mesh, MeshArgs
from components.network.cluster_vcn import ClusterVcn, ClusterVcnArgs
from components.network.public_gateway_rules import PublicGatewayRules, PublicGatewayRulesArgs
from components.outputs import Stages, build_outputs
from components.pki.pki import Pki, PkiArgs
from components.plan.plan import build_plan
from components.providers import Providers, create_providers
from components.samples.samples import Samples, SamplesArgs
from components.settings.stack import Settings
from components.verification.verification import Verification, VerificationArgs
from tests.support.documents import changed, cluster, documents

NO_SECRETS = Secrets(
    private_key=None, private_key_passphrase=None, ca_root_key=None, ca_intermediate_keys={}
)


def described(first: int, regions: Mapping[str, str]) -> Settings:
    """Return settings of primaries, by key, that need every stage.

    Their endpoints are private behind an operator host, and their east-west gateways public.
    """
    clusters = {
        key: cluster(number, region=region, endpoint="private", allowedCidrs=[])
        for number, (key, region) in enumerate(regions.items(), first)
    }
    access = {
        "cluster": next(iter(regions)),
        "allowedCidrs": ["203.0.113.0/24"],
        "sshPublicKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAITest",
    }
    asked = changed(documents(clusters=clusters), access=access, mesh__eastWest__exposure="public")
    return Settings.model_validate(asked)


def providers_of(*all_of_them: Settings) -> Providers:
    """Return providers for the regions of all these settings."""
    clusters = {key: entry for s in all_of_them for key, entry in s.clusters.items()}
    together = all_of_them[0].model_copy(update={"clusters": clusters})
    return create_providers(build_plan(together), together.oci, NO_SECRETS)


def context_of(settings: Settings, providers: Providers) -> Context:
    """Return the context of a program with these settings."""
    plan = build_plan(settings)
    owner = Owner(project="oke-mesh", stack="test", mesh=settings.mesh.id)
    return Context(
        settings=settings,
        secrets=NO_SECRETS,
        plan=plan,
        owner=owner,
        providers=providers,
        kubernetes={
            key: find_kubernetes(
                member,
                name=owner.title(key),
                istio=settings.mesh.istio.version,
                provider=providers.oci[member.settings.region],
            )
            for key, member in plan.members.items()
        },
    )


class Wired:
    """Every stage, each component under `parent` and named after the mesh."""

    def __init__(
        self, context: Context, name: str = "", parent: pulumi.Resource | None = None
    ) -> None:
        self._context, self._name, self._parent = context, name, parent
        backbone = Backbone(self._of("backbone"), BackboneArgs.of(context), self._opts())
        networks = {key: self._network(key, backbone) for key in context.plan.members}
        self._vcns = {key: network.details for key, network in networks.items()}
        gateway_rules = [self._gateway_rules(key) for key in context.public_gateways]
        access_args = AccessArgs.of(context, vcns=self._vcns)
        access = Access(self._of("access"), access_args, self._opts())
        clusters = {key: self._cluster(key, access) for key in networks}
        pki = Pki(self._of("pki"), PkiArgs.of(context), self._opts(context.providers.tls))
        apis = {key: made.api for key, made in clusters.items()}
        mesh_args = MeshArgs.of(context, vcns=self._vcns, apis=apis, bundles=pki.bundles)
        mesh = Mesh(self._of("mesh"), mesh_args, self._opts())
        for key in context.sampled:
            self._samples(key, clusters[key], mesh)
        stages = Stages(
            backbone=backbone,
            vcns=self._vcns,
            access=access,
            clusters=clusters,
            pki=pki,
            mesh=mesh,
        )
        self._verification(stages, [*gateway_rules, mesh])

    def _of(self, stage: str) -> str:
        return f"{self._name}{stage}"

    def _opts(self, *providers: pulumi.ProviderResource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self._parent, providers=list(providers))

    def _in_region(self, key: str) -> pulumi.ResourceOptions:
        region = self._context.plan.members[key].settings.region
        return self._opts(self._context.providers.oci[region])

    def _network(self, key: str, backbone: Backbone) -> ClusterVcn:
        args = ClusterVcnArgs.of(self._context, key, drg_ids=backbone.drg_ids)
        return ClusterVcn(key, args, self._in_region(key))

    def _gateway_rules(self, key: str) -> PublicGatewayRules:
        args = PublicGatewayRulesArgs.of(self._context, key, vcns=self._vcns)
        return PublicGatewayRules(f"{key}-public-gateway", args, self._in_region(key))

    def _cluster(self, key: str, access: Access) -> Cluster:
        vcn, proxy_url = self._vcns[key], access.proxy_url
        args = ClusterArgs.of(self._context, key, vcn=vcn, proxy_url=proxy_url)
        return Cluster(key, args, self._in_region(key))

    def _samples(self, key: str, cluster: Cluster, mesh: Mesh) -> None:
        args = SamplesArgs.of(self._context, key, requires=mesh.injected[key])
        Samples(f"{key}-sample", args, self._opts(cluster.api.kubernetes))

    def _verification(self, stages: Stages, requires: Sequence[pulumi.Resource]) -> None:
        outputs = build_outputs(self._context, stages)
        args = VerificationArgs.of(
            self._context,
            bundles=stages.pki.bundles,
            reader_kubeconfigs=stages.mesh.reader_kubeconfigs,
            outputs=outputs,
            requires=requires,
        )
        opts = self._opts(self._context.providers.command)
        Verification(self._of("verification"), args, opts)


class Box(pulumi.ComponentResource):
    """Holds the stages of a program, as somebody else's component would."""

    def __init__(self, context: Context) -> None:
        super().__init__("okemesh:test:Box", "box")
        Wired(context, parent=self)
        self.register_outputs({})
