"""Rules and routes of one's own: that they have a place, and take nothing of the program's."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final

from components.config.rules.given import Given, Rule, problem
from components.config.rules.ranges import absent_remedy
from components.errors import Problem
from components.plan.routes import ROUTES
from components.plan.subnets import subnet_roles
from components.settings.clusters import ClusterSettings
from components.settings.openings import ExtraRoute
from components.settings.types import is_private

_OWN_DESTINATIONS: Final = frozenset(
    route.destination for table in ROUTES.values() for route in table
)


def _rules_of_absent_subnets(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        roles = subnet_roles(cluster, given.has_operator(key))
        for name, extra in cluster.extra_rules.items():
            if extra.subnet not in roles:
                yield problem(
                    f"clusters.{key}.extraRules.{name}.subnet",
                    "is a subnet that this cluster does not have",
                    got=extra.subnet,
                    remedy=absent_remedy(key, extra.subnet),
                )


def _routes(given: Given) -> Iterator[tuple[str, ClusterSettings, ExtraRoute]]:
    for key, cluster in given.clusters.items():
        for name, route in cluster.extra_routes.items():
            yield f"clusters.{key}.extraRoutes.{name}", cluster, route


def _routes_of_an_existing_vcn(given: Given) -> Iterator[Problem]:
    for location, cluster, route in _routes(given):
        if cluster.existing and cluster.existing.vcn_id:
            yield problem(
                location,
                "is for a VCN of your own, whose routes the program leaves alone",
                got=route,
                remedy="add it to the route tables of that VCN, and remove it here",
            )


def _routes_that_are_there(given: Given) -> Iterator[Problem]:
    for location, cluster, route in _routes(given):
        if cluster.vcn_cidr.supernet_of(route.cidr):
            yield problem(
                f"{location}.cidr",
                "overlaps the VCN itself",
                got=route.cidr,
                remedy="choose a range outside it",
            )
        elif route.cidr in _OWN_DESTINATIONS or (route.via is None and is_private(route.cidr)):
            yield problem(
                f"{location}.cidr",
                "has a route already",
                got=route.cidr,
                remedy="remove it: private ranges lead to the DRG, all others to the internet",
            )


def _routes_once(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        taken: dict[IPv4Network, str] = {}
        for name, route in cluster.extra_routes.items():
            earlier = taken.setdefault(route.cidr, name)
            if earlier != name:
                yield problem(
                    f"clusters.{key}.extraRoutes.{name}.cidr",
                    f"is the same as that of {earlier}",
                    got=route.cidr,
                    remedy="keep one of them",
                )


RULES: Final[tuple[Rule, ...]] = (
    _rules_of_absent_subnets,
    _routes_of_an_existing_vcn,
    _routes_that_are_there,
    _routes_once,
)
