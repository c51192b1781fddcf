"""One cluster of the map: its place, ranges, role in the mesh and node pools."""

from enum import StrEnum

from pydantic import Field

from components import versions
from components.settings.pools import KubernetesVersion, NodePoolSettings
from components.settings.types import (
    Cidr,
    CompartmentOcid,
    DnsLabel,
    DrgOcid,
    KeyOcid,
    Model,
    PrivateCidr,
    Region,
    SubnetOcid,
    VcnOcid,
)


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


class SubnetRanges(Model):
    """Ranges of the subnets, where they are to differ from the computed layout."""

    api: PrivateCidr | None = None
    workers: PrivateCidr | None = None
    pods: PrivateCidr | None = None
    internal_lb: PrivateCidr | None = None
    public_lb: PrivateCidr | None = None
    operator: PrivateCidr | None = None


class ExistingSubnets(Model):
    """Subnets of one's own, by OCID."""

    api: SubnetOcid | None = None
    workers: SubnetOcid | None = None
    pods: SubnetOcid | None = None
    internal_lb: SubnetOcid | None = None
    public_lb: SubnetOcid | None = None
    operator: SubnetOcid | None = None


class ExistingNetwork(Model):
    """A network of one's own; an existing VCN brings every subnet that the cluster needs."""

    vcn_id: VcnOcid | None = None
    drg_id: DrgOcid | None = None
    """The region's DRG. With `vcnId` too, that VCN must be attached to it already."""
    subnets: ExistingSubnets = ExistingSubnets()


class ClusterSettings(Model):
    """One entry of `oke-mesh:clusters`; the key of the entry is the cluster's identity."""

    enabled: bool = Field(default=True, strict=True)
    region: Region
    compartment_id: CompartmentOcid | None = None
    name: DnsLabel
    """Istio's cluster name and the kubeconfig context; `<key>-cluster` if not given."""
    network: DnsLabel
    """Istio's network name; `<key>-network` if not given."""
    role: Role = Role.PRIMARY
    primary: str | None = None
    """The key of the cluster whose istiod a remote uses."""
    vcn_cidr: PrivateCidr
    pods_cidr: PrivateCidr | None = None
    """Flannel's range; with VCN-native pods the addresses come from the pods subnet."""
    services_cidr: PrivateCidr
    cni: Cni = Cni.VCN_NATIVE
    type: ClusterType = ClusterType.ENHANCED
    endpoint: Endpoint = Endpoint.PRIVATE
    allowed_cidrs: tuple[Cidr, ...] = ()
    """Who may reach a public endpoint."""
    kubernetes_version: KubernetesVersion = versions.KUBERNETES
    node_pools: dict[str, NodePoolSettings] = Field(
        default_factory=lambda: {"np1": NodePoolSettings()}
    )
    subnets: SubnetRanges = SubnetRanges()
    existing: ExistingNetwork | None = None
    kms_key_id: KeyOcid | None = None
    """Vault key that encrypts the cluster's secrets at rest; it cannot be changed later."""
    sample_version: DnsLabel
    """Which helloworld runs here; the key if not given, so that each cluster has its own."""
