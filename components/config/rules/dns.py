"""Names that the program leads to the gateways: that the zone has them, and callers get there."""

from collections.abc import Iterator
from typing import Final

from components.config.report import closest
from components.config.rules.given import Given, Rule, problem
from components.errors import Problem
from components.settings import regions
from components.settings.dns import DnsSettings, Steering
from components.settings.mesh import Exposure

_DNS: Final = "mesh.ingress.dns"
_INGRESS: Final = "mesh.ingress"


def _dns(given: Given) -> Iterator[DnsSettings]:
    if given.settings.mesh.ingress.dns:
        yield given.settings.mesh.ingress.dns


def _no_names(given: Given) -> Iterator[Problem]:
    for dns in _dns(given):
        if not any(host.names for host in given.settings.mesh.ingress.hosts.values()):
            yield problem(
                _DNS,
                "has no effect, as no host has names of its own",
                got=dns,
                remedy="give a host under mesh.ingress.hosts its names, or remove it",
            )


def _outside_the_zone(given: Given) -> Iterator[Problem]:
    for dns in _dns(given):
        for name, host in given.settings.mesh.ingress.hosts.items():
            for number, called in enumerate(host.names):
                if called != dns.zone and not called.endswith(f".{dns.zone}"):
                    yield problem(
                        f"{_INGRESS}.hosts.{name}.names[{number}]",
                        f"is not in the zone of {_DNS} ({dns.zone})",
                        got=called,
                        remedy=f"give a name that ends in .{dns.zone}, or another zone",
                    )


def _closed(given: Given) -> Iterator[Problem]:
    """Whether users and health checks, which come from anywhere, reach what a name leads to."""
    ingress = given.settings.mesh.ingress
    for _ in _dns(given):
        remedy = f"open it to anyone, or remove {_DNS}"
        if ingress.exposure is not Exposure.PUBLIC:
            yield problem(
                f"{_INGRESS}.exposure",
                "gives gateways addresses that no health check and no public name leads to",
                got=ingress.exposure,
                remedy=remedy,
            )
        if ingress.allowed_cidrs:
            yield problem(
                f"{_INGRESS}.allowedCidrs",
                "keeps health checks out, which call from anywhere",
                got=ingress.allowed_cidrs,
                remedy=remedy,
            )


def _idle_parts(given: Given) -> Iterator[Problem]:
    """What another way of steering than the chosen one would read."""
    for dns in _dns(given):
        parts: tuple[tuple[str, object, Steering], ...] = (
            ("weights", dns.weights, Steering.WEIGHTED),
            ("order", dns.order, Steering.FAILOVER),
        )
        for name, got, reader in parts:
            if got and dns.steering is not reader:
                yield problem(
                    f"{_DNS}.{name}",
                    f"has no effect with the steering {dns.steering}",
                    got=got,
                    remedy=f"remove it, or choose {reader}",
                )


def _unknown_clusters(given: Given) -> Iterator[Problem]:
    for dns in _dns(given):
        named = [(f"{_DNS}.weights.{key}", key) for key in dns.weights]
        named += [(f"{_DNS}.order[{number}]", key) for number, key in enumerate(dns.order)]
        for location, key in named:
            if key not in given.settings.clusters:
                yield problem(
                    location,
                    "is not a cluster",
                    got=key,
                    remedy=closest(key, given.settings.clusters, "the clusters"),
                )


def _order_once(given: Given) -> Iterator[Problem]:
    for dns in _dns(given):
        for number, key in enumerate(dns.order):
            if key in dns.order[:number]:
                yield problem(
                    f"{_DNS}.order[{number}]", "is there twice", got=key, remedy="keep one of them"
                )


def _nowhere(given: Given) -> Iterator[Problem]:
    """Whether it is known on which continent every gateway stands."""
    for dns in _dns(given):
        if dns.steering is not Steering.NEAREST:
            continue
        for key, cluster in given.clusters.items():
            if regions.continent(cluster.region) is None:
                yield problem(
                    f"{_DNS}.steering",
                    f"needs the continent of clusters.{key}.region ({cluster.region}), which is "
                    "not known",
                    got=dns.steering,
                    remedy="choose weighted or failover",
                )


RULES: Final[tuple[Rule, ...]] = (
    _no_names,
    _outside_the_zone,
    _closed,
    _idle_parts,
    _unknown_clusters,
    _order_once,
    _nowhere,
)
