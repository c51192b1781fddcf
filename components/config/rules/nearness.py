"""Which pods of a service are chosen: nearness, outliers, matches and sticky sessions."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from components.config.report import closest
from components.config.rules.given import Given, Rule, problem_at
from components.config.rules.traffic import Place, adds_up, services
from components.errors import Problem
from components.plan.traffic.policy import outlier_detection_of
from components.settings.traffic import Locality, OutlierDetection, TextMatch


def _localities(given: Given) -> Iterator[tuple[Place, Locality]]:
    for place, _, service in services(given):
        if service.locality:
            yield (*place, "locality"), service.locality


def _needs_outliers(given: Given) -> Iterator[Problem]:
    """Without it a proxy never learns that the near ones fail, and goes on asking them."""
    for place, _, service in services(given):
        found = outlier_detection_of(service, given.settings.traffic)
        if service.locality and service.locality.enabled and found is None:
            yield problem_at(
                (*place, "locality"),
                "has no outlier detection, without which no request leaves a region that fails",
                got=service.locality,
                remedy="add outlierDetection: {} beside it",
            )


def _one_way(given: Given) -> Iterator[Problem]:
    for place, locality in _localities(given):
        named = [name for name in ("failover", "distribute") if getattr(locality, name)]
        if len(named) > 1:
            yield problem_at(
                (*place, "distribute"),
                "stands beside failover, of which Istio takes one",
                got=locality.distribute,
                remedy="remove one of them",
            )
        if named and not locality.enabled:
            yield problem_at(
                (*place, named[0]),
                "has no effect, since enabled is false",
                got=getattr(locality, named[0]),
                remedy="remove it, or set enabled to true",
            )


def _regions(given: Given) -> Iterator[Problem]:
    known = sorted({cluster.region for cluster in given.clusters.values()})
    for place, region in _named_regions(given):
        if region not in known:
            yield problem_at(
                place,
                "is a region without a cluster",
                got=region,
                remedy=closest(region, known, "the regions of this mesh"),
            )


def _named_regions(given: Given) -> Iterator[tuple[Place, str]]:
    for place, locality in _localities(given):
        for number, failover in enumerate(locality.failover):
            yield (*place, "failover", number, "from"), failover.from_
            yield (*place, "failover", number, "to"), failover.to
        for number, spread in enumerate(locality.distribute):
            here = (*place, "distribute", number)
            yield (*here, "from"), spread.from_
            for index, share in enumerate(spread.to):
                yield (*here, "to", index, "region"), share.region


def _failovers(given: Given) -> Iterator[Problem]:
    for place, locality in _localities(given):
        yield from _twice((*place, "failover"), [one.from_ for one in locality.failover])
        for number, failover in enumerate(locality.failover):
            if failover.from_ == failover.to:
                yield problem_at(
                    (*place, "failover", number, "to"),
                    "is the region itself",
                    got=failover.to,
                    remedy="name the region that is asked next",
                )


def _distributions(given: Given) -> Iterator[Problem]:
    for place, locality in _localities(given):
        yield from _twice((*place, "distribute"), [one.from_ for one in locality.distribute])
        for number, spread in enumerate(locality.distribute):
            here = (*place, "distribute", number, "to")
            yield from adds_up(here, [one.weight for one in spread.to])
            for index, count in _repeated([one.region for one in spread.to]):
                yield problem_at(
                    (*here, index, "region"),
                    f"is named {count} times",
                    got=spread.to[index].region,
                    remedy="keep one of them",
                )


def _twice(place: Place, regions: Sequence[str]) -> Iterator[Problem]:
    for index, count in _repeated(regions):
        yield problem_at(
            (*place, index, "from"),
            f"is named {count} times, of which Istio reads the first",
            got=regions[index],
            remedy="keep one of them",
        )


def _repeated(regions: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the place of the last of each region that is there more than once, and how often."""
    for region, count in Counter(regions).items():
        if count > 1:
            yield len(regions) - 1 - [*reversed(regions)].index(region), count


def _outliers(given: Given) -> Iterator[Problem]:
    for place, found in _detections(given):
        if not found.consecutive_gateway_errors and not found.consecutive5xx_errors:
            yield problem_at(
                place,
                "leaves out nobody after any number of errors",
                got=found,
                remedy="set consecutiveGatewayErrors or consecutive5xxErrors to more than 0",
            )


def _detections(given: Given) -> Iterator[tuple[Place, OutlierDetection]]:
    yield ("traffic", "mesh", "outlierDetection"), given.settings.traffic.mesh.outlier_detection
    for place, _, service in services(given):
        if service.outlier_detection:
            yield (*place, "outlierDetection"), service.outlier_detection


def _sticky(given: Given) -> Iterator[Problem]:
    """The dice of a split are thrown for each request, before a cookie is looked at."""
    for place, _, service in services(given):
        if service.sticky_session and any(len(route.to) > 1 for route in service.routes):
            yield problem_at(
                (*place, "stickySession"),
                "does not hold in a split, which is decided anew for each request",
                got=service.sticky_session,
                remedy="remove it, or choose the version by a header or a cookie",
            )


def _texts(given: Given) -> Iterator[tuple[Place, TextMatch]]:
    for place, _, service in services(given):
        for number, route in enumerate(service.routes):
            for index, match in enumerate(route.match):
                here = (*place, "routes", number, "match", index)
                if match.path:
                    yield (*here, "path"), match.path
                for name, text in match.headers.items():
                    yield (*here, "headers", name), text


def _matches(given: Given) -> Iterator[Problem]:
    for place, text in _texts(given):
        if len(text.given) != 1:
            yield problem_at(
                place,
                "has to be matched in one way",
                got=", ".join(text.given) or None,
                remedy="write one of exact, prefix and regex",
            )


def _empty(given: Given) -> Iterator[Problem]:
    """What would match everything, or do nothing, is not what was meant."""
    for place, _, service in services(given):
        if not service.model_fields_set - {"versions"}:
            yield problem_at(place, "asks for nothing", got=service, remedy="add a route or a rule")
        for number, route in enumerate(service.routes):
            here = (*place, "routes", number)
            if route.fault and not (route.fault.delay or route.fault.abort):
                yield problem_at(
                    (*here, "fault"), "has no fault", got=route.fault, remedy="add delay or abort"
                )
            for index, match in enumerate(route.match):
                if not (match.headers or match.cookie or match.path):
                    yield problem_at(
                        (*here, "match", index),
                        "names nothing to match",
                        got=match,
                        remedy="add headers, cookie or path, or leave match out",
                    )
                if match.cookie and "cookie" in match.headers:
                    yield problem_at(
                        (*here, "match", index, "cookie"),
                        "stands beside a header cookie",
                        got=match.cookie,
                        remedy="remove one of them",
                    )


RULES: Final[tuple[Rule, ...]] = (
    _needs_outliers,
    _one_way,
    _regions,
    _failovers,
    _distributions,
    _outliers,
    _sticky,
    _matches,
    _empty,
)
