"""The cloud as one object: its services over one store, and the way of a request through it."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from lab.cloud.catalog import operation_name
from lab.cloud.errors import ApiError, not_found, not_here, spent_token, unreadable
from lab.cloud.ids import request_id
from lab.cloud.principals import Principals
from lab.cloud.records import Json
from lab.cloud.router import Call, Reply, Route, Service, routing
from lab.cloud.signing import Signed, verify_request
from lab.cloud.store import Retry, Store

log = logging.getLogger("lab.cloud")

_AUTH = re.compile(r"auth\.[a-z0-9-]+\.oraclecloud\.com")
_INSTANCES = re.compile(r"containerengine\.")
"""What instances may ask: the one policy of the lab's is that they manage clusters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Raw:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: Mapping[str, str]
    """With names in lower case."""
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)


class Cloud:
    """Answers requests for every region; safe to call from many threads."""

    def __init__(
        self,
        *,
        store: Store,
        principals: Principals,
        home_region: str,
        services: Sequence[Service],
    ) -> None:
        self.store = store
        self.principals = principals
        self.home_region = home_region
        self.routes = routing(services)

    def answer(self, raw: Raw) -> Reply:
        """The reply to a request; faults of the client become the vendor's error answers."""
        id_ = raw.headers.get("opc-request-id") or request_id()
        try:
            reply = self._answer(raw)
        except ApiError as error:
            reply = Reply(status=error.status, body={"code": error.code, "message": error.message})
        except Exception:
            # one faulty handler must not end the server; the trace goes to the log
            log.exception("%s %s", raw.method, raw.target)
            reply = Reply(
                status=HTTPStatus.INTERNAL_SERVER_ERROR,
                body={"code": "InternalServerError", "message": "Internal error; see the log."},
            )
        return replace(reply, headers={**reply.headers, "opc-request-id": id_})

    def _answer(self, raw: Raw) -> Reply:
        signed = Signed(method=raw.method, target=raw.target, headers=raw.headers)
        host = raw.headers.get("host", "").removesuffix(":443")
        if _AUTH.fullmatch(host):
            return self.principals.federate(signed, raw.body)
        principal = verify_request(self.principals, signed, raw.body)
        try:
            found, params = self.routes.bind(host).match(raw.path, raw.method)
        except HTTPException as fault:
            raise not_here(f"{raw.method} https://{host}{raw.path}") from fault
        if principal.is_instance and not _INSTANCES.match(host):
            raise not_found()
        if isinstance(found, Service):
            operation = operation_name(found.clients, raw.method, f"/{params['path']}")
            raise not_here(f"{found.name}: {operation}")
        call = Call(
            store=self.store,
            home_region=self.home_region,
            method=raw.method,
            region=params["region"],
            path=raw.path,
            query=MultiDict(parse_qsl(urlsplit(raw.target).query)),
            headers=raw.headers,
            body=_json(raw.body),
            params=params,
        )
        with self.store.transaction():
            return self._once(found, call)

    def _once(self, route: Route, call: Call) -> Reply:
        """Runs a handler; a retry with the same token gets the first answer again."""
        token = call.headers.get("opc-retry-token")
        if token is None or call.method != "POST":
            return route.handler(call)
        digest = hashlib.sha256(
            json.dumps([call.method, call.path, call.body], sort_keys=True).encode()
        ).hexdigest()
        name = f"{call.region}/{token}"
        known = self.store.retries.get(name)
        if known is not None:
            if known.digest != digest:
                raise spent_token()
            return Reply(status=HTTPStatus(known.status), body=known.body, headers=known.headers)
        reply = route.handler(call)
        if not isinstance(reply.body, bytes):
            self.store.retries[name] = Retry(
                digest=digest,
                status=reply.status,
                body=reply.body,
                headers=dict(reply.headers),
            )
        return reply


def _json(body: bytes) -> Json:
    if not body:
        return {}
    try:
        document = json.loads(body)
    except ValueError as fault:
        raise unreadable(f"The body is not JSON: {fault}.") from fault
    if not isinstance(document, dict):
        raise unreadable("The body must be a JSON object.")
    return document
