"""An OKE cluster with its node pools, and the one Kubernetes provider through which it is used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_kubernetes as k8s
import pulumi_oci as oci

from components.access.access import Access
from components.access.host_rights import HostRights, HostRightsArgs
from components.cloud import naming, offers
from components.cloud.kubeconfig import SignIn, cli_sign_in, named_kubeconfig
from components.cloud.kubernetes import Kubernetes
from components.cloud.owner import Owner, TagRole
from components.cluster.addons import (
    Addons,
    AddonsArgs,
    autoscaler_configurations,
    scaled_pools,
)
from components.cluster.node_pool import NodePool, NodePoolArgs
from components.context import Context
from components.network.details import VcnDetails
from components.plan.plan import Member
from components.settings.clusters import ClusterType, Cni, SubnetRole

_TYPES: Final = {
    ClusterType.BASIC: "BASIC_CLUSTER",
    ClusterType.ENHANCED: "ENHANCED_CLUSTER",
}
_CNI_TYPES: Final = {Cni.VCN_NATIVE: "OCI_VCN_IP_NATIVE", Cni.FLANNEL: "FLANNEL_OVERLAY"}

# The form of kubeconfig whose user runs the OCI command line; version 1 held a token.
_KUBECONFIG_FORM: Final = "2.0.0"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterApi:
    """The two ways to an API server: this program's, and that of other clusters."""

    kubernetes: k8s.Provider
    server: pulumi.Input[str]
    """URL at the private address, which every peer reaches over the backbone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterArgs:
    """A cluster of the plan and the network it lies in."""

    member: Member
    owner: Owner
    vcn_id: pulumi.Input[str]
    subnet_ids: Mapping[SubnetRole, pulumi.Input[str]]
    nsg_ids: Mapping[SubnetRole, pulumi.Input[str]]
    ssh_public_key: str | None
    """Opens the nodes to who holds its private half; none means no such way in."""
    protect: bool
    """Whether a deployment may neither delete nor replace the cluster."""
    kubernetes: Kubernetes
    """Its version, and those that its pools may have."""
    proxy_url: pulumi.Input[str] | None
    """Through which a private endpoint is reached; a public one needs no proxy."""
    sign_in: SignIn = field(default_factory=SignIn)
    """How whoever uses the kubeconfig signs in."""
    host_rights: HostRightsArgs | None = None
    """What the operator host may do in it, where there is one."""

    @classmethod
    def of(cls, context: Context, key: str, *, vcn: VcnDetails, access: Access) -> "ClusterArgs":
        """Return the cluster `key` of the settings, in its VCN."""
        settings = context.settings
        return cls(
            member=context.plan.members[key],
            owner=context.owner,
            vcn_id=vcn.vcn_id,
            subnet_ids=vcn.subnet_ids,
            nsg_ids=vcn.nsg_ids,
            ssh_public_key=settings.access.node_ssh_public_key,
            protect=settings.protection,
            kubernetes=context.kubernetes[key],
            proxy_url=access.proxy_url,
            sign_in=cli_sign_in(settings.oci),
            host_rights=HostRightsArgs.of(context, access.host) if access.host else None,
        )

    def __post_init__(self) -> None:
        """Refuse what the rules of the settings should have refused."""
        is_basic = self.member.settings.type is ClusterType.BASIC
        if is_basic and (scaled_pools(self.member) or self.member.settings.addons):
            raise ValueError(f"cluster {self.member.key} is basic and cannot have add-ons")


class Cluster(pulumi.ComponentResource):
    """A cluster whose nodes have joined when something made through `kubernetes` starts."""

    cluster_id: pulumi.Output[str]
    """The cluster's OCID."""
    kubernetes_version: pulumi.Output[str]
    """Of the control plane, such as `v1.34.2`."""
    kubeconfig: pulumi.Output[str]
    """Secret; its one context bears the cluster's name."""
    kubernetes: k8s.Provider
    """The provider for everything inside this cluster."""
    private_endpoint: pulumi.Output[str]
    """URL of the API at its address in the VCN."""
    public_endpoint: pulumi.Output[str | None]
    """URL of the API at its public address; none for a private endpoint."""
    node_pool_ids: dict[str, pulumi.Output[str]]
    """The OCID of each pool by its key."""
    api: ClusterApi
    """The ways to its Kubernetes API, for the stages that follow."""

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:cluster:Cluster", name, None, opts)
        cluster = self._cluster(name, args)
        pools = self._node_pools(args, cluster)
        self.node_pool_ids = {key: pool.node_pool_id for key, pool in pools.items()}
        self._autoscaler(name, args.member, cluster)
        self._addons(args, cluster.id, list(pools.values()))
        self.cluster_id = cluster.id
        self.kubernetes_version = args.kubernetes.version
        self.private_endpoint = cluster.endpoints.apply(
            lambda endpoints: f"https://{endpoints[0].private_endpoint}"
        )
        self.public_endpoint = self._public_endpoint(args.member, cluster)
        self.kubeconfig = self._kubeconfig(args, cluster)
        self.kubernetes = self._kubernetes_provider(name, cluster, list(pools.values()))
        if args.host_rights:
            rights = pulumi.ResourceOptions(parent=self, providers=[self.kubernetes])
            HostRights(f"{name}-host-rights", args.host_rights, rights)
        self.api = ClusterApi(kubernetes=self.kubernetes, server=self.private_endpoint)
        self.register_outputs(
            {
                "clusterId": self.cluster_id,
                "privateEndpoint": self.private_endpoint,
                "publicEndpoint": self.public_endpoint,
                "nodePoolIds": self.node_pool_ids,
            }
        )

    def _cluster(self, name: str, args: ClusterArgs) -> oci.containerengine.Cluster:
        member, owner = args.member, args.owner
        return oci.containerengine.Cluster(
            naming.logical(name, "cluster"),
            compartment_id=member.compartment_id,
            vcn_id=args.vcn_id,
            name=owner.title(member.key),
            type=_TYPES[member.settings.type],
            kubernetes_version=args.kubernetes.version,
            kms_key_id=member.settings.kms_key_id,
            image_policy_config=_image_policy(member),
            cluster_pod_network_options=[
                oci.containerengine.ClusterClusterPodNetworkOptionArgs(
                    cni_type=_CNI_TYPES[member.settings.cni]
                )
            ],
            endpoint_config=oci.containerengine.ClusterEndpointConfigArgs(
                subnet_id=args.subnet_ids[SubnetRole.API],
                is_public_ip_enabled=member.has_public_endpoint,
                nsg_ids=[args.nsg_ids[SubnetRole.API]],
            ),
            options=_options(args),
            freeform_tags=owner.tags(TagRole.CLUSTER, member.key),
            defined_tags=owner.defined_tags,
            # Protected as long as the setting `protection` says so: a replaced cluster is a new
            # one, and everything that ran on it is gone.
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )

    def _node_pools(
        self, args: ClusterArgs, cluster: oci.containerengine.Cluster
    ) -> dict[str, NodePool]:
        # Under this component, not under the cluster, whose protection they would inherit.
        return {
            pool: NodePool(
                naming.logical(args.member.key, pool),
                NodePoolArgs(
                    member=args.member,
                    pool=pool,
                    owner=args.owner,
                    cluster_id=cluster.id,
                    kubernetes_version=_pool_version(args, pool),
                    subnet_ids=args.subnet_ids,
                    nsg_ids=args.nsg_ids,
                    ssh_public_key=args.ssh_public_key,
                ),
                pulumi.ResourceOptions(parent=self),
            )
            for pool in sorted(args.member.settings.node_pools)
        }

    def _autoscaler(self, name: str, member: Member, cluster: oci.containerengine.Cluster) -> None:
        bounds = scaled_pools(member)
        if not bounds:
            return
        ids = pulumi.Output.all(**{pool: self.node_pool_ids[pool] for pool in bounds})
        oci.containerengine.Addon(
            naming.logical(name, "autoscaler"),
            cluster_id=cluster.id,
            addon_name="ClusterAutoscaler",
            remove_addon_resources_on_delete=True,
            configurations=ids.apply(lambda known: autoscaler_configurations(bounds, known)),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _addons(
        self, args: ClusterArgs, cluster_id: pulumi.Input[str], pools: list[NodePool]
    ) -> None:
        if args.member.settings.addons:
            addons = AddonsArgs(member=args.member, cluster_id=cluster_id, requires=pools)
            Addons(f"{args.member.key}-addons", addons, pulumi.ResourceOptions(parent=self))

    def _public_endpoint(
        self, member: Member, cluster: oci.containerengine.Cluster
    ) -> pulumi.Output[str | None]:
        if not member.has_public_endpoint:
            return pulumi.Output.from_input(None)
        return cluster.endpoints.apply(lambda endpoints: f"https://{endpoints[0].public_endpoint}")

    def _kubeconfig(
        self, args: ClusterArgs, cluster: oci.containerengine.Cluster
    ) -> pulumi.Output[str]:
        name = args.member.settings.name
        is_public = args.member.has_public_endpoint
        found = oci.containerengine.get_cluster_kube_config_output(
            cluster_id=cluster.id,
            endpoint="PUBLIC_ENDPOINT" if is_public else "PRIVATE_ENDPOINT",
            token_version=_KUBECONFIG_FORM,
            opts=pulumi.InvokeOptions(parent=self),
        )
        proxy_url = None if is_public else args.proxy_url
        text = pulumi.Output.all(found.content, proxy_url).apply(
            lambda known: named_kubeconfig(known[0], name, sign_in=args.sign_in, proxy_url=known[1])
        )
        return pulumi.Output.secret(text)

    def _kubernetes_provider(
        self, name: str, cluster: oci.containerengine.Cluster, pools: list[NodePool]
    ) -> k8s.Provider:
        # `skip_update_unreachable` and `delete_unreachable` stay unset. Set here, a tunnel that
        # is down would count as success, and leave load balancers behind; the SDK takes either
        # from the environment of the one run in which a region is lost for good.
        return k8s.Provider(
            naming.logical(name, "kubernetes"),
            kubeconfig=self.kubeconfig,
            # A changed kubeconfig is then the same cluster, and its objects stay.
            cluster_identifier=cluster.id,
            enable_server_side_apply=True,
            # Without these, new content deletes a Secret or ConfigMap before it makes another.
            enable_secret_mutable=True,
            enable_config_map_mutable=True,
            # Race: charts wait for pods, which wait for nodes that no output of theirs names. On
            # the way down, hooks and load balancers go while there are nodes to run them.
            opts=pulumi.ResourceOptions(parent=self, depends_on=pools),
        )


def _pool_version(args: ClusterArgs, pool: str) -> pulumi.Output[str]:
    own = args.member.settings.node_pools[pool].kubernetes_version
    if own is None:
        return args.kubernetes.version
    path = f"clusters.{args.member.key}.nodePools.{pool}.kubernetesVersion"
    region = args.member.settings.region
    return args.kubernetes.known.apply(
        lambda known: offers.require_version(path, own, known, region=region)
    )


def _image_policy(member: Member) -> oci.containerengine.ClusterImagePolicyConfigArgs | None:
    keys = member.settings.image_key_ids
    if not keys:
        return None
    return oci.containerengine.ClusterImagePolicyConfigArgs(
        is_policy_enabled=True,
        key_details=[
            oci.containerengine.ClusterImagePolicyConfigKeyDetailArgs(kms_key_id=key)
            for key in keys
        ],
    )


def _options(args: ClusterArgs) -> oci.containerengine.ClusterOptionsArgs:
    settings = args.member.settings
    tags = args.owner.tags(TagRole.GATEWAY, args.member.key)
    volume_tags = args.owner.tags(TagRole.NODES, args.member.key)
    return oci.containerengine.ClusterOptionsArgs(
        # Where a Service without an annotation gets its load balancer. A change replaces the
        # cluster, so it names the one subnet that every layout has.
        service_lb_subnet_ids=[args.subnet_ids[SubnetRole.PUBLIC_LB]],
        kubernetes_network_config=oci.containerengine.ClusterOptionsKubernetesNetworkConfigArgs(
            # OKE ignores the range with VCN-native pods, where a later change would replace.
            pods_cidr=str(settings.pods_cidr) if settings.cni is Cni.FLANNEL else None,
            services_cidr=str(settings.services_cidr),
        ),
        add_ons=oci.containerengine.ClusterOptionsAddOnsArgs(
            is_kubernetes_dashboard_enabled=False, is_tiller_enabled=False
        ),
        service_lb_config=oci.containerengine.ClusterOptionsServiceLbConfigArgs(
            freeform_tags=tags, defined_tags=args.owner.defined_tags
        ),
        persistent_volume_config=oci.containerengine.ClusterOptionsPersistentVolumeConfigArgs(
            freeform_tags=volume_tags, defined_tags=args.owner.defined_tags
        ),
    )
