"""What the resources of every service share: get, list, update, delete, etags, pages, filters.

A `Kind` is one line of a service's table; rules that make it more than a row of data are
functions the service gives.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from types import ModuleType
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic.alias_generators import to_snake

from lab.cloud.errors import invalid, missing, not_found, stale_etag
from lab.cloud.ids import COMPARTMENT_ID, TENANCY_ID
from lab.cloud.lifecycle import Lifecycle, immediate
from lab.cloud.records import Json, Resource
from lab.cloud.router import Call, Handler, Reply, Route
from lab.cloud.shapes import checked
from lab.cloud.store import Store

PAGE = 1000
"""Items of a page where the client does not say."""

R = TypeVar("R", bound=Resource)
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class States:
    """The names of a resource's lifecycle states."""

    making: str = "PROVISIONING"
    ready: str = "AVAILABLE"
    ending: str = "TERMINATING"
    gone: str = "TERMINATED"


def no_rule(*_: object) -> None:
    """Nothing to check, nothing in the way."""


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[R]):
    """One resource type: its place in the API and its rules."""

    record: type[R]
    path: str
    models: ModuleType
    create: Callable[[Store, R], None] = no_rule
    """Checks and completes what a client asks for, before it is kept."""
    update: Callable[[Store, R, R], None] = no_rule
    """Checks a change, given what was and what is to be."""
    delete: Callable[[Store, R], None] = no_rule
    """Raises where something needs the record; undoes what creation did besides."""
    states: States = field(default_factory=States)
    making: Lifecycle = field(default_factory=immediate)
    ending: Lifecycle = field(default_factory=immediate)
    filters: tuple[str, ...] = ("displayName", "lifecycleState")
    """Query parameters that compare with the field of the same name."""
    needs: tuple[str, ...] = ("compartmentId",)
    create_model: str = ""

    @property
    def title(self) -> str:
        """The vendor's name of the model, as in `CreateVcnDetails`."""
        return self.record.__name__


def routes_of(kind: Kind[Any]) -> tuple[Route, ...]:
    """The five operations of a kind."""
    one = f"{kind.path}/<id>"
    return (
        Route("POST", kind.path, creator(kind)),
        Route("GET", kind.path, lister(kind)),
        Route("GET", one, getter(kind)),
        Route("PUT", one, updater(kind)),
        Route("DELETE", one, deleter(kind)),
    )


def read_routes(kind: Kind[Any]) -> tuple[Route, ...]:
    """List and get, for what clients only read."""
    return (
        Route("GET", kind.path, lister(kind)),
        Route("GET", f"{kind.path}/<id>", getter(kind)),
    )


def creator(kind: Kind[R]) -> Handler:
    """The operation that makes one."""

    def handle(call: Call) -> Reply:
        body = checked(kind.models, kind.create_model or f"Create{kind.title}Details", call.body)
        if "compartmentId" in body:
            check_compartment(body["compartmentId"])
        record = made(kind.record, call.region, body)
        kind.create(call.store, record)
        enter(record, kind)
        return shown(call.store.keep(record))

    return handle


def made(kind: type[R], region: str, body: Json) -> R:
    """The record that a checked body asks for; the lab's rules need some things more."""
    try:
        return kind(region=region, **body)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        if first["type"] == "missing":
            raise missing(f"{where} may not be null or absent.") from fault
        raise invalid(f"{where}: {first['msg']}.") from fault


def getter(kind: Kind[Any]) -> Handler:
    """The operation that reads one, also one that is deleted and remembered."""

    def handle(call: Call) -> Reply:
        record = call.store.get(kind.record, call.params["id"], call.region)
        look(call.store, [record])
        return shown(record)

    return handle


def lister(kind: Kind[Any]) -> Handler:
    """The operation that lists the live ones."""

    def handle(call: Call) -> Reply:
        for name in kind.needs:
            call.required(name)
        if "compartmentId" in call.query:
            check_compartment(call.query["compartmentId"])
        found = call.store.find(kind.record, call.region, lambda r: matches(kind, call, r))
        look(call.store, found)
        return page(call, [record.shown() for record in found if record.live])

    return handle


def updater(kind: Kind[Any]) -> Handler:
    """The operation that changes one in place."""

    def handle(call: Call) -> Reply:
        record = call.store.live(kind.record, call.params["id"], call.region)
        check_etag(call, record)
        change = checked(kind.models, f"Update{kind.title}Details", call.body)
        after = record.changed(change)
        kind.update(call.store, record, after)
        after.revision += 1
        return shown(call.store.keep(after))

    return handle


def deleter(kind: Kind[Any]) -> Handler:
    """The operation that removes one, unless something needs it."""

    def handle(call: Call) -> Reply:
        record = call.store.live(kind.record, call.params["id"], call.region)
        check_etag(call, record)
        if record.lifecycle_state == kind.states.ending:
            return Reply(status=HTTPStatus.NO_CONTENT)
        kind.delete(call.store, record)
        leave(record, kind)
        call.store.touch()
        return Reply(status=HTTPStatus.NO_CONTENT)

    return handle


def enter(record: Resource, kind: Kind[Any]) -> None:
    """Starts a resource's life, unless its own rules have said how it begins."""
    if not record.lifecycle_state:
        _move(record, (kind.states.making, kind.states.ready), kind.making)


def leave(record: Resource, kind: Kind[Any]) -> None:
    """Starts a resource's end."""
    _move(record, (kind.states.ending, kind.states.gone), kind.ending)


def _move(record: Resource, states: tuple[str, str], rule: Lifecycle) -> None:
    if rule == immediate():
        record.pending.clear()
        record.lifecycle_state = states[1]
        record.revision += 1
    else:
        record.become(*states, rule)


def look(store: Store, records: Iterable[Resource]) -> None:
    """Counts a read of each record."""
    ended = [record for record in records if record.look()]
    if ended:
        store.touch()


def shown(record: Resource) -> Reply:
    """One resource as an answer."""
    return Reply(body=record.shown(), headers={"etag": record.etag})


def page(call: Call, items: list[Json]) -> Reply:
    """The part of a list that the client asked for, and the token of the next part."""
    try:
        limit = int(call.query.get("limit", PAGE))
        start = int(base64.urlsafe_b64decode(call.query.get("page", "MA==").encode()))
    except (ValueError, binascii.Error) as fault:
        raise invalid("limit must be a number and page a token from opc-next-page.") from fault
    if limit < 1:
        raise invalid(f"limit must be at least 1, got {limit}.")
    headers = {}
    if start + limit < len(items):
        headers["opc-next-page"] = base64.urlsafe_b64encode(str(start + limit).encode()).decode()
    return Reply(body=items[start : start + limit], headers=headers)


def matches(kind: Kind[Any], call: Call, record: Resource) -> bool:
    """Whether the record is among those a list asks for."""
    names = {"compartmentId", *kind.needs, *kind.filters} & set(call.query)
    return all(_equal(getattr(record, to_snake(name), None), call.query[name]) for name in names)


def _equal(value: object, text: str) -> bool:
    return str(value).lower() == text.lower() if isinstance(value, bool) else value == text


def check_etag(call: Call, record: Resource) -> None:
    """Refuses a change that was decided on an older state."""
    wanted = call.headers.get("if-match", "*")
    if wanted not in ("*", record.etag):
        raise stale_etag(wanted, record.etag)


def check_compartment(id_: str) -> None:
    """The lab's tenancy has its root and one compartment."""
    if id_ not in (TENANCY_ID, COMPARTMENT_ID):
        raise not_found()


def given(value: T | None, name: str) -> T:
    """A field that the rules need though the vendor's model does not say so."""
    if value is None:
        raise missing(f"{name} may not be null or absent.")
    return value
