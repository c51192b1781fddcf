"""A security rule as data: who talks to whom, by which ports, and why; pure.

The sentence is the rule's identity: the rule's logical name is made of it, and it is the
description that the console shows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from ipaddress import IPv4Network
from typing import Final, TypeAlias

from components.settings.clusters import SubnetRole
from components.settings.mesh import ClientAddresses, Exposure
from components.settings.stack import Settings

# https://docs.oracle.com/iaas/Content/Network/Concepts/securityrules.htm
DESCRIPTION_LIMIT: Final = 255

ANYWHERE: Final = IPv4Network("0.0.0.0/0")


def role_slug(role: SubnetRole) -> str:
    """Return the role of a subnet, or of its group, as a part of logical names: `internal-lb`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", role.value).lower()


class OracleServices(Enum):
    """The public services of the region, as one side of a rule or route."""

    ALL = "all"


@dataclass(frozen=True, slots=True)
class NatAddress:
    """The public address of a cluster's NAT gateway, which is known once the VCN is there."""

    cluster: str
    """The cluster's key."""


@dataclass(frozen=True, slots=True)
class EndpointAddress:
    """The public address of a cluster's Kubernetes API, which is known once the cluster is."""

    cluster: str
    """The cluster's key."""


Side: TypeAlias = SubnetRole | IPv4Network | OracleServices | NatAddress | EndpointAddress
"""The other side of a rule: the group of a subnet in the same VCN, a range, the services of
Oracle, or where another cluster's calls come from."""


class Direction(StrEnum):
    """Whether a rule lets traffic in or out, in OCI's words."""

    INGRESS = "INGRESS"
    EGRESS = "EGRESS"


class Protocol(StrEnum):
    """IANA's numbers, in the form that OCI takes."""

    ALL = "all"
    ICMP = "1"
    TCP = "6"
    UDP = "17"


@dataclass(frozen=True, kw_only=True, slots=True)
class Traffic:
    """What a rule lets through; ICMP stands for path discovery alone."""

    protocol: Protocol
    ports: tuple[int, int] | None = None
    """First and last destination port; all if there is none."""


EVERYTHING: Final = Traffic(protocol=Protocol.ALL)
ALL_TCP: Final = Traffic(protocol=Protocol.TCP)
PATH_DISCOVERY: Final = Traffic(protocol=Protocol.ICMP)


def tcp(first: int, last: int | None = None) -> Traffic:
    """Return the TCP traffic to one port, or to the range up to `last`."""
    return Traffic(protocol=Protocol.TCP, ports=(first, first if last is None else last))


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule of a group; stateful, so that it lets answers back too."""

    sentence: str
    direction: Direction
    traffic: Traffic
    side: Side

    @property
    def slug(self) -> str:
        """The rule's part of a logical name; unlike the sentence, it tells the direction."""
        words = re.sub(r"[^a-z0-9]+", "-", self.sentence.lower()).strip("-")
        return f"{words}-{'in' if self.direction is Direction.INGRESS else 'out'}"


RuleTable: TypeAlias = Mapping[SubnetRole, tuple[Rule, ...]]
"""The rules of each group, by the subnet that it is for."""


def accept(sentence: str, source: Side, traffic: Traffic) -> Rule:
    """Return the rule that lets `traffic` in from `source`."""
    return Rule(sentence=sentence, direction=Direction.INGRESS, side=source, traffic=traffic)


def reach(sentence: str, destination: Side, traffic: Traffic) -> Rule:
    """Return the rule that lets `traffic` out to `destination`."""
    return Rule(sentence=sentence, direction=Direction.EGRESS, side=destination, traffic=traffic)


@dataclass(frozen=True, kw_only=True, slots=True)
class Openings:
    """What the settings of the whole mesh open to the world outside a VCN."""

    ingress: Exposure
    east_west: Exposure
    operator_cidrs: tuple[IPv4Network, ...]
    """Who may sign in to the operator host."""
    nodes_take_ssh: bool = False
    """Whether somebody may go on from there to the nodes of its cluster."""
    api_callers: tuple[IPv4Network, ...] = ()
    """Who calls private endpoints without the operator host."""
    ingress_cidrs: tuple[IPv4Network, ...] = ()
    """Who may call the ingress gateways; none for what follows from their exposure."""
    ingress_keeps_addresses: bool = False
    """Whether their calls reach the nodes with the addresses of the callers."""

    @classmethod
    def of(cls, settings: Settings) -> "Openings":
        """Return the openings that `settings` ask for."""
        return cls(
            ingress=settings.mesh.ingress.exposure,
            east_west=settings.mesh.east_west.exposure,
            operator_cidrs=settings.access.allowed_cidrs,
            nodes_take_ssh=settings.access.node_ssh_public_key is not None,
            api_callers=settings.access.api_callers,
            ingress_cidrs=settings.mesh.ingress.allowed_cidrs,
            ingress_keeps_addresses=settings.mesh.ingress.client_addresses is ClientAddresses.KEPT,
        )
