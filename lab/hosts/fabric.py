"""The network as it should be: namespaces with their links, routes, rules and firewalls.

Builders (`internet`, `network`, `drg`, `vnic`, `node_network`) add to a `Fabric`; `kernel`
makes the machine equal to it. Nothing here touches the machine.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from lab.hosts.addresses import mac_address
from lab.hosts.spec import FirewallRule

MAIN = "main"
NEAR = "fe80::1"
FAR = "fe80::2"
"""Links between routers need no IPv4 addresses of their own: next hops are link-local ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """An interface; a veth names the place of its other end."""

    name: str
    kind: str = "veth"
    peer: tuple[str, str] | None = None
    """Namespace and name of the other end."""
    master: str | None = None
    addresses: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    """What `ip link add ... type KIND` takes besides."""
    mac: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the lab's own; `device` None drops what matches."""

    destination: str
    device: str | None
    _: KW_ONLY
    via: str | None = None
    table: str = MAIN
    source: str | None = None
    is_onlink: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A routing policy rule."""

    priority: int
    table: str | None
    """None tells the sender at once that the destination is unreachable."""
    interface: str | None = None
    """Where packets come from; `lo` means the namespace's own."""
    source: str | None = None
    destination: str | None = None
    suppress: int | None = None
    """Routes of this prefix length or shorter do not count."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbor:
    """A tunnel's fixed neighbour: its address, and where frames to it are sent."""

    device: str
    address: str
    mac: str
    endpoint: str


@dataclass(kw_only=True, slots=True)
class Namespace:
    """What one network namespace holds."""

    links: dict[str, Link] = field(default_factory=dict)
    routes: dict[tuple[str, str], Route] = field(default_factory=dict)
    rules: set[Rule] = field(default_factory=set)
    neighbors: set[Neighbor] = field(default_factory=set)
    settings: dict[str, str] = field(default_factory=dict)
    """Kernel settings, named as below `/proc/sys/net`."""
    firewall: dict[str, tuple[FirewallRule, ...]] = field(default_factory=dict)
    """The rules of each VNIC, by device."""
    tables: dict[str, str] = field(default_factory=dict)
    """Other nftables tables (`family name`) and the text between their braces."""

    def forward(self) -> None:
        """Makes the namespace a router."""
        self.settings["ipv4/ip_forward"] = "1"

    def add_link(self, link: Link) -> None:
        """Adds an interface."""
        self.links[link.name] = link

    def add_route(self, route: Route) -> None:
        """Adds a route; the first one to a destination wins, as with a router's statics."""
        self.routes.setdefault((route.table, route.destination), route)


@dataclass(frozen=True, slots=True)
class End:
    """One end of a cable."""

    namespace: str
    name: str
    addresses: tuple[str, ...] = ()
    _: KW_ONLY
    master: str | None = None


@dataclass(slots=True)
class Fabric:
    """Every namespace of the lab, by name; the machine's own has the empty name."""

    namespaces: dict[str, Namespace] = field(default_factory=dict)

    def namespace(self, name: str) -> Namespace:
        """The namespace of that name, made on first use."""
        return self.namespaces.setdefault(name, Namespace())

    def cable(self, near: End, far: End) -> None:
        """Joins two namespaces by a pair of links."""
        for end, other in ((near, far), (far, near)):
            self.namespace(end.namespace).add_link(
                Link(
                    name=end.name,
                    peer=(other.namespace, other.name),
                    master=end.master,
                    addresses=end.addresses,
                    mac=mac_address(end.namespace, end.name),
                )
            )
