"""Traffic of a service: that it exists, and that its routes add up and can be carried."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from components.config.report import closest
from components.config.rules.given import Given, Rule, problem_at
from components.config.rules.mesh import asks_samples
from components.errors import Problem
from components.plan.traffic.names import SAMPLES, Service, covers, host_of, service_of, subset_name
from components.settings.traffic import Pods, Retries, Route, ServiceTraffic
from components.settings.types import DNS_LABEL_LIMIT
from components.settings.units import milliseconds

Place = tuple[int | str, ...]
"""Where something of the traffic document stands."""

_ALL: Final = 100


class _Named(NamedTuple):
    """Pods that a route names, and where it does."""

    place: Place
    pods: Pods


def services(given: Given) -> Iterator[tuple[Place, str, ServiceTraffic]]:
    """Yield each service with traffic of its own: where it stands, its host, and what it says."""
    for key, service in given.settings.traffic.services.items():
        yield ("traffic", "services", key), host_of(key), service


def _routes(given: Given) -> Iterator[tuple[Place, ServiceTraffic, Route]]:
    for place, _, service in services(given):
        for number, route in enumerate(service.routes):
            yield (*place, "routes", number), service, route


def _named(place: Place, service: ServiceTraffic) -> Iterator[_Named]:
    for number, route in enumerate(service.routes):
        here = (*place, "routes", number)
        for index, to in enumerate(route.to):
            yield _Named((*here, "to", index), to)
        if route.mirror:
            yield _Named((*here, "mirror"), route.mirror)


def _without_a_mesh(given: Given) -> Iterator[Problem]:
    services = given.settings.traffic.services
    if services and not given.settings.mesh.enabled:
        yield problem_at(
            ("traffic", "services"),
            "has nobody to read it without a mesh",
            got=services,
            remedy="set mesh.enabled to true, or remove it",
        )


def _once(given: Given) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    for place, host, _ in services(given):
        key = str(place[-1])
        earlier = taken.setdefault(host, key)
        if earlier != key:
            yield problem_at(
                place,
                f"is the same host as {earlier}",
                got=key,
                remedy="keep one of them, with all routes in it",
            )


def _hosts(given: Given) -> Iterator[Problem]:
    known = _samples(given)
    for place, host, _ in services(given):
        service = service_of(host)
        if service and service.namespace == SAMPLES and service not in known:
            remedy = closest(service.name, [one.name for one in known], "the samples")
            yield problem_at(
                place, "is a service that no cluster has", got=place[-1], remedy=remedy
            )


def _samples(given: Given) -> set[Service]:
    """Return the services of the samples; every other one is somebody else's, and not known."""
    if not given.settings.mesh.samples:
        return set()
    names = ("helloworld", *(f"helloworld-in-{key}" for key in given.clusters))
    return {Service(SAMPLES, name) for name in names}


def _verified(given: Given) -> Iterator[Problem]:
    """The verification counts who answers, and every cluster has to."""
    known = _samples(given)
    for place, host, _ in services(given):
        if asks_samples(given) and service_of(host) in known:
            yield problem_at(
                place,
                "is what the verification asks, and every cluster has to answer there",
                got=place[-1],
                remedy="name a service of your own, or set verification.enabled to false",
            )


def _weights(given: Given) -> Iterator[Problem]:
    for place, _, route in _routes(given):
        if len(route.to) == 1 and route.to[0].weight not in (None, _ALL):
            yield problem_at(
                (*place, "to", 0, "weight"),
                "is the share of the only destination",
                got=route.to[0].weight,
                remedy="leave it out, or add the destinations that get the rest",
            )
        if len(route.to) > 1:
            yield from _sum((*place, "to"), [to.weight for to in route.to])


def _sum(place: Place, weights: Sequence[int | None]) -> Iterator[Problem]:
    missing = [number for number, weight in enumerate(weights) if weight is None]
    for number in missing:
        yield problem_at(
            (*place, number, "weight"),
            "is missing beside other destinations",
            got=None,
            remedy="write one for each, which add up to 100",
        )
    if not missing:
        yield from adds_up(place, [weight or 0 for weight in weights])


def adds_up(place: Place, weights: Sequence[int]) -> Iterator[Problem]:
    """Yield what is wrong with weights that are all there: their sum."""
    total = sum(weights)
    if total != _ALL:
        yield problem_at(
            place,
            f"has weights that add up to {total}",
            got=" + ".join(map(str, weights)),
            remedy="make it 100",
        )


def _versions(given: Given) -> Iterator[Problem]:
    for place, host, service in services(given):
        known = _known_versions(given, host, service)
        for named in _named(place, service):
            if known and named.pods.version not in {None, *known}:
                yield problem_at(
                    (*named.place, "version"),
                    "is a version that no workload has",
                    got=named.pods.version,
                    remedy=closest(str(named.pods.version), known, "the versions"),
                )


def _known_versions(given: Given, host: str, service: ServiceTraffic) -> Sequence[str]:
    if service_of(host) in _samples(given):
        return [cluster.sample_version for cluster in given.clusters.values()]
    return service.versions


def _clusters(given: Given) -> Iterator[Problem]:
    for place, _, service in services(given):
        for named in _named(place, service):
            if named.pods.cluster not in {None, *given.clusters}:
                yield problem_at(
                    (*named.place, "cluster"),
                    "is not an enabled cluster",
                    got=named.pods.cluster,
                    remedy=closest(str(named.pods.cluster), given.clusters, "the clusters"),
                )


def _crossing(given: Given) -> Iterator[Problem]:
    """A destination in one cluster is reached from others through its east-west gateway."""
    hosts = given.settings.mesh.east_west.hosts
    for place, host, service in services(given):
        if not given.spans_networks or any(covers(one, host) for one in hosts):
            continue
        for named in _named(place, service):
            if named.pods.cluster:
                yield problem_at(
                    (*named.place, "cluster"),
                    "cannot be reached from other networks, which mesh.eastWest.hosts keeps out",
                    got=named.pods.cluster,
                    remedy=f"add {host} to mesh.eastWest.hosts, or leave the cluster out",
                )


def _local(given: Given) -> Iterator[Problem]:
    """A cluster-local service has no pods but those of the client's own cluster."""
    hosts = given.settings.mesh.exports.cluster_local
    for place, host, service in services(given):
        for named in _named(place, service):
            if named.pods.cluster and any(covers(one, host) for one in hosts):
                yield problem_at(
                    (*named.place, "cluster"),
                    "is of a service that mesh.exports.clusterLocal keeps in each cluster",
                    got=named.pods.cluster,
                    remedy="leave the cluster out, or let the service be seen by others",
                )


def _subsets(given: Given) -> Iterator[Problem]:
    for place, _, service in services(given):
        taken: dict[str, Pods] = {}
        for named in _named(place, service):
            name = subset_name(named.pods)
            pods = Pods(version=named.pods.version, cluster=named.pods.cluster)
            if name and len(name) > DNS_LABEL_LIMIT:
                yield problem_at(
                    (*named.place, "version"),
                    f"gives its pods a name of more than {DNS_LABEL_LIMIT} letters, {name}",
                    got=named.pods.version,
                    remedy="shorten it",
                )
            elif name and taken.setdefault(name, pods) != pods:
                yield problem_at(
                    named.place,
                    f"has a name that other pods of this service have, {name}",
                    got=named.pods,
                    remedy="call the version something else",
                )


def _limits(given: Given) -> Iterator[tuple[Place, Retries | None, str | None]]:
    """Yield the tries and the timeout of services, and of routes that have one of their own."""
    for place, _, service in services(given):
        yield place, service.retries, service.timeout
    for place, service, route in _routes(given):
        if route.retries or route.timeout:
            yield place, route.retries or service.retries, route.timeout or service.timeout


def _tries(given: Given) -> Iterator[Problem]:
    for place, retries, timeout in _limits(given):
        if not retries or not retries.per_try_timeout or not timeout:
            continue
        tries = 1 + retries.attempts
        if tries * milliseconds(retries.per_try_timeout) > milliseconds(timeout):
            yield problem_at(
                (*place, "timeout"),
                f"ends before {tries} tries of {retries.per_try_timeout} each could be made",
                got=timeout,
                remedy="make it longer, the tries shorter, or attempts fewer",
            )


def _never(given: Given) -> Iterator[Problem]:
    """A route below one that takes every request is never taken."""
    for place, _, service in services(given):
        takers = [number for number, route in enumerate(service.routes) if not route.match]
        if takers and takers[0] + 1 < len(service.routes):
            yield problem_at(
                (*place, "routes", takers[0]),
                "takes every request, so that no route below it is ever taken",
                got=service.routes[takers[0]],
                remedy="move it to the end, or say what it matches",
            )


RULES: Final[tuple[Rule, ...]] = (
    _without_a_mesh,
    _once,
    _hosts,
    _verified,
    _weights,
    _versions,
    _clusters,
    _crossing,
    _local,
    _subsets,
    _tries,
    _never,
)
