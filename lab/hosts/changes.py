"""The difference between a `Fabric` and what is seen, as commands for `ip -batch`; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lab.hosts.addresses import INTERNET, MANAGEMENT_LINK, ROOT
from lab.hosts.fabric import Fabric, Link, Namespace, Neighbor, Route, Rule
from lab.hosts.seen import PROTOCOL, Seen

Command = tuple[str, str]
"""A namespace and a line for `ip`."""


def removals(fabric: Fabric, seen: Mapping[str, Seen]) -> list[Command]:
    """Links that should be gone, or stand without their other end."""
    return [
        (name, f"link del {link}")
        for name, space in fabric.namespaces.items()
        if name in seen
        for link in sorted(seen[name].links)
        if link != "lo" and not _is_whole(space, seen, link)
    ]


def _is_whole(space: Namespace, seen: Mapping[str, Seen], name: str) -> bool:
    link = space.links.get(name)
    if link is None or link.peer is None:
        return link is not None
    other, far = link.peer
    return other in seen and far in seen[other].links


def creations(fabric: Fabric, seen: Mapping[str, Seen]) -> list[Command]:
    """Links that are missing, each cable once; cables before the devices that stand on them."""
    cables: list[Command] = []
    devices: list[Command] = []
    for name, space in sorted(fabric.namespaces.items()):
        for link in space.links.values():
            if name in seen and link.name in seen[name].links:
                continue
            if link.peer is None:
                devices.append((name, _device(link)))
            elif (name, link.name) < link.peer:
                cables.append((ROOT, _cable(fabric, name, link)))
    return cables + devices


def _device(link: Link) -> str:
    mac = "" if link.mac is None else f"address {link.mac} "
    return f"link add {link.name} {mac}type {link.kind} {' '.join(link.options)}"


def _cable(fabric: Fabric, name: str, link: Link) -> str:
    other, far = link.peer or (INTERNET, MANAGEMENT_LINK)
    mac = fabric.namespaces[other].links[far].mac
    ends = (
        f"{end}{f' netns {space}' if space else ''} address {address}"
        for space, end, address in ((name, link.name, link.mac), (other, far, mac))
    )
    return f"link add name {next(ends)} type veth peer name {next(ends)}"


def link_setup(space: Namespace, seen: Seen) -> Iterator[str]:
    """Masters, addresses and state of every link."""
    if "lo" not in seen.up:
        yield "link set lo up"
    for link in space.links.values():
        if link.master is not None and seen.links.get(link.name) != link.master:
            yield f"link set {link.name} master {link.master}"
        yield from _addressing(link, seen.addresses.get(link.name, set()))
        if link.name not in seen.up:
            yield f"link set {link.name} up"


def _addressing(link: Link, has: set[str]) -> Iterator[str]:
    for address in sorted(has.difference(link.addresses)):
        if not address.startswith("fe80:"):
            yield f"addr del {address} dev {link.name}"
    for address in link.addresses:
        if address not in has:
            yield f"addr add {address} dev {link.name}{' nodad' if ':' in address else ''}"


def routing(space: Namespace, seen: Seen) -> Iterator[str]:
    """Routes, neighbours and policy rules; routes are replaced, so that none is ever missing."""
    for neighbor in sorted(space.neighbors, key=lambda n: n.address):
        yield _neighbor(neighbor)
    for route in space.routes.values():
        yield _route(route)
    for table, destination in sorted(seen.routes.difference(space.routes)):
        yield f"route del {destination} table {table} proto {PROTOCOL}"
    for rule in sorted(space.rules - seen.rules, key=_order):
        yield f"rule add {_rule(rule)}"
    for rule in sorted(seen.rules - space.rules, key=_order):
        yield f"rule del {_rule(rule)}"


def _order(rule: Rule) -> tuple[int, str]:
    return rule.priority, _rule(rule)


def _neighbor(neighbor: Neighbor) -> str:
    return (
        f"neigh replace {neighbor.address} lladdr {neighbor.mac} dev {neighbor.device} "
        "nud permanent"
    )


def forwarding(space: Namespace) -> Iterator[str]:
    """Lines for `bridge -batch`: which node a frame of the overlay is sent to."""
    for neighbor in sorted(space.neighbors, key=lambda n: n.address):
        yield f"fdb replace {neighbor.mac} dev {neighbor.device} dst {neighbor.endpoint}"


def _route(route: Route) -> str:
    kind = "blackhole " if route.device is None else ""
    words = [f"route replace {kind}{route.destination}"]
    if route.via is not None:
        words.append(f"via {'inet6 ' if ':' in route.via else ''}{route.via}")
    if route.device is not None:
        words.append(f"dev {route.device}")
    if route.source is not None:
        words.append(f"src {route.source}")
    if route.is_onlink:
        words.append("onlink")
    return " ".join([*words, f"table {route.table} proto {PROTOCOL}"])


def _rule(rule: Rule) -> str:
    words = [f"priority {rule.priority} from {rule.source or 'all'}"]
    if rule.destination is not None:
        words.append(f"to {rule.destination}")
    if rule.interface is not None:
        words.append(f"iif {rule.interface}")
    words.append("unreachable" if rule.table is None else f"lookup {rule.table}")
    if rule.suppress is not None:
        words.append(f"suppress_prefixlength {rule.suppress}")
    return " ".join([*words, f"protocol {PROTOCOL}"])
