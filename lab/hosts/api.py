"""The lab's own way to a cluster's API server: from inside its namespace, as administrator."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.hosts.addresses import API_PORT
from lab.hosts.namespace import connect
from lab.hosts.pki import Credential

_NOT_FOUND = 404
_FIRST_ERROR = 400
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
FIELD_MANAGER = "oke-mesh-lab"
WATCH_SECONDS = 30
"""How long a watch lasts; a connection that died unseen is noticed soon after that."""
_TIMEOUT = 10.0


class ApiError(Exception):
    """The API server's own refusal, or no answer at all (status 0)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Requests to one API server; a connection for each, so that a restart does not matter."""

    namespace: str
    authority: Path
    credential: Credential

    def get(self, path: str) -> Any:
        """The object at the path, or None if there is none."""
        try:
            return json.loads(self.request("GET", path))
        except ApiError as fault:
            if fault.status == _NOT_FOUND:
                return None
            raise

    def create(self, path: str, document: Mapping[str, Any]) -> None:
        """Makes an object in the list at the path."""
        self.request("POST", path, json.dumps(document))

    def apply(self, path: str, document: Mapping[str, Any]) -> None:
        """Creates or changes an object, server-side."""
        query = f"{path}?fieldManager={FIELD_MANAGER}&force=true"
        self.request("PATCH", query, json.dumps(document), kind=APPLY)

    def merge(self, path: str, patch: Mapping[str, Any]) -> None:
        """Changes some fields of an object."""
        self.request("PATCH", path, json.dumps(patch), kind=MERGE)

    def delete(self, path: str) -> None:
        """Deletes an object; it may be gone already."""
        try:
            self.request("DELETE", path)
        except ApiError as fault:
            if fault.status != _NOT_FOUND:
                raise

    def watch(self, path: str, version: str) -> Iterator[Any]:
        """The changes of a list since a version, as long as the connection holds."""
        query = f"watch=1&resourceVersion={version}&timeoutSeconds={WATCH_SECONDS}"
        yield from stream(lambda: self._open(WATCH_SECONDS + _TIMEOUT), f"{path}?{query}")

    def request(
        self, method: str, path: str, body: str | None = None, *, kind: str = "application/json"
    ) -> str:
        """Sends one request and returns the body of its answer."""
        with _answered(lambda: self._open(_TIMEOUT)) as connection:
            connection.request(method, path, body, {"Content-Type": kind})
            answer = connection.getresponse()
            text = answer.read().decode()
        if answer.status >= _FIRST_ERROR:
            raise ApiError(answer.status, text)
        return text

    def _open(self, timeout: float) -> http.client.HTTPConnection:
        """A connection from inside the cluster's namespace, which no client library makes."""
        context = ssl.create_default_context(cafile=str(self.authority))
        context.load_cert_chain(self.credential.certificate, self.credential.key)
        connection = http.client.HTTPSConnection("127.0.0.1", API_PORT, timeout=timeout)
        plain = connect(self.namespace, ("127.0.0.1", API_PORT), timeout)
        connection.sock = context.wrap_socket(plain, server_hostname="127.0.0.1")
        return connection


def stream(open_: Callable[[], http.client.HTTPConnection], target: str) -> Iterator[Any]:
    """The lines of a watch, one change each."""
    with _answered(open_) as connection:
        connection.request("GET", target)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise ApiError(answer.status, answer.read().decode())
        for line in answer:
            yield json.loads(line)


@contextmanager
def _answered(
    open_: Callable[[], http.client.HTTPConnection],
) -> Iterator[http.client.HTTPConnection]:
    """A connection for one exchange; whatever breaks it off is an `ApiError` without a status."""
    try:
        with closing(open_()) as connection:
            yield connection
    except (OSError, http.client.HTTPException) as fault:
        raise ApiError(0, f"no answer from the API server: {fault}") from fault
