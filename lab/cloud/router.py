"""What a request, an answer and a route are, and how a service is found for a request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus

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
    query: Mapping[str, str]
    repeated: Mapping[str, tuple[str, ...]]
    """Every value of each query parameter, for those that may come more than once."""
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


@dataclass(frozen=True)
class Route:
    """An operation: its name at the vendor, method and path template."""

    method: str
    template: str
    handler: Handler

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The template as an expression; each `{name}` is one path segment."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template))

    def match(self, method: str, path: str) -> Mapping[str, str] | None:
        """The path's variable parts, where this route is the one."""
        if method != self.method:
            return None
        found = self.pattern.fullmatch(path)
        return None if found is None else found.groupdict()


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service of the vendor: where it listens, what it offers."""

    name: str
    hosts: tuple[str, ...]
    """Host names with `{region}` in them."""
    base: str
    """The API's version, as the first part of the path."""
    routes: tuple[Route, ...]
    clients: tuple[str, ...]
    """Modules of the vendor's SDK that name this service's operations."""

    @cached_property
    def host_patterns(self) -> tuple[re.Pattern[str], ...]:
        """The hosts as expressions that give the region."""
        return tuple(
            re.compile(re.escape(host).replace(r"\{region\}", r"(?P<region>[a-z0-9-]+)"))
            for host in self.hosts
        )

    def region_of(self, host: str) -> str | None:
        """The region of a host name of this service."""
        for pattern in self.host_patterns:
            found = pattern.fullmatch(host)
            if found:
                return found["region"]
        return None

    def inner_path(self, path: str) -> str | None:
        """The path below this service's version."""
        return path[len(self.base) :] if path.startswith(self.base + "/") else None
