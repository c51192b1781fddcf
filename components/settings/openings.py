"""What a cluster's network lets through and leads to, beside what the program needs itself."""

import re
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Final, NamedTuple

from pydantic import BeforeValidator, Field, PlainSerializer

from components.settings.types import (
    LAST_PORT,
    AnyCidr,
    GatewayOcid,
    Kind,
    Model,
    fault,
    text_or_fault,
)

_PORTS: Final = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", re.ASCII)
_PORTS_WORDS: Final = "is not a port or a range of ports", "write it as 443 or 8000-8100"


class Ports(NamedTuple):
    """A port, or a range of them with both ends."""

    first: int
    last: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def _ports(value: object) -> Ports:
    if isinstance(value, Ports):
        return value
    is_number = isinstance(value, int) and not isinstance(value, bool)
    text = str(value) if is_number else text_or_fault(value, _PORTS_WORDS)
    found = _PORTS.fullmatch(text)
    if found is None:
        tidied = _PORTS.fullmatch(re.sub(r"\s*[-:]\s*", "-", text.strip()))
        raise fault(_PORTS_WORDS[0], f"write {tidied[0]}" if tidied else _PORTS_WORDS[1])
    first, last = int(found[1]), int(found[2] or found[1])
    if not 1 <= first <= LAST_PORT or not 1 <= last <= LAST_PORT:
        raise fault("has a port that does not exist", f"ports are 1 to {LAST_PORT}")
    if last < first:
        raise fault("ends before it begins", f"write {last}-{first}")
    return Ports(first, last)


PortRange = Annotated[
    Ports,
    BeforeValidator(_ports),
    PlainSerializer(str, return_type=str),
    Kind("port or `first-last`"),
]


class EgressSettings(Model):
    """Where pods and workers may open TCP connections to, beside the mesh and Oracle's services."""

    cidrs: tuple[AnyCidr, ...] = (IPv4Network("0.0.0.0/0"),)
    """The ranges; none closes the way."""
    ports: tuple[PortRange, ...] = (Ports(443, 443),)
    """The ports, of each range. Workers fetch images by 443 from anywhere in any case."""

    def opens(self, port: int) -> bool:
        """Whether a connection to this port may be opened anywhere."""
        return bool(self.cidrs) and any(p.first <= port <= p.last for p in self.ports)


class RuleDirection(StrEnum):
    """Which side opens the connection."""

    INGRESS = "ingress"
    EGRESS = "egress"


class RuleProtocol(StrEnum):
    """What may have ports."""

    TCP = "tcp"
    UDP = "udp"


class ExtraRoute(Model):
    """A route of one's own, in every route table but that of the public load balancers."""

    cidr: AnyCidr = Field(examples=["198.51.100.0/24"])
    """Where it leads to. Private ranges lead to the DRG already."""
    via: GatewayOcid | None = None
    """OCID of a local peering gateway or of a private IP; the region's DRG if not given."""
