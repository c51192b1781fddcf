"""A node pool: its image, where its nodes lie, and how they are replaced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_oci as oci
from pulumi_oci import containerengine

from components.cloud import naming, offers
from components.cloud.chosen import tell_newer
from components.cloud.images import RunningImage, WantedImage, choose_node_image
from components.cloud.owner import Owner, TagRole
from components.cloud.regional import availability_domains
from components.cluster import cloud_init
from components.plan.plan import Member
from components.settings.clusters import ClusterType, Cni, SubnetRole
from components.settings.node_pools import NodePoolSettings

# Every node may be waited for during its whole eviction grace, one after the other.
_CYCLING_TIMEOUT: Final = "12h"
_DELETE_TIMEOUT: Final = "3h"


@dataclass(frozen=True, kw_only=True, slots=True)
class NodePoolArgs:
    """One entry of a cluster's `nodePools`."""

    member: Member
    pool: str
    """The key of the entry."""
    owner: Owner
    cluster_id: pulumi.Input[str]
    kubernetes_version: pulumi.Input[str]
    """Of the nodes; the region offers it."""
    subnet_ids: Mapping[SubnetRole, pulumi.Input[str]]
    nsg_ids: Mapping[SubnetRole, pulumi.Input[str]]
    ssh_public_key: str | None

    def __post_init__(self) -> None:
        """Refuse a pool that the cluster does not have."""
        if self.pool not in self.member.settings.node_pools:
            raise ValueError(f"cluster {self.member.key} has no node pool {self.pool!r}")

    @property
    def settings(self) -> NodePoolSettings:
        """The entry itself."""
        return self.member.settings.node_pools[self.pool]

    @property
    def path(self) -> str:
        """Where the entry stands in the settings."""
        return f"clusters.{self.member.key}.nodePools.{self.pool}"


class NodePool(pulumi.ComponentResource):
    """Worker nodes that have joined the cluster when `node_pool_id` is known."""

    node_pool_id: pulumi.Output[str]
    """The pool's OCID."""

    def __init__(
        self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:cluster:NodePool", name, None, opts)
        image_id = self._image_id(args)
        pool = self._pool(name, args, image_id)
        self.node_pool_id = pool.id
        self.register_outputs({"nodePoolId": self.node_pool_id})

    def _image_id(self, args: NodePoolArgs) -> pulumi.Input[str]:
        if args.settings.image.id:
            return args.settings.image.id
        found = oci.containerengine.get_node_pool_option_output(
            node_pool_option_id="all",
            compartment_id=args.member.compartment_id,
            # A version outlives the patch version that is listed by default.
            should_list_all_patch_versions=True,
            opts=pulumi.InvokeOptions(parent=self),
        )
        sources = found.sources.apply(
            lambda listed: {source.source_name: source.image_id for source in listed}
        )
        return pulumi.Output.all(args.kubernetes_version, sources, self._running(args)).apply(
            lambda known: self._chosen(args, known[0], known[1], running=known[2])
        )

    def _running(self, args: NodePoolArgs) -> pulumi.Output[RunningImage | None]:
        """Return what the pool's nodes boot now; None before there is one."""
        name = args.owner.title(args.member.key, args.pool)
        found = oci.containerengine.get_node_pools_output(
            compartment_id=args.member.compartment_id,
            name=name,
            opts=pulumi.InvokeOptions(parent=self),
        )
        return found.node_pools.apply(lambda pools: _running_image(name, pools))

    def _chosen(
        self,
        args: NodePoolArgs,
        kubernetes_version: str,
        sources: Mapping[str, str],
        *,
        running: RunningImage | None,
    ) -> str:
        wanted = WantedImage.of(args.settings, kubernetes_version)
        chosen = choose_node_image(args.path, wanted, sources, running=running)
        return tell_newer(self, f"{args.path}.image.build", chosen)

    def _pool(
        self, name: str, args: NodePoolArgs, image_id: pulumi.Input[str]
    ) -> oci.containerengine.NodePool:
        settings, owner = args.settings, args.owner
        tags = owner.tags(TagRole.NODES, args.member.key)
        return oci.containerengine.NodePool(
            naming.logical(name, "pool"),
            cluster_id=args.cluster_id,
            compartment_id=args.member.compartment_id,
            name=owner.title(args.member.key, args.pool),
            kubernetes_version=args.kubernetes_version,
            node_shape=settings.shape,
            node_shape_config=_shape_config(settings),
            node_source_details=oci.containerengine.NodePoolNodeSourceDetailsArgs(
                source_type="IMAGE",
                image_id=image_id,
                boot_volume_size_in_gbs=str(settings.boot_volume_gb),
            ),
            node_config_details=self._node_config(args, tags),
            node_metadata=cloud_init.node_metadata(settings),
            node_pool_cycling_details=_cycling(args),
            node_eviction_node_pool_settings=_eviction(settings),
            initial_node_labels=[
                oci.containerengine.NodePoolInitialNodeLabelArgs(key=key, value=value)
                for key, value in sorted(settings.labels.items())
            ],
            ssh_public_key=args.ssh_public_key,
            freeform_tags=tags,
            defined_tags=owner.defined_tags,
            opts=self._pool_options(settings),
        )

    def _pool_options(self, settings: NodePoolSettings) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self,
            custom_timeouts=pulumi.CustomTimeouts(update=_CYCLING_TIMEOUT, delete=_DELETE_TIMEOUT),
            # The autoscaler moves the size, and an update would move it back under load. It ends
            # with the bounds: a pool without them takes its size from the settings again.
            ignore_changes=["nodeConfigDetails.size"] if settings.autoscaler else None,
        )

    def _node_config(
        self, args: NodePoolArgs, tags: dict[str, str]
    ) -> oci.containerengine.NodePoolNodeConfigDetailsArgs:
        return oci.containerengine.NodePoolNodeConfigDetailsArgs(
            size=args.settings.size,
            placement_configs=self._placements(args),
            nsg_ids=[args.nsg_ids[SubnetRole.WORKERS]],
            kms_key_id=args.settings.boot_volume_key_id,
            # None, not false: where nobody asked, what is there stays as it is.
            is_pv_encryption_in_transit_enabled=args.settings.encrypt_in_transit or None,
            node_pool_pod_network_option_details=_pod_network(args),
            freeform_tags=tags,
            defined_tags=args.owner.defined_tags,
        )

    def _placements(
        self, args: NodePoolArgs
    ) -> pulumi.Output[list[oci.containerengine.NodePoolNodeConfigDetailsPlacementConfigArgs]]:
        names = availability_domains(args.member.compartment_id, self)
        path = f"{args.path}.availabilityDomains"
        numbers = args.settings.availability_domains
        chosen = names.apply(lambda known: offers.domains(path, known, numbers))
        return chosen.apply(lambda domains: [_placement(args, domain) for domain in domains])


def _running_image(
    name: str, pools: Sequence[oci.containerengine.outputs.GetNodePoolsNodePoolResult]
) -> RunningImage | None:
    images = [
        RunningImage(id=source.image_id, name=source.source_name)
        for pool in pools
        if pool.name == name and pool.state not in offers.GONE
        for source in pool.node_sources
    ]
    return images[0] if images else None


def _placement(
    args: NodePoolArgs, domain: str
) -> oci.containerengine.NodePoolNodeConfigDetailsPlacementConfigArgs:
    return oci.containerengine.NodePoolNodeConfigDetailsPlacementConfigArgs(
        availability_domain=domain,
        subnet_id=args.subnet_ids[SubnetRole.WORKERS],
        # None, not an empty list: OCI then spreads over all fault domains.
        fault_domains=offers.fault_domains(args.settings.fault_domains) or None,
        capacity_reservation_id=args.settings.capacity_reservation_id,
        preemptible_node_config=_preemptible(args.settings),
    )


def _preemptible(
    settings: NodePoolSettings,
) -> containerengine.NodePoolNodeConfigDetailsPlacementConfigPreemptibleNodeConfigArgs | None:
    if not settings.preemptible:
        return None
    action = containerengine.NodePoolNodeConfigDetailsPlacementConfigPreemptibleNodeConfigPreemptionActionArgs(  # noqa: E501 the vendor's name
        type="TERMINATE", is_preserve_boot_volume=False
    )
    return containerengine.NodePoolNodeConfigDetailsPlacementConfigPreemptibleNodeConfigArgs(
        preemption_action=action
    )


def _shape_config(
    settings: NodePoolSettings,
) -> oci.containerengine.NodePoolNodeShapeConfigArgs | None:
    if not settings.is_flexible:
        return None
    return oci.containerengine.NodePoolNodeShapeConfigArgs(
        ocpus=settings.ocpus, memory_in_gbs=settings.memory_gb
    )


def _pod_network(
    args: NodePoolArgs,
) -> oci.containerengine.NodePoolNodeConfigDetailsNodePoolPodNetworkOptionDetailsArgs:
    if args.member.settings.cni is Cni.FLANNEL:
        return oci.containerengine.NodePoolNodeConfigDetailsNodePoolPodNetworkOptionDetailsArgs(
            cni_type="FLANNEL_OVERLAY"
        )
    return oci.containerengine.NodePoolNodeConfigDetailsNodePoolPodNetworkOptionDetailsArgs(
        cni_type="OCI_VCN_IP_NATIVE",
        max_pods_per_node=args.settings.max_pods_per_node,
        pod_subnet_ids=[args.subnet_ids[SubnetRole.PODS]],
        pod_nsg_ids=[args.nsg_ids[SubnetRole.PODS]],
    )


def _cycling(
    args: NodePoolArgs,
) -> oci.containerengine.NodePoolNodePoolCyclingDetailsArgs | None:
    # Basic clusters refuse the block: their nodes change when they are next created.
    if args.member.settings.type is not ClusterType.ENHANCED:
        return None
    cycling = args.settings.cycling
    return oci.containerengine.NodePoolNodePoolCyclingDetailsArgs(
        is_node_cycling_enabled=cycling.enabled,
        maximum_surge=str(cycling.max_surge),
        maximum_unavailable=str(cycling.max_unavailable),
    )


def _eviction(
    settings: NodePoolSettings,
) -> oci.containerengine.NodePoolNodeEvictionNodePoolSettingsArgs:
    # A pod whose disruption budget lets none go can never be evicted. Without force, a pool would
    # keep its old nodes for ever, and a destroy would leave machines that cost money.
    return oci.containerengine.NodePoolNodeEvictionNodePoolSettingsArgs(
        eviction_grace_duration=f"PT{settings.eviction_grace_minutes}M",
        is_force_action_after_grace_duration=True,
        is_force_delete_after_grace_duration=True,
    )
