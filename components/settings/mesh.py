"""The mesh as a whole: its identity, the Istio release and the gateways."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from components import versions
from components.settings.types import DnsLabel, Mbps, Model, Positive

Version = Annotated[str, Field(strict=True, pattern=r"^\d+\.\d+\.\d+(-[0-9a-z.]+)?$")]


class Exposure(StrEnum):
    """Where a load balancer's address comes from."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Mtls(StrEnum):
    """Mode of the mesh-wide PeerAuthentication."""

    STRICT = "STRICT"
    PERMISSIVE = "PERMISSIVE"


class IstioSettings(Model):
    """The Istio release that every cluster runs."""

    version: Version = versions.ISTIO
    revision: DnsLabel | None = None
    charts: str = Field(default=versions.ISTIO_CHARTS, min_length=1)
    """An HTTPS chart repository, an `oci://` registry or a folder."""
    log_level: str = Field(
        default="default:info", pattern=r"^[a-z0-9-]+:[a-z]+(,[a-z0-9-]+:[a-z]+)*$"
    )
    values: dict[str, JsonValue] = Field(default_factory=dict)
    """Merged deep into the values of the istiod chart, over what the program sets."""
    cni: bool = Field(default=False, strict=True)
    egress: bool = Field(default=False, strict=True)
    replicas: Positive = 1
    cpu_request: str = "500m"
    memory_request: str = "2Gi"


class GatewaySettings(Model):
    """One kind of gateway: its load balancer and its pods."""

    exposure: Exposure
    min_mbps: Mbps = 10
    max_mbps: Mbps = 100
    replicas: Positive = 2
    cpu_request: str = "100m"
    memory_request: str = "128Mi"


class IngressSettings(GatewaySettings):
    """The gateway for users of the mesh."""

    exposure: Exposure = Exposure.PUBLIC


class EastWestSettings(GatewaySettings):
    """The gateway between the networks of the mesh."""

    exposure: Exposure = Exposure.INTERNAL


class MeshSettings(Model):
    """The document `oke-mesh:mesh`."""

    id: DnsLabel = "oke-mesh"
    trust_domain: str = Field(default="oke.local", pattern=r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$")
    enabled: bool = Field(default=True, strict=True)
    istio: IstioSettings = IstioSettings()
    mtls: Mtls = Mtls.STRICT
    ingress: IngressSettings = IngressSettings()
    east_west: EastWestSettings = EastWestSettings()
    samples: bool = Field(default=True, strict=True)
    """Whether helloworld and a curl client run in every cluster."""
