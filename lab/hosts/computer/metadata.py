"""The metadata service of each computer: what its instance is told, on a link-local address.

Each answers in the network of its own computer, so that nobody else's packets get there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from lab.hosts.addresses import METADATA_ADDRESS, namespace_name
from lab.hosts.namespace import within
from lab.hosts.spec import Instance

_PORT = 80
_BASE = "/opc/v2/"
_HEADER = "Bearer Oracle"
"""A program that can only be made to ask for a URL does not send it."""


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        status, text = self.server.answer(self.path, self.headers.get("Authorization"))
        body = text.encode()
        self.send_response(status)
        is_json = text.startswith("{")
        self.send_header("Content-Type", "application/json" if is_json else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base's name
        """Its requests are nobody's news."""


class Service(ThreadingHTTPServer):
    """The service of one computer."""

    daemon_threads = True

    def __init__(self, namespace: str) -> None:
        self.documents: Mapping[str, str] = {}
        address = (METADATA_ADDRESS, _PORT)
        within(namespace, lambda: super(Service, self).__init__(address, _Handler))
        self._thread = Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def answer(self, path: str, authorization: str | None) -> tuple[HTTPStatus, str]:
        """What is at a path; the older version of the service is switched off."""
        found = self.documents.get(path.removeprefix(_BASE).strip("/"))
        if not path.startswith(_BASE) or found is None:
            return HTTPStatus.NOT_FOUND, "not found\n"
        if authorization != _HEADER:
            return HTTPStatus.FORBIDDEN, "the header Authorization: Bearer Oracle is required\n"
        return HTTPStatus.OK, found

    def end(self) -> None:
        """Stops answering."""
        self.shutdown()
        self.server_close()


class Services:
    """One service for each computer."""

    def __init__(self) -> None:
        self._running: dict[str, Service] = {}

    def set(self, instances: Iterable[Instance], created: Iterable[str]) -> None:
        """Lets each answer what its instance is told now; `created` are the new namespaces."""
        wanted = {namespace_name("host", i.id): i.computer for i in instances if i.computer}
        for name in list(self._running):
            if name not in wanted or name in created:
                self._running.pop(name).end()
        for name, computer in wanted.items():
            if name not in self._running:
                self._running[name] = Service(name)
            self._running[name].documents = tree(computer.documents)

    def stop(self) -> None:
        """Ends all of them."""
        self.set((), ())


def tree(documents: Mapping[str, str]) -> dict[str, str]:
    """Every part of a JSON document has a path of its own too, as the vendor has it."""
    found = {}
    for path, text in documents.items():
        found[path] = text
        if text.startswith("{"):
            found.update(_parts(path, json.loads(text)))
    return found


def _parts(path: str, document: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    for key, value in document.items():
        yield f"{path}/{key}", value if isinstance(value, str) else json.dumps(value)
        if isinstance(value, dict):
            yield from _parts(f"{path}/{key}", value)
