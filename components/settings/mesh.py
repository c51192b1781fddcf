"""The mesh as a whole: its identity, the Istio release and the gateways."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from components import versions
from components.settings.amounts import CpuAmount, MemoryAmount
from components.settings.charts import Charts
from components.settings.dns import DnsSettings
from components.settings.hosts import HostName, HostSettings, HttpsSettings
from components.settings.outside import OutsideHost
from components.settings.registry import RegistrySettings
from components.settings.types import (
    Cidr,
    DnsLabel,
    Key,
    Kind,
    Mbps,
    Model,
    Positive,
    Seconds,
    Switch,
    Version,
    matching,
)

LogLevel = Annotated[
    str,
    matching(
        r"[a-z0-9-]+:(none|error|warn|info|debug)(,[a-z0-9-]+:(none|error|warn|info|debug))*",
        "a list of Istio log levels",
        "default:info or default:info,ads:debug",
    ),
    Kind("log levels"),
]

TrustDomain = Annotated[
    str,
    matching(
        r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
        "a trust domain",
        "a domain name in lower case such as oke.local",
    ),
    Kind("domain"),
]


ServiceHost = Annotated[
    str,
    matching(
        r"(?=.{1,253}$)(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
        "a host of services",
        "*.shop.svc.cluster.local or one service's full name",
    ),
    Kind("host"),
]


class Exposure(StrEnum):
    """Where a load balancer's address comes from."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Balancer(StrEnum):
    """Oracle's two kinds of load balancers."""

    LOAD = "loadBalancer"
    NETWORK = "networkLoadBalancer"


class ClientAddresses(StrEnum):
    """How a gateway learns where a request came from."""

    HIDDEN = "hidden"
    PROXY_PROTOCOL = "proxyProtocol"
    KEPT = "kept"


class Mtls(StrEnum):
    """Mode of the mesh-wide PeerAuthentication."""

    STRICT = "STRICT"
    PERMISSIVE = "PERMISSIVE"


class Authorization(StrEnum):
    """What a workload may be asked that no AuthorizationPolicy speaks of."""

    ALLOW = "allowByDefault"
    DENY = "denyByDefault"


class PodSecurity(StrEnum):
    """What comes of a pod that asks for more than its namespace is meant for."""

    ENFORCE = "enforce"
    WARN = "warn"


class LoadBalancers(StrEnum):
    """Which load balancers a Service may ask for."""

    ANY = "any"
    INTERNAL = "internal"


class IstioSettings(Model):
    """The Istio release that every cluster runs."""

    version: Version = versions.ISTIO
    """Of the charts and the images."""
    revision: DnsLabel | None = None
    """Name of the control plane's revision; none means the only one."""
    charts: Charts = versions.ISTIO_CHARTS
    """An HTTPS chart repository, an `oci://` registry or a folder. If not given and there is a
    `mesh.registry`, the charts come from there."""
    log_level: LogLevel = "default:info"
    """Of istiod, by scope."""
    values: dict[str, JsonValue] = Field(default_factory=dict)
    """Merged deep into the values of the istiod chart, over what the program sets."""
    cni: Switch = False
    """Whether Istio's CNI plugin sets up pods, in place of a privileged init container."""
    egress: Switch = False
    """Whether every cluster has an egress gateway."""
    replicas: Positive = 2
    """Pods of istiod, and of the egress gateway; of several, a disruption budget keeps one."""
    cpu_request: CpuAmount = "500m"
    """CPU that a pod of istiod asks for."""
    memory_request: MemoryAmount = "2Gi"
    """Memory that a pod of istiod asks for."""


class GatewaySettings(Model):
    """One kind of gateway: its load balancer and its pods."""

    exposure: Exposure
    """Whether the load balancer has a public address."""
    reserved_address: Switch = False
    """Whether each cluster's gateway has a public address of its own, which stays when its load
    balancer is another one."""
    min_mbps: Mbps = 10
    """Bandwidth that is reserved, and paid for."""
    max_mbps: Mbps = 100
    """Most bandwidth."""
    replicas: Positive = 2
    """Fewest pods of the gateway, spread over zones, fault domains and nodes."""
    max_replicas: Positive = 6
    """Most pods. More than `replicas` come and go with their CPU, as far as the cluster has a
    metrics server; as many, or fewer, leave it at `replicas`."""
    cpu_request: CpuAmount = "100m"
    """CPU that a pod asks for."""
    memory_request: MemoryAmount = "128Mi"
    """Memory that a pod asks for."""
    values: dict[str, JsonValue] = Field(default_factory=dict)
    """Merged deep into the values of the gateway chart, over what the program sets."""

    @property
    def marks(self) -> tuple[str, ...]:
        """What a load balancer keeps from its making, as parts of its Service's name."""
        return ("reserved",) if self.reserved_address else ()

    @property
    def scales(self) -> bool:
        """Whether the number of pods follows the load."""
        return self.max_replicas > self.replicas


class IngressSettings(GatewaySettings):
    """The gateway for users of the mesh."""

    exposure: Exposure = Exposure.PUBLIC
    """Whether the load balancer has a public address."""
    allowed_cidrs: tuple[Cidr, ...] = ()
    """Who may call it; if not given, anyone where it is public, else its cluster's VCN."""
    balancer: Balancer = Balancer.LOAD
    """Which of Oracle's load balancers; the network one has no bandwidth to choose."""
    client_addresses: ClientAddresses = ClientAddresses.HIDDEN
    """Whether the gateway sees where a request came from: by version 2 of the PROXY protocol, or
    `kept` on the packets, which a network load balancer does. While the protocol changes, requests
    fail until pods and load balancer agree."""
    hosts: dict[Key, HostSettings] = Field(default_factory=dict)
    """Services that users call by a host name, each under a name of its own."""
    base_domain: HostName = "nip.io"
    """What ends the names that are made from a load balancer's address: a domain whose name
    servers answer with the address in the name."""
    https: HttpsSettings | None = None
    """Whether hosts answer by HTTPS; without it by HTTP alone."""
    dns: DnsSettings | None = None
    """Whether the program leads the names of hosts to the gateways; if not, your own DNS does."""

    @property
    def marks(self) -> tuple[str, ...]:
        """What a load balancer keeps from its making, as parts of its Service's name."""
        network = ("network",) if self.balancer is Balancer.NETWORK else ()
        return (*super().marks, *network)


class EastWestSettings(GatewaySettings):
    """The gateway between the networks of the mesh."""

    exposure: Exposure = Exposure.INTERNAL
    """Whether the load balancer has a public address."""
    hosts: tuple[ServiceHost, ...] = ("*.local",)
    """Services that other networks reach; `*.local` means all of them."""


Visibility = Annotated[
    str,
    matching(
        r"\*|\.|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
        "who may see a service",
        "* for everyone, . for its own namespace, or a namespace",
    ),
    Kind("namespace, `*` or `.`"),
]


class ExportSettings(Model):
    """Which services are seen by whom."""

    cluster_local: tuple[ServiceHost, ...] = ()
    """Services that answer in their own cluster only, such as `*.jobs.svc.cluster.local`."""
    visible_to: tuple[Visibility, ...] = Field(default=("*",), min_length=1)
    """Namespaces that see a service which says nothing itself (by the annotation
    `networking.istio.io/exportTo`); `*` means all, and `.` the service's own."""


class OutsideSettings(Model):
    """What workloads may call outside of the mesh."""

    hosts: tuple[OutsideHost, ...] = ()
    """The hosts, all by way of the egress gateway; whatever else proxies are asked for is refused
    then. None leaves every way open that the network does."""


class MeshSettings(Model):
    """The document `oke-mesh:mesh`."""

    id: DnsLabel = Field(examples=["oke-mesh"])
    """Istio's mesh id; another one is an outage."""
    trust_domain: TrustDomain = Field(examples=["oke.local"])
    """First part of every workload's identity, the same in every cluster; another is an outage."""
    enabled: Switch = True
    """Whether Istio is installed; false ends the graph after namespaces and certificates."""
    istio: IstioSettings = IstioSettings()
    mtls: Mtls = Mtls.STRICT
    """Mode of the mesh-wide PeerAuthentication."""
    authorization: Authorization = Authorization.ALLOW
    """Whether workloads answer the whole mesh, or nobody until an AuthorizationPolicy says so."""
    pod_security: PodSecurity = PodSecurity.ENFORCE
    """Whether pods that are beyond the Pod Security Standard of a namespace of the program are
    refused, or made with a warning: what values of one's own can ask for."""
    load_balancers: LoadBalancers = LoadBalancers.ANY
    """Whether a Service may ask for a public load balancer, as one that says nothing does; with
    `internal` only in namespaces with the label `oke-mesh/load-balancers: any`."""
    reader_token_days: Positive = 180
    """Age in days from which a preview warns of the token with which others read a cluster."""
    ingress: IngressSettings = IngressSettings()
    east_west: EastWestSettings = EastWestSettings()
    registry: RegistrySettings = RegistrySettings()
    dns_capture: Switch = True
    """Whether a pod's proxy answers its DNS, so that a service which only another cluster has has
    a name everywhere. A pod takes a change when it starts anew."""
    exports: ExportSettings = ExportSettings()
    egress: OutsideSettings = OutsideSettings()
    drain_seconds: Seconds = 30
    """How long a gateway or a cluster that goes still answers, once nobody is sent there; and how
    long a new gateway has for its backends before anybody is."""
    accept_outage: tuple[str, ...] = ()
    """Settings whose change is an outage, such as `clusters.primary.network`, and is wanted now."""
    samples: Switch = False
    """Whether helloworld and a curl client run in every cluster, which the verification asks."""
