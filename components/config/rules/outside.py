"""Hosts outside of the mesh: that the egress gateway is there and gets through."""

from collections.abc import Iterator
from typing import Final

from components.config.rules.given import Given, Rule, problem
from components.errors import Problem
from components.settings.outside import Outside, Scheme

_HOSTS: Final = "mesh.egress.hosts"


def _without_gateway(given: Given) -> Iterator[Problem]:
    mesh = given.settings.mesh
    if mesh.egress.hosts and not mesh.istio.egress:
        yield problem(
            _HOSTS,
            "needs the egress gateway, which mesh.istio.egress leaves out",
            got=mesh.egress.hosts,
            remedy="set mesh.istio.egress to true",
        )


def _once(given: Given) -> Iterator[Problem]:
    """The gateway tells hosts apart by name alone, for each of the two schemes."""
    taken: dict[tuple[Scheme, str], Outside] = {}
    for number, host in enumerate(given.settings.mesh.egress.hosts):
        earlier = taken.setdefault((host.scheme, host.name), host)
        if earlier is not host:
            is_same = earlier == host
            yield problem(
                f"{_HOSTS}[{number}]",
                "is there twice" if is_same else f"is called on another port by {earlier}",
                got=str(host),
                remedy="keep one of them",
            )


def _closed(given: Given) -> Iterator[Problem]:
    for number, host in enumerate(given.settings.mesh.egress.hosts):
        closed = [key for key, each in given.clusters.items() if not each.egress.opens(host.port)]
        if closed:
            yield problem(
                f"{_HOSTS}[{number}]",
                f"is on a port that clusters.{closed[0]}.egress.ports keeps closed",
                got=str(host),
                remedy=f"add {host.port} there",
            )


def _own_values(given: Given) -> Iterator[Problem]:
    mesh = given.settings.mesh
    config = mesh.istio.values.get("meshConfig")
    policy = config.get("outboundTrafficPolicy") if isinstance(config, dict) else None
    if mesh.egress.hosts and policy is not None:
        yield problem(
            "mesh.istio.values.meshConfig.outboundTrafficPolicy",
            "is set by the program beside mesh.egress.hosts",
            got=policy,
            remedy="remove it; what is not named there is refused",
        )


RULES: Final[tuple[Rule, ...]] = (_without_gateway, _once, _closed, _own_values)
