"""What a request, an answer and a route are, and how a service is found for a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from werkzeug.datastructures import MultiDict
from werkzeug.routing import BaseConverter, Map, Rule

from lab.cloud.authority import REGIONS
from lab.cloud.errors import missing
from lab.cloud.records import Json
from lab.cloud.store import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request, read and authenticated, and the store that it is about."""

    store: Store
    home_region: str
    method: str
    region: str
    path: str
    query: MultiDict[str, str]
    headers: Mapping[str, str]
    body: Json
    params: Mapping[str, str] = field(default_factory=dict)
    """The path's variable parts."""

    def required(self, name: str) -> str:
        """A query parameter that the operation cannot do without."""
        value = self.query.get(name)
        if not value:
            raise missing(f"{name} is required.")
        return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One answer: JSON, or raw bytes with their own type."""

    status: HTTPStatus = HTTPStatus.OK
    body: Json | list[Json] | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """An operation: its method and path; each `<name>` is one part of the path."""

    method: str
    path: str
    handler: Handler


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A service of the vendor: where it listens, what it offers."""

    name: str
    hosts: tuple[str, ...]
    """Host names with `<region>` in them."""
    base: str
    """The API's version, as the first part of the path."""
    routes: tuple[Route, ...]
    clients: tuple[str, ...]
    """Modules of the vendor's SDK that name this service's operations."""


class _Region(BaseConverter):
    regex = "|".join(REGIONS)


def routing(services: Iterable[Service]) -> Map:
    """Leads to a route, or to its service where the lab lacks the operation."""
    rules = []
    for service in services:
        for host in service.hosts:
            rules += [
                Rule(service.base + route.path, host=host, methods=[route.method], endpoint=route)
                for route in service.routes
            ]
            rules.append(Rule(f"{service.base}/<path:path>", host=host, endpoint=service))
    return Map(rules, host_matching=True, merge_slashes=False, converters={"region": _Region})
