"""Load balancers, their parts, and their work requests."""

from __future__ import annotations

from pydantic import Field

from lab.cloud.core.records import SecurityRule
from lab.cloud.ids import now
from lab.cloud.records import Internal, Json, Named, Part, Resource

IDLE_SECONDS = 300
"""How long an idle TCP connection lives where the listener does not say."""


class ShapeDetails(Part):
    minimum_bandwidth_in_mbps: int
    maximum_bandwidth_in_mbps: int


class HealthChecker(Part):
    protocol: str
    url_path: str | None = None
    port: int | None = None
    return_code: int = 200
    retries: int = 3
    timeout_in_millis: int = 3000
    interval_in_millis: int = 10000
    response_body_regex: str = ""
    is_force_plain_text: bool = False


class Backend(Part):
    name: str = ""
    ip_address: str
    port: int
    weight: int = 1
    drain: bool = False
    backup: bool = False
    offline: bool = False

    def model_post_init(self, _: object) -> None:
        self.name = f"{self.ip_address}:{self.port}"


class BackendSet(Part):
    name: str = ""
    policy: str
    health_checker: HealthChecker
    backends: list[Backend] = Field(default=[])


class Connection(Part):
    idle_timeout: int = IDLE_SECONDS
    backend_tcp_proxy_protocol_version: int = 0


class Listener(Part):
    name: str = ""
    default_backend_set_name: str
    port: int
    protocol: str
    connection_configuration: Connection = Field(default_factory=Connection)
    hostname_names: list[str] = Field(default=[])
    rule_set_names: list[str] = Field(default=[])


class ReservedIp(Part):
    id: str


class IpAddress(Part):
    ip_address: str
    is_public: bool
    reserved_ip: ReservedIp | None = None


class Opened(Part):
    """A rule that a controller wrote into a security list."""

    list_id: str
    is_ingress: bool
    rule: SecurityRule


class LoadBalancer(Named):
    shape_name: str
    shape_details: ShapeDetails
    is_private: bool = False
    subnet_ids: list[str]
    network_security_group_ids: list[str] = Field(default=[])
    backend_sets: dict[str, BackendSet] = Field(default={})
    listeners: dict[str, Listener] = Field(default={})
    ip_addresses: list[IpAddress] = Field(default=[])
    ip_mode: str = "IPV4"
    is_delete_protection_enabled: bool = False
    hostnames: Json = Field(default={})
    certificates: Json = Field(default={})
    path_route_sets: Json = Field(default={})
    rule_sets: Json = Field(default={})
    ssl_cipher_suites: Json = Field(default={})
    routing_policies: Json = Field(default={})
    reserved_ips: Internal[list[ReservedIp]] = Field(default=[])
    """What a client asked for; the address says what it got."""
    health: Internal[dict[str, dict[str, bool]]] = Field(default={})
    """Of each listener's backends, as the machines saw them."""
    service: Internal[str | None] = None
    """The uid of the Kubernetes Service that it is for."""
    list_mode: Internal[str] = "None"
    """How much of the security lists its controller manages."""
    source_ranges: Internal[list[str]] = Field(default=["0.0.0.0/0"])
    """Who may call, as far as those lists say so."""
    opened: Internal[list[Opened]] = Field(default=[])


class LoadBalancerWorkRequest(Resource):
    time_created: Internal[str | None] = None
    load_balancer_id: str
    type: str
    message: str = ""
    time_accepted: str = Field(default_factory=now)
    time_finished: str | None = None
    error_details: list[Json] = Field(default=[])
