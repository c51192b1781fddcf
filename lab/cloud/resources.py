"""What the resources of every service share: get, list, update, delete, etags, pages, filters.

A `Kind` is one line of a service's table; rules that make it more than a row of data are
functions the service gives.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from types import ModuleType
from typing import Any

from lab.cloud.errors import invalid, missing, not_found, stale_etag
from lab.cloud.ids import COMPARTMENT_ID, TENANCY_ID
from lab.cloud.lifecycle import Lifecycle, immediate
from lab.cloud.router import Call, Handler, Reply, Route
from lab.cloud.shapes import checked
from lab.cloud.store import Json, Record, Store

PAGE = 1000
"""Items of a page where the client does not say."""

_TAGS: Json = {"freeformTags": {}, "definedTags": {}}


@dataclass(frozen=True, kw_only=True, slots=True)
class States:
    """The names of a resource's lifecycle states."""

    making: str = "PROVISIONING"
    ready: str = "AVAILABLE"
    ending: str = "TERMINATING"
    gone: str = "TERMINATED"


def merge(_store: Store, record: Record, change: Json) -> None:
    """The plain update: what is given replaces what was."""
    record.body.update(change)


def no_rule(_store: Store, _record: Record) -> None:
    """The plain deletion: nothing stands in the way."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One resource type: its place in the API and its rules."""

    name: str
    """The type in its OCID."""
    title: str
    """The vendor's name of the model, as in `CreateVcnDetails`."""
    path: str
    models: ModuleType
    create: Callable[[Store, Call, Json], Record] | None = None
    """Makes the record from a checked body; None where clients cannot create one."""
    update: Callable[[Store, Record, Json], None] = merge
    delete: Callable[[Store, Record], None] = no_rule
    """Raises where something needs the record; undoes what creation did besides."""
    states: States = field(default_factory=States)
    making: Lifecycle = field(default_factory=immediate)
    ending: Lifecycle = field(default_factory=immediate)
    filters: tuple[str, ...] = ("displayName", "lifecycleState")
    """Query parameters that compare with the field of the same name."""
    needs: tuple[str, ...] = ("compartmentId",)
    create_model: str = ""
    update_model: str = ""


def routes_of(kind: Kind) -> tuple[Route, ...]:
    """The five operations of a kind."""
    one = f"{kind.path}/{{id}}"
    made = (Route("POST", kind.path, creator(kind)),) if kind.create else ()
    return (
        *made,
        Route("GET", kind.path, lister(kind)),
        Route("GET", one, getter(kind)),
        Route("PUT", one, updater(kind)),
        Route("DELETE", one, deleter(kind)),
    )


def read_routes(kind: Kind) -> tuple[Route, ...]:
    """List and get, for what clients only read."""
    return (
        Route("GET", kind.path, lister(kind)),
        Route("GET", f"{kind.path}/{{id}}", getter(kind)),
    )


def creator(kind: Kind) -> Handler:
    """The operation that makes one."""
    make = kind.create
    if make is None:
        raise ValueError(f"{kind.title} cannot be created by a client")

    def handle(call: Call) -> Reply:
        body = checked(kind.models, kind.create_model or f"Create{kind.title}Details", call.body)
        if "compartmentId" in body:
            check_compartment(body["compartmentId"])
        named = {"displayName": default_name(kind.name)} if _has_name(kind) else {}
        record = make(call.store, call, {**_TAGS, **named, **body})
        enter(record, kind)
        call.store.touch()
        return shown(record)

    return handle


def getter(kind: Kind) -> Handler:
    """The operation that reads one, also one that is deleted and remembered."""

    def handle(call: Call) -> Reply:
        record = call.store.get(kind.name, call.params["id"], call.region)
        look(call.store, [record])
        return shown(record)

    return handle


def lister(kind: Kind) -> Handler:
    """The operation that lists the live ones."""

    def handle(call: Call) -> Reply:
        for name in kind.needs:
            call.required(name)
        if "compartmentId" in call.query:
            check_compartment(call.query["compartmentId"])
        found = call.store.find(kind.name, call.region, lambda r: matches(kind, call, r))
        look(call.store, found)
        return page(call, [record.body for record in found if record.live])

    return handle


def updater(kind: Kind) -> Handler:
    """The operation that changes one in place."""

    def handle(call: Call) -> Reply:
        record = call.store.live(kind.name, call.params["id"], call.region)
        check_etag(call, record)
        change = checked(kind.models, kind.update_model or f"Update{kind.title}Details", call.body)
        kind.update(call.store, record, change)
        record.revision += 1
        call.store.touch()
        return shown(record)

    return handle


def deleter(kind: Kind) -> Handler:
    """The operation that removes one, unless something needs it."""

    def handle(call: Call) -> Reply:
        record = call.store.live(kind.name, call.params["id"], call.region)
        check_etag(call, record)
        if record.state == kind.states.ending:
            return Reply(status=HTTPStatus.NO_CONTENT)
        kind.delete(call.store, record)
        leave(record, kind)
        call.store.touch()
        return Reply(status=HTTPStatus.NO_CONTENT)

    return handle


def enter(record: Record, kind: Kind) -> None:
    """Starts a resource's life."""
    _move(record, (kind.states.making, kind.states.ready), kind.making)


def leave(record: Record, kind: Kind) -> None:
    """Starts a resource's end."""
    _move(record, (kind.states.ending, kind.states.gone), kind.ending)


def _move(record: Record, states: tuple[str, str], rule: Lifecycle) -> None:
    if rule == immediate():
        record.pending.clear()
        record.body["lifecycleState"] = states[1]
        record.revision += 1
    else:
        record.become(*states, rule)


def look(store: Store, records: Iterable[Record]) -> None:
    """Counts a read of each record."""
    ended = [record for record in records if record.look()]
    if ended:
        store.touch()


def shown(record: Record) -> Reply:
    """One resource as an answer."""
    return Reply(body=dict(record.body), headers={"etag": record.etag})


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


def matches(kind: Kind, call: Call, record: Record) -> bool:
    """Whether the record is among those a list asks for."""
    names = {"compartmentId", *kind.needs, *kind.filters} & set(call.query)
    shown_and_hidden = {**record.hidden, **record.body}
    return all(_equal(shown_and_hidden.get(name), call.query[name]) for name in names)


def _equal(value: object, text: str) -> bool:
    return str(value).lower() == text.lower() if isinstance(value, bool) else value == text


def check_etag(call: Call, record: Record) -> None:
    """Refuses a change that was decided on an older state."""
    wanted = call.headers.get("if-match", "*")
    if wanted not in ("*", record.etag):
        raise stale_etag(wanted, record.etag)


def check_compartment(id_: str) -> None:
    """The lab's tenancy has its root and one compartment."""
    if id_ not in (TENANCY_ID, COMPARTMENT_ID):
        raise not_found()


def require(body: Json, name: str) -> Any:
    """A field that the rules need though the vendor's model does not say so."""
    if name not in body:
        raise missing(f"{name} may not be null or absent.")
    return body[name]


def default_name(kind: str) -> str:
    """The display name of what the client did not name."""
    return f"{kind}{datetime.now(UTC):%Y%m%d%H%M%S}"


def _has_name(kind: Kind) -> bool:
    model = getattr(kind.models, kind.create_model or f"Create{kind.title}Details")
    return "display_name" in model().attribute_map
