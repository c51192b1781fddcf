"""Traffic of services: who answers a request, how often it is tried, and when that ends.

Names and meanings of fields are Istio's, of its VirtualService and DestinationRule; routes and
destinations are lists, so that they read in the order in which they are tried.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from components.settings.types import (
    LABEL,
    DnsLabel,
    Kind,
    Model,
    Positive,
    Region,
    Switch,
    matching,
)
from components.settings.units import Duration, Percent

ServiceKey = Annotated[
    str,
    matching(
        rf"{LABEL}/{LABEL}|{LABEL}(\.{LABEL})+",
        "a service",
        "<namespace>/<name> or its full host",
    ),
    Kind("namespace/name or host"),
]
"""A service of the mesh, as `namespace/name` or as its full host."""

HeaderName = Annotated[
    str, matching(r"[a-z0-9][-a-z0-9_]*", "the name of a header", "x-user, in lower case")
]
CookieName = Annotated[
    str, matching(r"[A-Za-z0-9_-]+", "the name of a cookie", "letters, digits, - and _")
]
CookieValue = Annotated[
    str, matching(r"[A-Za-z0-9_-]+", "the value of a cookie", "letters, digits, - and _")
]
Path = Annotated[str, matching(r"/\S*", "a path", "/orders")]
Weight = Annotated[int, Field(strict=True, ge=0, le=100)]
Count = Annotated[int, Field(strict=True, ge=0)]
Percentage = Annotated[int, Field(strict=True, ge=1, le=100)]
Status = Annotated[int, Field(strict=True, ge=200, le=599)]


class RetryCause(StrEnum):
    """After what a request is tried again."""

    GATEWAY_ERROR = "gateway-error"
    CONNECT_FAILURE = "connect-failure"
    REFUSED_STREAM = "refused-stream"
    RESET = "reset"
    SERVER_ERROR = "5xx"
    UNAVAILABLE = "unavailable"
    CANCELLED = "cancelled"


class TextMatch(Model):
    """What a text has to be; one of the three."""

    exact: str | None = None
    """The whole text."""
    prefix: str | None = None
    """Its beginning."""
    regex: str | None = None
    """A regular expression of RE2 for the whole text."""

    @property
    def given(self) -> dict[str, str]:
        """Return the kinds that are set, as Istio has them."""
        return {kind: text for kind, text in self.model_dump().items() if text is not None}


class CookieMatch(Model):
    """A cookie and its whole value."""

    name: CookieName = Field(examples=["group"])
    """Its name."""
    value: CookieValue = Field(examples=["beta"])
    """Its value."""


class RequestMatch(Model):
    """A kind of request; everything that is named has to hold."""

    headers: dict[HeaderName, TextMatch] = Field(default_factory=dict)
    """By the header's name in lower case."""
    cookie: CookieMatch | None = None
    """One of the cookies that come along."""
    path: TextMatch | None = None
    """Of the URL, without its query."""


class Pods(Model):
    """Some of the service's pods: of a version, of a cluster, of both, or all of them."""

    version: DnsLabel | None = None
    """Value of the pods' label `version`."""
    cluster: str | None = None
    """Key of the cluster that they run in."""


class Destination(Pods):
    """Some of the service's pods, and how many of the requests they answer."""

    weight: Weight | None = None
    """Share of the requests; all of a route add up to 100. Not needed for a single one."""


class Retries(Model):
    """What is tried again before the client hears of it."""

    attempts: Positive = 3
    """How often, after the first try."""
    per_try_timeout: Duration | None = None
    """How long each try may take."""
    on: tuple[RetryCause, ...] = Field(
        default=(
            RetryCause.GATEWAY_ERROR,
            RetryCause.CONNECT_FAILURE,
            RetryCause.REFUSED_STREAM,
            RetryCause.RESET,
        ),
        min_length=1,
    )
    """After what; `gateway-error` is an answer of 502, 503 or 504."""
    remote_localities: Switch = True
    """Whether another region may be tried, where the own one failed."""


class Delay(Model):
    """Requests that are held up before they are sent."""

    percent: Percent = Field(examples=["10%"])
    """How many."""
    duration: Duration = Field(examples=["5s"])
    """How long."""


class Abort(Model):
    """Requests that are answered with an error and not sent."""

    percent: Percent = Field(examples=["10%"])
    """How many."""
    status: Status = Field(examples=[503])
    """With which HTTP status."""


class Fault(Model):
    """Faults made on purpose, by the proxy of whoever asks."""

    delay: Delay | None = None
    """Requests that are held up."""
    abort: Abort | None = None
    """Requests that fail."""


class Mirror(Pods):
    """Pods that get a copy of requests; what they answer is thrown away."""

    percent: Percent = "100%"
    """How many requests are copied."""


class Route(Model):
    """Where requests of some kind go. The first route that matches is taken."""

    match: tuple[RequestMatch, ...] = ()
    """The kinds of requests, of which one has to fit; every request if not given."""
    to: tuple[Destination, ...] = ()
    """Who answers; all pods of the service if not given."""
    timeout: Duration | None = None
    """How long the client waits, all tries together; that of the service if not given."""
    retries: Retries | None = None
    """What is tried again; that of the service if not given."""
    fault: Fault | None = None
    """Faults made on purpose."""
    mirror: Mirror | None = None
    """Who gets a copy."""


class OutlierDetection(Model):
    """When a pod that fails is left out for a while. A region behind a gateway counts as one."""

    consecutive_gateway_errors: Count = 5
    """After how many answers of 502, 503 or 504 in a row, or failed connections; 0 for never."""
    consecutive5xx_errors: Count = Field(default=0, alias="consecutive5xxErrors")
    """After how many of any 5xx in a row; 0 for never, since a service's own errors are not cured
    by leaving its pods out."""
    interval: Duration = "10s"
    """How often pods are looked at again."""
    base_ejection_time: Duration = "30s"
    """How long a pod is left out the first time; each further time takes as much longer."""
    max_ejection_percent: Percentage = 100
    """How many of the pods may be left out."""
    min_health_percent: Weight = 1
    """When fewer are left, all are asked again: with none left there would be no answer at all."""


class Failover(Model):
    """Who answers for a region that does not."""

    from_: Region = Field(alias="from", examples=["us-ashburn-1"])
    """Where the client is."""
    to: Region = Field(examples=["us-phoenix-1"])
    """Which region is asked next; all others come after it."""


class RegionShare(Model):
    """A region's part of the requests."""

    region: Region = Field(examples=["us-ashburn-1"])
    """Where the pods are."""
    weight: Weight = Field(examples=[70])
    """Of 100."""


class Distribution(Model):
    """How the requests of a region's clients are spread over regions."""

    from_: Region = Field(alias="from", examples=["us-ashburn-1"])
    """Where the client is."""
    to: tuple[RegionShare, ...] = Field(min_length=1)
    """Which regions answer; their weights add up to 100."""


class Locality(Model):
    """Whether nearness decides who answers."""

    enabled: Switch = True
    """Whether it does; false lets every region answer alike."""
    failover: tuple[Failover, ...] = ()
    """What comes after a client's own region; any other if not given."""
    distribute: tuple[Distribution, ...] = ()
    """Shares in place of nearness."""


class ConnectionPool(Model):
    """The most that a client's proxy has under way at once; what is beyond is refused with 503."""

    max_connections: Positive | None = None
    """Connections to all pods together."""
    max_pending_requests: Positive | None = None
    """Requests that wait for a connection."""
    max_requests: Positive | None = None
    """Requests under way, over HTTP/2."""
    max_requests_per_connection: Positive | None = None
    """After how many a connection is closed; 1 spreads requests over what is behind a gateway."""


class StickySession(Model):
    """A client comes back to the same pod, by a cookie that its proxy sets."""

    cookie: CookieName = Field(examples=["session"])
    """Its name."""
    ttl: Duration | None = None
    """How long it lives; as long as the browser does if not given."""


class ServiceTraffic(Model):
    """One entry of `traffic.services`: the traffic of one service, for clients everywhere."""

    versions: tuple[DnsLabel, ...] = ()
    """Every version that there is; if given, a route that names another is refused."""
    routes: tuple[Route, ...] = ()
    """Where requests go; the first that matches is taken. None means to all pods."""
    timeout: Duration | None = None
    """Of every route that has none of its own."""
    retries: Retries | None = None
    """Of every route that has none of its own; what Istio does if not given."""
    locality: Locality | None = None
    """Whether nearness decides who answers; needs outlier detection, its own or the mesh's."""
    outlier_detection: OutlierDetection | None = None
    """When pods that fail are left out."""
    connection_pool: ConnectionPool | None = None
    """The most that is under way at once."""
    sticky_session: StickySession | None = None
    """Whether clients come back to the same pod."""


class MeshTraffic(Model):
    """What holds for every service that has no rule of its own, here or in the cluster."""

    locality_first: Switch = True
    """Whether requests stay in their region while it answers, and leave it when it does not."""
    outlier_detection: OutlierDetection = OutlierDetection()


class TrafficSettings(Model):
    """The document `oke-mesh:traffic`."""

    mesh: MeshTraffic = MeshTraffic()
    services: dict[ServiceKey, ServiceTraffic] = Field(default_factory=dict)
    """Rules for single services, by `namespace/name` or full host."""
