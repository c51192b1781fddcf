"""The network and compute resources."""

from __future__ import annotations

from pydantic import AliasChoices, Field

from lab.cloud.records import Internal, Json, Named, Part, Resource

VCN_TYPE, PEERING_TYPE = "VCN", "REMOTE_PEERING_CONNECTION"
"""What a DRG attachment can lead to."""


class Vcn(Named):
    cidr_block: str | None = None
    cidr_blocks: list[str] = Field(default=[])
    dns_label: str | None = None
    vcn_domain_name: str | None = None
    default_route_table_id: str = ""
    default_security_list_id: str = ""
    default_dhcp_options_id: str = ""


class InVcn(Named):
    """A part of a VCN."""

    vcn_id: str
    is_default: Internal[bool] = False
    """Born with the VCN; it lives and goes with it."""


class Subnet(InVcn):
    cidr_block: str
    dns_label: str | None = None
    subnet_domain_name: str | None = None
    route_table_id: str = ""
    security_list_ids: list[str] = Field(default=[])
    dhcp_options_id: str = ""
    prohibit_public_ip_on_vnic: bool = False
    prohibit_internet_ingress: bool = False
    virtual_router_ip: str = ""
    virtual_router_mac: str = "00:00:17:00:00:01"


class InternetGateway(InVcn):
    is_enabled: bool = True


class NatGateway(InVcn):
    block_traffic: bool = False
    nat_ip: str = ""
    public_ip_id: str = ""


class ServiceId(Part):
    """A service that a service gateway leads to."""

    service_id: str
    service_name: str = ""


class ServiceGateway(InVcn):
    block_traffic: bool = False
    services: list[ServiceId]


class RouteRule(Part):
    destination: str | None = Field(
        default=None, validation_alias=AliasChoices("destination", "cidrBlock")
    )
    destination_type: str = "CIDR_BLOCK"
    network_entity_id: str
    route_type: str = "STATIC"


class RouteTable(InVcn):
    route_rules: list[RouteRule] = Field(default=[])


class Ports(Part):
    min: int
    max: int


class PortOptions(Part):
    destination_port_range: Ports | None = None


class IcmpOptions(Part):
    type: int
    code: int | None = None


class SecurityRule(Part):
    """A rule of a security list; those of a group have an id and a direction besides."""

    id: str | None = None
    direction: str | None = None
    protocol: str
    source: str | None = None
    source_type: str | None = None
    destination: str | None = None
    destination_type: str | None = None
    is_stateless: bool = False
    tcp_options: PortOptions | None = None
    udp_options: PortOptions | None = None
    icmp_options: IcmpOptions | None = None
    is_valid: bool | None = None
    time_created: str | None = None

    def peer(self, direction: str) -> tuple[str | None, str | None]:
        """The other end of traffic in a direction, and of which sort it is."""
        if direction == "INGRESS":
            return self.source, self.source_type
        return self.destination, self.destination_type


class SecurityList(InVcn):
    ingress_security_rules: list[SecurityRule] = Field(default=[])
    egress_security_rules: list[SecurityRule] = Field(default=[])


class NetworkSecurityGroup(InVcn):
    rules: Internal[list[SecurityRule]] = Field(default=[])


class DhcpOptions(InVcn):
    options: list[Json]
    domain_name_type: str = "CUSTOM_DOMAIN"


class DefaultDrgRouteTables(Part):
    vcn: str = ""
    ipsec_tunnel: str = ""
    virtual_circuit: str = ""
    remote_peering_connection: str = ""


class Drg(Named):
    default_drg_route_tables: DefaultDrgRouteTables = Field(default_factory=DefaultDrgRouteTables)
    default_export_drg_route_distribution_id: str = ""


class OfDrg(Named):
    """A part of a DRG."""

    drg_id: str


class DrgRouteTable(OfDrg):
    is_ecmp_enabled: bool = False
    import_drg_route_distribution_id: str


class DrgRouteDistribution(OfDrg):
    distribution_type: str


class DrgNetwork(Part):
    """What an attachment leads to."""

    type: str = VCN_TYPE
    id: str
    vcn_route_type: str | None = None


class DrgAttachment(OfDrg):
    compartment_id: str = ""
    network_details: DrgNetwork | None = None
    vcn_id: str | None = None
    drg_route_table_id: str = ""
    export_drg_route_distribution_id: str | None = None
    is_cross_tenancy: bool = False

    @property
    def network_id(self) -> str | None:
        return self.network_details.id if self.network_details else self.vcn_id

    @property
    def attachment_type(self) -> str:
        return self.network_details.type if self.network_details else VCN_TYPE


class RemotePeeringConnection(OfDrg):
    is_cross_tenancy_peering: bool = False
    peering_status: str = "NEW"
    peer_id: str | None = None
    peer_region_name: str | None = None
    peer_tenancy_id: str | None = None


class VnicDetails(Part):
    """What a client asks of the VNIC of a new instance."""

    subnet_id: str | None = None
    display_name: str | None = None
    nsg_ids: list[str] = Field(default=[])
    assign_public_ip: bool | None = None
    private_ip: str | None = None


class ShapeConfig(Part):
    ocpus: float | None = None


class Source(Part):
    """What an instance boots from."""

    source_type: str = "image"
    image_id: str | None = None
    boot_volume_size_in_gbs: int | None = Field(default=None, alias="bootVolumeSizeInGBs")


class Instance(Named):
    region: str
    availability_domain: str
    fault_domain: str = "FAULT-DOMAIN-1"
    shape: str
    shape_config: ShapeConfig | None = None
    image_id: str | None = None
    source_details: Source | None = None
    metadata: Json = Field(default={})
    extended_metadata: Json = Field(default={})
    launch_mode: str = "NATIVE"
    subnet_id: Internal[str | None] = None
    """The older place of the subnet in a request."""
    create_vnic_details: Internal[VnicDetails | None] = None


class ConsoleHistory(Named):
    """What an instance has printed until it was asked for."""

    availability_domain: str = ""
    instance_id: str
    content: Internal[str] = ""


class Node(Instance):
    """An instance of a node pool."""

    kind = "instance"
    pool_id: Internal[str]
    cluster_id: Internal[str]
    kubernetes_version: Internal[str]
    replaces: Internal[str | None] = None
    """The node that goes when this one is ready."""
    drained: Internal[bool] = True
    """False while it is about to go and pods have to leave it first."""
    labels: Internal[dict[str, str]] = Field(default={})
    pod_range: Internal[str | None] = None
    """The addresses of its pods, where they are those of a subnet."""
    pod_subnet_id: Internal[str | None] = None


class Vnic(Named):
    nsg_ids: list[str] = Field(default=[])
    private_ip: str
    public_ip: str | None = None
    subnet_id: str
    is_primary: bool = True
    skip_source_dest_check: bool = False
    mac_address: str
    owner: Internal[str]
    """OCID of the cluster, node, load balancer or instance whose interface it is."""


class VnicAttachment(Resource):
    availability_domain: str
    display_name: str
    instance_id: str
    subnet_id: str
    vnic_id: str
    nic_index: int = 0


class PrivateIp(Named):
    ip_address: str
    is_primary: bool = True
    subnet_id: str
    vnic_id: str


class PublicIp(Named):
    ip_address: str = ""
    lifetime: str
    scope: str = "REGION"
    private_ip_id: str | None = None
    assigned_entity_id: str | None = None
    assigned_entity_type: str | None = None


class BootVolume(Named):
    availability_domain: str
    image_id: str | None = None
    size_in_gbs: int = Field(alias="sizeInGBs")
    vpus_per_gb: int = Field(default=10, alias="vpusPerGB")


class BootVolumeAttachment(Resource):
    availability_domain: str
    boot_volume_id: str
    display_name: str
    instance_id: str
