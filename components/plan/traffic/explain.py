"""Where a client's request goes, and in what order, by the settings alone; pure.

What is said here of regions is what istiod makes of `localityLbSetting`: with outlier detection
the own region of the client first, then the one that `failover` names, then all others; with
`distribute` the shares of the regions that it names, and no request to any other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from components.plan.plan import Member, Plan
from components.plan.traffic.names import SAMPLES, covers, host_of, service_of, subset_name
from components.plan.traffic.policy import outlier_detection_of
from components.plan.traffic.rules import destinations
from components.settings.stack import Settings
from components.settings.traffic import (
    Destination,
    Locality,
    Pods,
    RequestMatch,
    Route,
    ServiceTraffic,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Clusters that are asked alike; the next step is for when none of them answers."""

    clusters: tuple[str, ...]
    shares: Mapping[str, int]
    """Of a hundred, by region, where the settings say so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Some pods, and how many of the requests they get."""

    weight: int
    subset: str | None
    """None for all pods of the service."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """What becomes of one kind of request."""

    requests: str
    """Which, in words."""
    choices: tuple[Choice, ...]
    also: tuple[str, ...]
    """What else happens to them, in words."""


def explain(key: str, settings: Settings, plan: Plan) -> dict[str, tuple[Way, ...]]:
    """Return what becomes of requests to a service, by the key of the client's cluster.

    Args:
        key: The service as in `traffic.services`: `namespace/name` or its full host.
        settings: Those of the stack.
        plan: What follows from them.
    """
    host = host_of(key)
    own = {host_of(name): found for name, found in settings.traffic.services.items()}
    service = own.get(host)
    scene = _Scene(host=host, service=service or ServiceTraffic(), settings=settings, plan=plan)
    return {client: tuple(scene.ways(member)) for client, member in plan.members.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scene:
    host: str
    service: ServiceTraffic
    settings: Settings
    plan: Plan

    def ways(self, client: Member) -> Iterator[Way]:
        for route in self.service.routes or (Route(),):
            named = destinations(route)
            yield Way(
                requests=_requests(route),
                choices=tuple(self._choice(client, to, alone=len(named) == 1) for to in named),
                also=tuple(_also(route, self.service)),
            )

    def _choice(self, client: Member, to: Destination, *, alone: bool) -> Choice:
        return Choice(
            weight=100 if alone else to.weight or 0,
            subset=subset_name(to),
            steps=tuple(self._steps(client, self._clusters(client, to))),
        )

    def _clusters(self, client: Member, pods: Pods) -> list[str]:
        """Return where the pods are, as far as that is known."""
        if any(covers(one, self.host) for one in self.settings.mesh.exports.cluster_local):
            return [client.key]
        if pods.cluster:
            return [pods.cluster]
        service, members = service_of(self.host), self.plan.members
        is_sample = self.settings.mesh.samples and service and service.namespace == SAMPLES
        return [
            key
            for key, member in members.items()
            if not is_sample or pods.version in {None, member.settings.sample_version}
        ]

    def _steps(self, client: Member, clusters: Sequence[str]) -> Iterator[Step]:
        locality = self._locality()
        if locality is None:
            yield Step(clusters=tuple(clusters), shares={})
            return
        region = client.settings.region
        if locality.distribute:
            yield from self._spread(region, locality, clusters)
            return
        after = [one.to for one in locality.failover if one.from_ == region]
        for wanted in ([region], after, None):
            found = [key for key in clusters if self._is_in(key, wanted, [region, *after])]
            if found:
                yield Step(clusters=tuple(found), shares={})

    def _is_in(self, key: str, wanted: Sequence[str] | None, named: Sequence[str]) -> bool:
        region = self.plan.members[key].settings.region
        return region not in named if wanted is None else region in wanted

    def _spread(self, region: str, locality: Locality, clusters: Sequence[str]) -> Iterator[Step]:
        shares = {
            share.region: share.weight
            for one in locality.distribute
            if one.from_ == region
            for share in one.to
            if share.weight
        }
        members = self.plan.members
        found = [key for key in clusters if not shares or members[key].settings.region in shares]
        yield Step(clusters=tuple(found), shares=shares)

    def _locality(self) -> Locality | None:
        """Return how nearness counts; None if it does not."""
        traffic, service = self.settings.traffic, service_of(self.host)
        has_rule = self.host in {host_of(name) for name in traffic.services}
        if not has_rule and service and service.namespace == SAMPLES:
            # The samples have a rule of their own, which lets every cluster answer alike.
            return None
        locality = self.service.locality or Locality()
        has_outliers = outlier_detection_of(self.service, traffic) is not None
        return locality if locality.enabled and has_outliers else None


def _requests(route: Route) -> str:
    if not route.match:
        return "every request"
    return "requests with " + ", or ".join(" and ".join(_parts(match)) for match in route.match)


def _parts(match: RequestMatch) -> Iterable[str]:
    for name, text in match.headers.items():
        yield f"header {name} {_text(text.given)}"
    if match.cookie:
        yield f"cookie {match.cookie.name} exactly {match.cookie.value}"
    if match.path:
        yield f"path {_text(match.path.given)}"


def _text(given: Mapping[str, str]) -> str:
    words = {"exact": "exactly", "prefix": "beginning with", "regex": "like"}
    return " ".join(f"{words[kind]} {text}" for kind, text in given.items())


def _also(route: Route, service: ServiceTraffic) -> Iterator[str]:
    retries, timeout = route.retries or service.retries, route.timeout or service.timeout
    if retries:
        each = f", each for {retries.per_try_timeout}" if retries.per_try_timeout else ""
        yield f"tried up to {retries.attempts} times more{each}"
    if timeout:
        yield f"given up after {timeout}"
    if route.fault and route.fault.delay:
        yield f"{route.fault.delay.percent} held up for {route.fault.delay.duration}"
    if route.fault and route.fault.abort:
        yield f"{route.fault.abort.percent} answered with {route.fault.abort.status}"
    if route.mirror:
        yield f"{route.mirror.percent} copied to {subset_name(route.mirror) or 'all pods'}"
    if service.sticky_session:
        yield f"kept at one pod by the cookie {service.sticky_session.cookie}"
