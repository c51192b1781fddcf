"""Host names at the ingress gateways, and who signs their certificates."""

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from components import versions
from components.settings.charts import Charts, ChartSettings
from components.settings.types import (
    LABEL,
    LAST_PORT,
    Kind,
    Model,
    Positive,
    Switch,
    Version,
    matching,
)

_DNS_FORM: Final = re.compile(r"([^./]+)\.([^./]+)(\.svc(\.cluster\.local)?)?")


def _without_dns(text: str) -> str:
    """Return `namespace/name` of a service that was written by its name in the DNS."""
    found = _DNS_FORM.fullmatch(text)
    return f"{found[2]}/{found[1]}" if found else text


def _alone(text: str) -> str:
    """Return the host of a URL."""
    return re.sub(r"^https?://|[:/].*$", "", text.lower())


HOST_NAME: Final = rf"(?=.{{1,253}}$)({LABEL}\.)+[a-z]([-a-z0-9]{{0,61}}[a-z0-9])?"
"""The form of a full name in the DNS; the last part of none begins with a digit."""

HostName = Annotated[
    str, matching(HOST_NAME, "a host name", "shop.example.com", _alone), Kind("host name")
]

ServiceName = Annotated[
    str,
    matching(rf"{LABEL}/{LABEL}", "a service", "namespace/name", _without_dns),
    Kind("namespace/name"),
]

Port = Annotated[int, Field(strict=True, ge=1, le=LAST_PORT)]

UrlPath = Annotated[
    str, matching(r"/[A-Za-z0-9/._~-]*", "the beginning of a path", "/hello"), Kind("path")
]

AcmeServer = Annotated[
    str,
    matching(
        r"https://[a-z0-9.-]+(:\d+)?/\S*",
        "the directory of an ACME server",
        "https://acme-v02.api.letsencrypt.org/directory",
    ),
    Kind("URL"),
]

Email = Annotated[
    str,
    # Lists of them are parted by commas or semicolons.
    matching(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+", "an address of mail", "ops@example.com"),
    Kind("mail"),
]


class Issuer(StrEnum):
    """Who signs the certificates of hosts."""

    STACK = "stack"
    ACME = "acme"
    CA = "ca"
    SELF_SIGNED = "selfSigned"


class HostSettings(Model):
    """A service that users call by a host name."""

    service: ServiceName = Field(examples=["shop/frontend"])
    """The service that answers."""
    port: Port = Field(examples=[80])
    """Of that service."""
    names: tuple[HostName, ...] = ()
    """Its host names, whose DNS is yours. If not given it has one at each gateway, made from the
    address of its load balancer: `<name>.198-51-100-7.nip.io`."""
    paths: tuple[UrlPath, ...] = ("/",)
    """What the paths begin with that lead there; all others are answered with 404."""
    clusters: tuple[str, ...] = ()
    """Keys of the clusters whose gateways know it; all of them if not given."""

    def is_at(self, key: str) -> bool:
        """Whether the gateway of the cluster `key` knows it."""
        return not self.clusters or key in self.clusters


class AcmeSettings(Model):
    """Where certificates are asked for by ACME; challenges are answered by HTTP."""

    server: AcmeServer = "https://acme-v02.api.letsencrypt.org/directory"
    """The directory of the server."""
    email: Email | None = None
    """Whom the server may write to."""


class CertManagerSettings(ChartSettings):
    """The release of cert-manager in each cluster that has hosts."""

    install: Switch = True
    """Whether the program installs it; false where it is there already, as OKE's add-on is."""
    version: Version = versions.CERT_MANAGER
    """Of the chart and the images."""
    charts: Charts = versions.CERT_MANAGER_CHARTS
    """An HTTPS chart repository, an `oci://` registry or a folder."""


class HttpsSettings(Model):
    """How hosts answer by HTTPS."""

    issuer: Issuer = Issuer.STACK
    """Who signs: this program with the mesh's own authority at each update, or cert-manager with an
    ACME server, with the mesh's authority (`ca`), or with each certificate's own key."""
    redirect: Switch = True
    """Whether requests by HTTP are sent to HTTPS, with status 301."""
    hsts_days: int = Field(default=0, strict=True, ge=0, le=730)
    """How long browsers are to ask by HTTPS only; none at 0."""
    validity_days: Positive = 60
    """How long a certificate is valid; an ACME server decides that itself."""
    early_renewal_days: Positive = 30
    """How long before its end it is renewed: by the next `pulumi up`, or by cert-manager."""
    acme: AcmeSettings = AcmeSettings()
    cert_manager: CertManagerSettings = CertManagerSettings()

    @property
    def needs_cert_manager(self) -> bool:
        """Whether certificates are made in the clusters."""
        return self.issuer is not Issuer.STACK
