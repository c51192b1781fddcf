"""Puts the cloud together and runs it: store, API server, proxy."""

from __future__ import annotations

import socketserver
from dataclasses import dataclass
from pathlib import Path

from lab.cloud import authority, server
from lab.cloud.authority import AuthorityFiles
from lab.cloud.cloud import Cloud
from lab.cloud.server import Address, HttpsServer, Proxy
from lab.cloud.services import SERVICES
from lab.cloud.store import Store

HOME_REGION = "us-sanjose-1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Where a cloud listens and keeps its things."""

    files: AuthorityFiles
    state: Path | None
    """None keeps everything in memory."""
    home_region: str = HOME_REGION
    api: Address = ("127.0.0.1", 0)
    proxy: Address = ("127.0.0.1", 0)


class Running:
    """A cloud with its listeners; made in one step, serving after `start`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        key = authority.ensure(settings.files, settings.home_region)
        self.store = Store(settings.state)
        self.cloud = Cloud(
            store=self.store, key=key, home_region=settings.home_region, services=SERVICES
        )
        self.context = authority.server_context(settings.files)
        self.api: HttpsServer = server.api_server(settings.api, self.context, self.cloud)
        self.proxy = Proxy(settings.proxy, self.api_address)
        self.servers: list[socketserver.BaseServer] = [self.api, self.proxy]

    @property
    def api_address(self) -> Address:
        host, port = self.api.server_address[:2]
        return str(host), port

    @property
    def proxy_address(self) -> Address:
        host, port = self.proxy.server_address[:2]
        return str(host), port

    def start(self) -> None:
        for listener in self.servers:
            server.start(listener, type(listener).__name__)

    def stop(self) -> None:
        for listener in self.servers:
            listener.shutdown()
            listener.server_close()
        with self.store.lock:
            self.store.save()

    def environment(self) -> dict[str, str]:
        """What points a client at this cloud."""
        host, port = self.proxy_address
        trust = str(self.settings.files.trust)
        return {
            "HTTPS_PROXY": f"http://{host}:{port}",
            "SSL_CERT_FILE": trust,
            "REQUESTS_CA_BUNDLE": trust,
            "OCI_CLI_CONFIG_FILE": str(self.settings.files.oci_config),
        }
