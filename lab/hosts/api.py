"""The lab's own way to a cluster's API server: from inside its namespace, as administrator."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
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

    def request(
        self, method: str, path: str, body: str | None = None, *, kind: str = "application/json"
    ) -> str:
        """Sends one request and returns the body of its answer."""
        connection = http.client.HTTPSConnection("127.0.0.1", API_PORT, timeout=_TIMEOUT)
        try:
            plain = connect(self.namespace, ("127.0.0.1", API_PORT), _TIMEOUT)
            connection.sock = self._context().wrap_socket(plain, server_hostname="127.0.0.1")
            connection.request(method, path, body, {"Content-Type": kind})
            answer = connection.getresponse()
            text = answer.read().decode()
        except OSError as fault:
            raise ApiError(0, f"no answer from the API server: {fault}") from fault
        finally:
            connection.close()
        if answer.status >= _FIRST_ERROR:
            raise ApiError(answer.status, text)
        return text

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.authority))
        context.load_cert_chain(self.credential.certificate, self.credential.key)
        return context


_TIMEOUT = 10.0
