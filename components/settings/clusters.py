"""One cluster of the map: its place, ranges, role in the mesh and node pools."""

from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from components.settings.node_pools import NodePoolSettings
from components.settings.openings import (
    EgressSettings,
    ExtraRoute,
    PortRange,
    RuleDirection,
    RuleProtocol,
)
from components.settings.types import (
    AnyCidr,
    Cidr,
    CompartmentOcid,
    DnsLabel,
    DrgOcid,
    DrgRouteTableOcid,
    Key,
    KeyOcid,
    Kind,
    KubernetesVersion,
    Model,
    PrivateCidr,
    Region,
    SubnetOcid,
    Switch,
    VcnOcid,
    matching,
)

AddonName = Annotated[
    str,
    matching(r"[A-Z][A-Za-z0-9]*", "the name of an add-on", "KubernetesMetricsServer"),
    Kind("name"),
]


class Role(StrEnum):
    """A primary runs istiod; a remote takes its configuration from a primary's."""

    PRIMARY = "primary"
    REMOTE = "remote"


class Cni(StrEnum):
    """How pods get their addresses."""

    VCN_NATIVE = "vcnNative"
    FLANNEL = "flannel"


class ClusterType(StrEnum):
    """The OKE service tier."""

    BASIC = "basic"
    ENHANCED = "enhanced"


class Endpoint(StrEnum):
    """Whether the Kubernetes API has a public address besides its private one."""

    PRIVATE = "private"
    PUBLIC = "public"


class SubnetRole(StrEnum):
    """What a subnet is for."""

    API = "api"
    WORKERS = "workers"
    PODS = "pods"
    INTERNAL_LB = "internalLb"
    PUBLIC_LB = "publicLb"
    OPERATOR = "operator"


class ExtraRule(Model):
    """A security rule of one's own; an update takes it neither back nor over."""

    subnet: SubnetRole = Field(examples=["internalLb"])
    """Whose VNICs it is for."""
    direction: RuleDirection = Field(examples=["ingress"])
    """Whether others may call in, or what is there may call out."""
    cidr: AnyCidr = Field(examples=["192.168.0.0/16"])
    """The range on the other side."""
    protocol: RuleProtocol = RuleProtocol.TCP
    """Of the connections."""
    ports: PortRange = Field(examples=[443])
    """Of the side that is called."""


class SubnetRanges(Model):
    """Ranges of the subnets, where they are to differ from the computed layout."""

    api: PrivateCidr | None = None
    """Of the Kubernetes API endpoint."""
    workers: PrivateCidr | None = None
    """Of the worker nodes."""
    pods: PrivateCidr | None = None
    """Of VCN-native pods."""
    internal_lb: PrivateCidr | None = None
    """Of the internal load balancers."""
    public_lb: PrivateCidr | None = None
    """Of the public load balancers."""
    operator: PrivateCidr | None = None
    """Of the operator host."""

    def given(self) -> dict[SubnetRole, IPv4Network]:
        """Return the ranges that are set, by role."""
        return {
            SubnetRole(key): value for key, value in self.model_dump(by_alias=True).items() if value
        }


class ExistingSubnets(Model):
    """Subnets of one's own, by OCID; their ranges are given under `subnets` as well."""

    api: SubnetOcid | None = None
    """For the Kubernetes API endpoint."""
    workers: SubnetOcid | None = None
    """For the worker nodes."""
    pods: SubnetOcid | None = None
    """For VCN-native pods."""
    internal_lb: SubnetOcid | None = None
    """For the internal load balancers."""
    public_lb: SubnetOcid | None = None
    """For the public load balancers."""
    operator: SubnetOcid | None = None
    """For the operator host."""

    def given(self) -> dict[SubnetRole, str]:
        """Return the OCIDs that are set, by role."""
        return {
            SubnetRole(key): value for key, value in self.model_dump(by_alias=True).items() if value
        }


class ExistingVcn(Model):
    """A network of one's own; an existing VCN brings every subnet that the cluster needs."""

    vcn_id: VcnOcid | None = None
    """The VCN; without it the program makes one."""
    drg_id: DrgOcid | None = None
    """The region's DRG. With `vcnId` too, that VCN must be attached to it already."""
    drg_route_table_id: DrgRouteTableOcid | None = None
    """The route table of that DRG that the VCN's attachment gets, as a hub and its spokes need."""
    subnets: ExistingSubnets = ExistingSubnets()
    egress_cidrs: tuple[Cidr, ...] = ()
    """Public addresses that calls out of an existing VCN bear, which public east-west gateways of
    other clusters let in."""


class AddonSettings(Model):
    """An add-on of OKE, in one cluster."""

    version: str | None = Field(default=None, min_length=1)
    """Of those that OKE lists for the cluster's Kubernetes; the one that OKE keeps new if not
    given."""
    configuration: dict[str, str] = Field(default_factory=dict)
    """Its configuration, in the names and values of its vendor."""


class ClusterSettings(Model):
    """One entry of `oke-mesh:clusters`; the key of the entry is the cluster's identity."""

    enabled: Switch = True
    """Whether the cluster exists; false takes out all that is its own."""
    region: Region = Field(examples=["us-sanjose-1"])
    """Where it runs; a short name such as `sanjose` or `sjc` works too."""
    compartment_id: CompartmentOcid | None = None
    """Its compartment; that of `oci` if not given."""
    name: DnsLabel
    """Istio's cluster name and the kubeconfig context; `<key>-cluster` if not given."""
    network: DnsLabel
    """Istio's network name; `<key>-network` if not given. Clusters that share one are flat."""
    role: Role = Role.PRIMARY
    """Whether istiod runs here."""
    primary: str | None = None
    """The key of the cluster whose istiod a remote uses."""
    vcn_cidr: PrivateCidr = Field(examples=["10.0.0.0/16"])
    """Range of the VCN, from /16 to /22."""
    pods_cidr: PrivateCidr | None = None
    """Flannel's range; with VCN-native pods the addresses come from the pods subnet."""
    services_cidr: PrivateCidr = Field(examples=["10.96.0.0/16"])
    """Range of the Kubernetes services."""
    cni: Cni = Cni.VCN_NATIVE
    """How pods get their addresses."""
    type: ClusterType = ClusterType.ENHANCED
    """The OKE service tier."""
    endpoint: Endpoint = Endpoint.PRIVATE
    """Whether the Kubernetes API has a public address; it cannot be changed later."""
    allowed_cidrs: tuple[Cidr, ...] = ()
    """Who may reach a public endpoint."""
    kubernetes_version: KubernetesVersion | None = None
    """Of the control plane. Not set, the newest patch that suits Istio when the cluster is made,
    and from then on what it runs."""
    node_pools: dict[Key, NodePoolSettings] = Field(
        default_factory=lambda: {"np1": NodePoolSettings()}, min_length=1
    )
    """The node pools by name; one with every default if not given."""
    egress: EgressSettings = EgressSettings()
    """What pods and workers may call on the internet and elsewhere, by TCP."""
    extra_rules: dict[Key, ExtraRule] = Field(default_factory=dict)
    """Security rules of one's own, each under a name that it keeps."""
    extra_routes: dict[Key, ExtraRoute] = Field(default_factory=dict)
    """Routes of one's own, each under a name."""
    flow_log_days: Literal[30, 60, 90, 120, 150, 180] | None = None
    """How long flow logs of every subnet are kept; none means that there are none. They are
    billed as logs are."""
    subnets: SubnetRanges = SubnetRanges()
    existing: ExistingVcn | None = None
    kms_key_id: KeyOcid | None = None
    """Vault key that encrypts the cluster's secrets at rest; it cannot be changed later."""
    image_key_ids: tuple[KeyOcid, ...] = ()
    """Vault keys with one of which every image has to be signed; none takes all images."""
    addons: dict[AddonName, AddonSettings] = Field(default_factory=dict)
    """Add-ons of OKE by their names, such as `KubernetesMetricsServer`."""
    sample_version: DnsLabel
    """Which helloworld runs here; the key if not given, so that each cluster has its own."""

    def cycles(self, pool: NodePoolSettings) -> bool:
        """Whether changed nodes of `pool` are replaced; OKE does it on enhanced clusters only."""
        return pool.cycling.enabled and self.type is ClusterType.ENHANCED

    def most_nodes(self, pool: NodePoolSettings) -> int:
        """Return the most nodes that `pool` may have at once, while cycling or scaled out."""
        scaled = pool.autoscaler.max if pool.autoscaler else pool.size
        return scaled + (pool.cycling.max_surge if self.cycles(pool) else 0)
