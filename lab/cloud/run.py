"""Puts the cloud together and runs it: store, API server, proxy."""

from __future__ import annotations

import socketserver
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.cloud import authority, server
from lab.cloud.authority import AuthorityFiles
from lab.cloud.cloud import Cloud
from lab.cloud.computers import Computers
from lab.cloud.estate import Webhook
from lab.cloud.kinds import KINDS
from lab.cloud.machines import Machines, RecordedMachines
from lab.cloud.principals import Principals
from lab.cloud.server import Address, HttpsServer, Proxy
from lab.cloud.services import SERVICES
from lab.cloud.sites import Sites
from lab.cloud.store import Store
from lab.cloud.webhook import TokenReviews
from lab.cloud.worker import Worker

HOME_REGION = "us-sanjose-1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Where a cloud listens and keeps its things."""

    files: AuthorityFiles
    state: Path | None
    """None keeps everything in memory."""
    home_region: str = HOME_REGION
    apis: Sequence[Address] = (("127.0.0.1", 0),)
    """The proxy leads to the first of them."""
    proxy: Address = ("127.0.0.1", 0)
    webhook: Address = ("127.0.0.1", 0)
    sites: Address = ("127.0.0.1", 0)
    tool: Callable[[str], Path] = Path
    """The programs that the lab's internet has, by name."""
    balancer_seconds: float = 0.0
    """How long a load balancer is on its way at least."""


class Running:
    """A cloud with its listeners; made in one step, serving after `start`."""

    def __init__(self, settings: Settings, machines: Machines | None = None) -> None:
        self.settings = settings
        key = authority.ensure(settings.files, settings.home_region)
        self.store = Store(settings.state, KINDS)
        principals = Principals(key)
        self.cloud = Cloud(
            store=self.store,
            principals=principals,
            home_region=settings.home_region,
            services=SERVICES,
        )
        self.context = authority.server_context(settings.files)
        self.apis = [HttpsServer(at, self.context, self.cloud.answer) for at in settings.apis]
        self.proxy = Proxy(settings.proxy, address_of(self.apis[0]))
        reviews = TokenReviews(self.store, principals)
        self.webhook = HttpsServer(settings.webhook, self.context, reviews.answer)
        sites = Sites(self.cloud, settings.tool)
        context, sites_pem = authority.sites_context(settings.files)
        self.sites = HttpsServer(settings.sites, context, sites.answer)
        self.servers: list[socketserver.BaseServer] = [
            *(*self.apis, self.proxy),
            *(self.webhook, self.sites),
        ]
        ca_pem = settings.files.ca.read_text(encoding="ascii")
        self.worker = Worker(
            self.store,
            machines or RecordedMachines(ca_pem),
            Webhook(url="https://{}:{}/token".format(*address_of(self.webhook)), ca_pem=ca_pem),
            describe=Computers(principals, sites_pem).describe,
            balancer_seconds=settings.balancer_seconds,
        )

    def start(self) -> None:
        """Listens, and lets the machines follow."""
        self.listen()
        self.worker.start()

    def listen(self) -> None:
        """Only answers; the worker's passes are then the caller's to make."""
        for listener in self.servers:
            server.start(listener, type(listener).__name__)

    def stop(self) -> None:
        self.worker.stop()
        for listener in self.servers:
            listener.shutdown()
            listener.server_close()
        with self.store.lock:
            self.store.save()

    def environment(self) -> dict[str, str]:
        """What points a client at this cloud."""
        host, port = address_of(self.proxy)
        trust = str(self.settings.files.trust)
        return {
            "HTTPS_PROXY": f"http://{host}:{port}",
            "SSL_CERT_FILE": trust,
            "REQUESTS_CA_BUNDLE": trust,
            "OCI_CLI_CONFIG_FILE": str(self.settings.files.oci_config),
        }


def address_of(listener: socketserver.TCPServer) -> Address:
    """Where a server listens, with the port that the system chose."""
    host, port = listener.server_address[:2]
    return str(host), port
