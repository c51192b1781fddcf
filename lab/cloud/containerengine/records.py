"""Clusters, node pools and the work requests of both; their nodes are instances."""

from __future__ import annotations

from pydantic import Field

from lab.cloud.core.records import ShapeConfig
from lab.cloud.ids import USER_ID, now
from lab.cloud.records import Internal, Json, Part, Resource, Tagged

NATIVE, FLANNEL = "OCI_VCN_IP_NATIVE", "FLANNEL_OVERLAY"


class PodNetwork(Part):
    cni_type: str


class EndpointConfig(Part):
    subnet_id: str
    nsg_ids: list[str] = Field(default=[])
    is_public_ip_enabled: bool = False


class NetworkConfig(Part):
    pods_cidr: str = "10.244.0.0/16"
    services_cidr: str = "10.96.0.0/16"


class ClusterOptions(Part):
    service_lb_subnet_ids: list[str] = Field(default=[])
    ip_families: list[str] = Field(default=["IPv4"])
    add_ons: Json = Field(default={"isKubernetesDashboardEnabled": False, "isTillerEnabled": False})
    admission_controller_options: Json = Field(default={"isPodSecurityPolicyEnabled": False})
    persistent_volume_config: Json = Field(default={"freeformTags": {}, "definedTags": {}})
    service_lb_config: Json = Field(
        default={"freeformTags": {}, "definedTags": {}, "backendNsgIds": []}
    )
    kubernetes_network_config: NetworkConfig = Field(default_factory=NetworkConfig)


class Endpoints(Part):
    kubernetes: str | None = None
    private_endpoint: str | None = None
    public_endpoint: str | None = None


class ClusterMetadata(Part):
    time_created: str = Field(default_factory=now)
    created_by_user_id: str = USER_ID
    created_by_work_request_id: str | None = None
    time_updated: str | None = None
    updated_by_user_id: str | None = None
    time_deleted: str | None = None
    deleted_by_user_id: str | None = None


class Cluster(Tagged):
    time_created: Internal[str | None] = None
    """Its metadata says it."""
    name: str
    vcn_id: str
    kubernetes_version: str
    type: str = "BASIC_CLUSTER"
    image_policy_config: Json | None = None
    cluster_pod_network_options: list[PodNetwork] = Field(
        default_factory=lambda: [PodNetwork(cni_type=FLANNEL)]
    )
    endpoint_config: EndpointConfig
    options: ClusterOptions = Field(default_factory=ClusterOptions)
    endpoints: Endpoints = Field(default_factory=Endpoints)
    metadata: ClusterMetadata = Field(default_factory=ClusterMetadata)
    available_kubernetes_upgrades: list[str] = Field(default=[])
    lifecycle_details: str | None = None
    ca_pem: Internal[str | None] = None
    """The authority of its API server, once that is there."""

    @property
    def is_native(self) -> bool:
        """Whether pods have addresses of a subnet."""
        return any(o.cni_type == NATIVE for o in self.cluster_pod_network_options)


class NodeSource(Part):
    source_type: str = "IMAGE"
    image_id: str
    source_name: str | None = None


class Label(Part):
    key: str
    value: str


class Placement(Part):
    availability_domain: str
    subnet_id: str
    fault_domains: list[str] | None = None
    capacity_reservation_id: str | None = None
    preemptible_node_config: Json | None = None


class PoolPodNetwork(PodNetwork):
    pod_subnet_ids: list[str] | None = None
    pod_nsg_ids: list[str] | None = None
    max_pods_per_node: int | None = None


class NodeConfig(Part):
    """How many nodes, and where."""

    size: int
    placement_configs: list[Placement]
    nsg_ids: list[str] = Field(default=[])
    kms_key_id: str | None = None
    is_pv_encryption_in_transit_enabled: bool | None = None
    pods: PoolPodNetwork | None = Field(default=None, alias="nodePoolPodNetworkOptionDetails")


class Cycling(Part):
    is_node_cycling_enabled: bool = False
    maximum_surge: str = "1"
    maximum_unavailable: str = "0"


class NodePool(Tagged):
    time_created: Internal[str | None] = None
    """The vendor does not say it."""
    name: str
    cluster_id: str
    kubernetes_version: str = ""
    node_shape: str
    node_shape_config: ShapeConfig | None = None
    node_source_details: NodeSource
    node_source: NodeSource | None = None
    node_image_id: str = ""
    node_image_name: str = ""
    node_metadata: Json = Field(default={})
    initial_node_labels: list[Label] = Field(default=[])
    ssh_public_key: str = ""
    node_config_details: NodeConfig
    node_eviction_node_pool_settings: Json = Field(
        default={"evictionGraceDuration": "PT60M", "isForceDeleteAfterGraceDuration": False}
    )
    node_pool_cycling_details: Cycling = Field(default_factory=Cycling)
    lifecycle_details: str | None = None
    made: Internal[int] = 0
    """How many nodes it ever had: their names count on."""


class Touched(Part):
    """What a work request is about."""

    action_type: str = "IN_PROGRESS"
    entity_type: str
    identifier: str
    entity_uri: str


class ClustersWorkRequest(Resource):
    time_created: Internal[str | None] = None
    operation_type: str
    status: str = "IN_PROGRESS"
    resources: list[Touched]
    time_accepted: str = Field(default_factory=now)
    time_started: str = Field(default_factory=now)
    time_finished: str | None = None
    logs: Internal[list[Json]] = Field(default=[])
