"""The settings as a whole: every document of the stack's configuration, checked field by field."""

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, field_validator, model_validator

from components.settings.clusters import ClusterSettings
from components.settings.demos import DemoSettings
from components.settings.dns import DnsSettings
from components.settings.gitops import GitOpsSettings
from components.settings.mesh import MeshSettings
from components.settings.node_pools import Domain, Shape
from components.settings.notices import AlarmSettings, BudgetSettings
from components.settings.observability import ObservabilitySettings
from components.settings.oci import OciSettings
from components.settings.pasted import CertificatePem, FilePath, SshPublicKey
from components.settings.pins import Pin
from components.settings.traffic import TrafficSettings
from components.settings.types import (
    LABEL,
    LAST_PORT,
    Cidr,
    ClusterRole,
    DefinedTag,
    DynamicGroupOcid,
    ImageOcid,
    Key,
    KeyOcid,
    Kind,
    Model,
    Positive,
    PrivateCidr,
    Switch,
    Version,
    matching,
)

NAMESPACE: Final = "oke-mesh"
"""Of every configuration key, whatever the project is called."""

DERIVED: Final = {"name": "{key}-cluster", "network": "{key}-network", "sampleVersion": "{key}"}
"""What a cluster takes from its key where it is not given."""


# Virtual machines whose boot can be shielded, by what the API calls their platform,
# https://docs.oracle.com/iaas/Content/Compute/References/shielded-instances.htm
_PLATFORMS: Final = {
    "AMD_VM": re.compile(r"VM\.Standard\.E\d"),
    "INTEL_VM": re.compile(r"VM\.(Standard|Optimized)[23]\."),
}


class Backbone(StrEnum):
    """Who joins the regions."""

    PEERINGS = "peerings"
    NONE = "none"


class AccessMode(StrEnum):
    """How whoever deploys comes to private endpoints."""

    TUNNEL = "tunnel"
    DIRECT = "direct"


class HostVerification(StrEnum):
    """How the operator host is known."""

    CONSOLE = "console"
    FIRST_USE = "firstUse"


ProxyUrl = Annotated[
    str,
    # What kubectl and Pulumi's Kubernetes provider take. A password in it would lie in clear in
    # the kubeconfigs of everybody who reads the stack's outputs.
    matching(
        rf"(https?|socks5)://(\d+(\.\d+){{3}}|{LABEL}(\.{LABEL})*):\d{{1,5}}",
        "a proxy without a login",
        "http://proxy.example.com:3128",
        lambda text: re.sub(r"^socks5h://", "socks5://", text.rstrip("/")),
    ),
    Kind("URL"),
]


class ToolChecksums(Model):
    """What downloads of the operator host have to be, for its architecture."""

    kubectl: Pin | None = None
    """Of the program, with the version of the newest cluster; what is published beside it if not
    given."""
    istioctl: Pin | None = None
    """Of the archive for Linux, with its version; what is published beside it if not given."""


class AccessSettings(Model):
    """The document `oke-mesh:access`: the operator host and the way through it."""

    mode: AccessMode = AccessMode.TUNNEL
    """How whoever deploys comes to private endpoints: by a tunnel through the operator host, or
    directly, from within the VCN or a network that the DRG of its region leads to."""
    api_callers: tuple[PrivateCidr, ...] = ()
    """Who calls private endpoints directly; routes to all private ranges lead back to them."""
    proxy_url: ProxyUrl | None = None
    """A proxy of one's own that whoever calls directly goes through, by HTTP or SOCKS; it stands in
    the kubeconfigs of private endpoints."""
    cluster: str | None = None
    """Key of the cluster whose VCN holds the operator host; none means no such host."""
    allowed_cidrs: tuple[Cidr, ...] = ()
    """Who may reach the operator host by SSH."""
    ssh_public_key: SshPublicKey | None = None
    """Who may sign in there."""
    node_ssh_public_key: SshPublicKey | None = None
    """Who may sign in to nodes from there, with a key of its own; nobody if not given."""
    ssh_private_key_path: FilePath | None = None
    """File of the key that the tunnel signs in with; what `ssh` itself finds if not given."""
    host_verification: HostVerification = HostVerification.CONSOLE
    """By which keys the tunnel knows the host: those that it shows on its console, which are read
    once and kept in the state, or that of its first use on each machine."""
    socks_port: int | None = Field(default=None, strict=True, ge=1024, le=LAST_PORT)
    """Local port of the tunnel; one of the stack's own between 20000 and 29999 if not given."""
    istioctl: Version | None = None
    """Version installed on the operator host; the mesh's if not given."""
    checksums: ToolChecksums = ToolChecksums()
    """Checksums of tools on the operator host, in place of those that are published beside them."""
    image_id: ImageOcid | None = None
    """Image of the operator host; the pinned Oracle Linux if not given."""
    shape: Shape = "VM.Standard.E4.Flex"
    """Shape of the operator host."""
    ocpus: float = Field(default=1, strict=True, ge=1, allow_inf_nan=False)
    """Its OCPUs, for flexible shapes."""
    memory_gb: float = Field(default=8, strict=True, ge=1, allow_inf_nan=False)
    """Its memory, for flexible shapes."""
    availability_domain: Domain = 1
    """Number of its availability domain; another one is another host."""
    shielded: Switch = False
    """Whether its boot is verified and measured, with a trusted platform module; another value is
    another host."""
    boot_volume_key_id: KeyOcid | None = None
    """Vault key that encrypts its boot volume; Oracle's own if not given."""
    encrypt_in_transit: Switch = False
    """Whether what goes between the host and its boot volume is encrypted."""
    defined_tags: dict[DefinedTag, str] = Field(default_factory=dict)
    """Defined tags of the operator host alone, by `namespace.key`. The rule of its dynamic group
    matches them, so that a new host is in the group at once; without them the rule names the one
    host, and an administrator changes it for each new one."""
    dynamic_group_id: DynamicGroupOcid | None = None
    """The dynamic group, once an administrator has made it; it gets the rights in the clusters
    too, beside the host itself."""
    cluster_role: ClusterRole = "cluster-admin"
    """What the operator host may do inside every cluster: the name of a ClusterRole."""

    @property
    def is_flexible(self) -> bool:
        """Whether the host's shape takes a number of OCPUs and an amount of memory."""
        return self.shape.endswith(".Flex")

    @property
    def platform(self) -> str | None:
        """What the API calls the host's platform; None where its boot cannot be shielded."""
        found = (name for name, form in _PLATFORMS.items() if form.match(self.shape))
        return next(found, None)


class PkiSettings(Model):
    """The document `oke-mesh:pki`."""

    root_validity_days: Positive = 3650
    """How long a root made here is valid; read when it is made, not later."""
    intermediate_validity_days: Positive = 180
    """How long an intermediate made here is valid."""
    early_renewal_days: Positive = 60
    """How long before its end an intermediate is replaced by the next `pulumi up`."""
    root_cert_pem: CertificatePem | None = None
    """A root of one's own; its key is the secret `caRootKey`."""
    intermediates: dict[Key, CertificatePem] = Field(default_factory=dict)
    """Certificates of one's own by cluster key; their keys are in `caIntermediateKeys`."""


class VerificationSettings(Model):
    """The document `oke-mesh:verification`."""

    enabled: Switch = True
    """Whether `pulumi up` ends with a proof that the mesh carries traffic."""
    requests: Positive = 100
    """Requests from each cluster; at least 18 for each cluster of the mesh are sent."""


class Settings(Model):
    """Every document of the stack's configuration but the secrets."""

    oci: OciSettings
    """How to sign in to Oracle Cloud, and the compartment."""
    mesh: MeshSettings
    """The mesh's identity, the Istio release, mTLS and the gateways."""
    traffic: TrafficSettings = TrafficSettings()
    """Which pods of a service answer, how often a request is tried and when that ends."""
    clusters: dict[Key, ClusterSettings] = Field(min_length=1)
    """The clusters by key, each with its region, ranges, role and node pools."""
    backbone: Backbone = Backbone.PEERINGS
    """Whether the program joins each pair of regions by a remote peering; with `none` the DRGs
    are your own, and joined already."""
    access: AccessSettings = AccessSettings()
    """The operator host that reaches private endpoints, and the tunnel through it."""
    pki: PkiSettings = PkiSettings()
    """Validity of certificates, and a root or intermediates of one's own."""
    verification: VerificationSettings = VerificationSettings()
    """The proof at the end of every update that the mesh carries traffic."""
    demos: DemoSettings = DemoSettings()
    """Applications that show the mesh at work; none unless asked for."""
    observability: ObservabilitySettings | None = None
    """Metrics, alerts, traces, and the pages that show them; none unless described."""
    gitops: GitOpsSettings | None = None
    """What a GitOps tool works with in every cluster, and its namespaces; none unless described."""
    budget: BudgetSettings | None = None
    """What a month may cost, and whom Oracle tells of more; none unless described."""
    alarms: AlarmSettings | None = None
    """Whom Oracle tells when nodes or peerings fail; nobody unless described."""
    protection: Switch = True
    """Whether Pulumi refuses to delete the root certificate and the clusters."""
    tags: dict[str, str] = Field(default_factory=dict)
    """Freeform tags for every resource, beside the program's own."""
    defined_tags: dict[DefinedTag, str] = Field(default_factory=dict)
    """Defined tags by `namespace.key` for every resource, and for what OKE makes of itself."""

    @model_validator(mode="before")
    @classmethod
    def _name_clusters(cls, documents: object) -> object:
        """Fill in what a cluster takes from its key."""
        match documents:
            case {"clusters": dict(clusters), **rest}:
                named = {key: _named(key, cluster) for key, cluster in clusters.items()}
                return {**rest, "clusters": named}
        return documents

    @field_validator("observability", "gitops", "budget", "alarms", mode="before")
    @classmethod
    def _is_not_described(cls, document: object) -> object:
        """Take an empty document for none: Pulumi.yaml gives it where a stack has no other."""
        return None if document == {} else document

    @property
    def steered(self) -> DnsSettings | None:
        """How names of hosts lead to the gateways; None where the program does not see to it."""
        return self.mesh.ingress.dns if self.mesh.enabled else None

    @property
    def enabled_clusters(self) -> dict[str, ClusterSettings]:
        """The clusters that are to exist, in the order of their keys."""
        return {key: cluster for key, cluster in sorted(self.clusters.items()) if cluster.enabled}


def _named(key: object, cluster: object) -> object:
    """Return the entry with the names that default to its key."""
    if not isinstance(cluster, dict) or not isinstance(key, str):
        return cluster
    names = {name: form.format(key=key) for name, form in DERIVED.items()}
    return {**names, **cluster}
