"""What follows from the settings: who serves whom, what is joined, which gateways are needed.

Pure. Rules have been checked before, so every primary that is named here exists and is enabled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import combinations

from components.plan.subnets import subnet_ranges, vcn_ranges
from components.settings.clusters import ClusterSettings, Cni, Endpoint, Role, SubnetRole
from components.settings.stack import Backbone, Settings


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class RegionPair:
    """Two regions joined by remote peering; the requestor asks, the acceptor waits."""

    acceptor: str
    requestor: str

    @property
    def key(self) -> str:
        """The name of the pair in the outputs, `<acceptor>_<requestor>`."""
        return f"{self.acceptor}_{self.requestor}"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class SecretPair:
    """The reader's istiod watches the API of the source by a remote secret."""

    source: str
    reader: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One enabled cluster as the plan sees it."""

    key: str
    settings: ClusterSettings
    compartment_id: str
    primary: str
    """Key of the cluster whose istiod serves this one; its own for a primary."""
    remotes: tuple[str, ...]
    """Keys of the remotes that this cluster serves."""
    peers: tuple[str, ...]
    """Keys of all other enabled clusters; their VCNs are reachable over the backbone."""
    same_network: tuple[str, ...]
    """Keys of the other clusters on this one's Istio network; pods talk to pods directly."""
    needs_east_west: bool
    """Whether other networks, or a remote's proxies, come in through an east-west gateway."""
    has_operator: bool
    has_gitops: bool
    """Whether the GitOps tool of the settings runs here."""
    subnets: Mapping[SubnetRole, IPv4Network]

    @property
    def is_primary(self) -> bool:
        """Whether istiod runs here."""
        return self.settings.role is Role.PRIMARY

    @property
    def calls_apis(self) -> bool:
        """Whether pods of it call the Kubernetes API of every other cluster."""
        return self.is_primary or self.has_gitops

    @property
    def serves_remotes(self) -> bool:
        """Whether istiod is exposed through the east-west gateway."""
        return bool(self.remotes)

    @property
    def pod_source(self) -> SubnetRole:
        """The subnet whose addresses a peer sees as the source of this cluster's pods.

        With flannel the node's address hides the pod's.
        """
        is_native = self.settings.cni is Cni.VCN_NATIVE
        return SubnetRole.PODS if is_native else SubnetRole.WORKERS

    @property
    def ranges(self) -> tuple[IPv4Network, ...]:
        """Where its addresses are: the VCN's range, and subnets in others of an existing VCN."""
        return vcn_ranges(self.settings)

    @property
    def has_public_endpoint(self) -> bool:
        """Whether the Kubernetes API has a public address."""
        return self.settings.endpoint is Endpoint.PUBLIC


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything that the wiring needs to know; equal settings give equal plans."""

    members: Mapping[str, Member]
    """The enabled clusters by key, in the order of their keys."""
    regions: tuple[str, ...]
    """Every region that has a cluster, sorted."""
    region_pairs: tuple[RegionPair, ...]
    """Those that the program joins; none, where the settings say that all are joined."""
    secret_pairs: tuple[SecretPair, ...]
    networks: Mapping[str, tuple[str, ...]]
    """The keys of the clusters on each Istio network."""
    drg_ids: Mapping[str, str]
    """The DRGs that the settings bring, by region."""

    @property
    def has_private_endpoints(self) -> bool:
        """Whether any cluster's API can be reached through its VCN only."""
        return any(not member.has_public_endpoint for member in self.members.values())

    @property
    def operator(self) -> Member | None:
        """The cluster in whose VCN the operator host is."""
        return next((member for member in self.members.values() if member.has_operator), None)

    def peers_of(self, key: str) -> Mapping[str, Member]:
        """Return every other member by key."""
        return {other: self.members[other] for other in self.members[key].peers}


def build_plan(settings: Settings) -> Plan:
    """Derive the plan from settings that passed every rule."""
    enabled = settings.enabled_clusters
    regions = tuple(sorted({cluster.region for cluster in enabled.values()}))
    joined = regions if settings.backbone is Backbone.PEERINGS else ()
    return Plan(
        members={key: _member(key, enabled, settings) for key in enabled},
        regions=regions,
        region_pairs=tuple(RegionPair(acceptor=a, requestor=b) for a, b in combinations(joined, 2)),
        secret_pairs=_secret_pairs(enabled),
        networks=_networks(enabled),
        drg_ids=_drg_ids(enabled),
    )


def _member(key: str, enabled: Mapping[str, ClusterSettings], settings: Settings) -> Member:
    cluster = enabled[key]
    others = tuple(other for other in enabled if other != key)
    remotes = tuple(other for other in others if enabled[other].primary == key)
    same_network = tuple(other for other in others if enabled[other].network == cluster.network)
    has_operator = settings.access.cluster == key
    return Member(
        key=key,
        settings=cluster,
        compartment_id=cluster.compartment_id or settings.oci.compartment_id,
        primary=cluster.primary or key,
        remotes=remotes,
        peers=others,
        same_network=same_network,
        needs_east_west=bool(remotes) or len(same_network) < len(others),
        has_operator=has_operator,
        has_gitops=settings.gitops is not None and settings.gitops.from_ == key,
        subnets=subnet_ranges(cluster, has_operator),
    )


def _networks(enabled: Mapping[str, ClusterSettings]) -> dict[str, tuple[str, ...]]:
    names = sorted({cluster.network for cluster in enabled.values()})
    return {name: tuple(key for key, c in enabled.items() if c.network == name) for name in names}


def _secret_pairs(enabled: Mapping[str, ClusterSettings]) -> tuple[SecretPair, ...]:
    """Every primary reads every other cluster; a remote reads none."""
    readers = [key for key, cluster in enabled.items() if cluster.role is Role.PRIMARY]
    return tuple(
        SecretPair(source=source, reader=reader)
        for reader in readers
        for source in enabled
        if source != reader
    )


def _drg_ids(enabled: Mapping[str, ClusterSettings]) -> dict[str, str]:
    return {
        cluster.region: cluster.existing.drg_id
        for cluster in enabled.values()
        if cluster.existing and cluster.existing.drg_id
    }
