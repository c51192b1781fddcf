"""Lists, watches and changes at one cluster's API server."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Iterator
from typing import Protocol

from lab.cloud.records import Json
from lab.hosts.addresses import API_PORT
from lab.hosts.api import ApiClient, ApiError
from lab.hosts.namespace import connect

WATCH_SECONDS = 30
"""How long a watch lasts; a connection that died unseen is noticed after that."""
_SLACK = 10
_MERGE = "application/merge-patch+json"


class Kube(Protocol):
    """What a controller needs of an API server; faults are `ApiError`."""

    def get(self, path: str) -> Json:
        """An object or a list."""

    def watch(self, path: str, version: str) -> Iterator[Json]:
        """The changes since a version, as long as the connection holds."""

    def patch(self, path: str, change: Json) -> None:
        """Merges a change into an object."""

    def post(self, path: str, content: Json) -> None:
        """Makes an object."""


class ClusterKube:
    """A cluster of the lab, as its administrator."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def get(self, path: str) -> Json:
        found: Json = json.loads(self._client.request("GET", path))
        return found

    def patch(self, path: str, change: Json) -> None:
        self._client.request("PATCH", path, json.dumps(change), kind=_MERGE)

    def post(self, path: str, content: Json) -> None:
        self._client.request("POST", path, json.dumps(content))

    def watch(self, path: str, version: str) -> Iterator[Json]:
        query = f"watch=1&resourceVersion={version}&timeoutSeconds={WATCH_SECONDS}"
        return stream(self._open, f"{path}?{query}")

    def _open(self) -> http.client.HTTPConnection:
        context = ssl.create_default_context(cafile=str(self._client.authority))
        credential = self._client.credential
        context.load_cert_chain(credential.certificate, credential.key)
        address = ("127.0.0.1", API_PORT)
        plain = connect(self._client.namespace, address, WATCH_SECONDS + _SLACK)
        connection = http.client.HTTPSConnection(*address)
        connection.sock = context.wrap_socket(plain, server_hostname="127.0.0.1")
        return connection


def stream(open_: Callable[[], http.client.HTTPConnection], target: str) -> Iterator[Json]:
    """The lines of a watch, one change each."""
    try:
        connection = open_()
    except OSError as fault:
        raise ApiError(0, f"no answer from the API server: {fault}") from fault
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise ApiError(answer.status, answer.read().decode())
        for line in answer:
            yield json.loads(line)
    except (OSError, http.client.HTTPException) as fault:
        raise ApiError(0, f"the watch broke off: {fault}") from fault
    finally:
        connection.close()
