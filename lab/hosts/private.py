"""The machine's own packets to private addresses of the lab's VCNs: refused at once.

Without a rule they would follow the machine's default route into whatever network it is in. What
the machine itself needs comes first: its own networks keep their routes, and a range that holds
its address, its gateway or its name server is left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from lab.hosts.addresses import MANAGEMENT_LINK, ROOT
from lab.hosts.fabric import MAIN, Fabric, Rule
from lab.hosts.kernel import execute
from lab.hosts.spec import Vcn

_KEPT, _REFUSED = 32000, 32001
"""Before the main table (32766), behind the rules of a VPN client or of several interfaces."""
_QUESTIONS = "addr show\nroute show table all\n"
_RESOLVERS = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf"))
"""The second has the servers behind systemd's own, which the first then names."""
_RESOLVER = re.compile(r"^nameserver\s+([\d.]+)\s*$", re.MULTILINE)

Own = Mapping[IPv4Address, str]
"""Addresses that the machine cannot do without, and what each is."""


def refuse_private_ranges(fabric: Fabric, vcns: Iterable[Vcn], own: Own) -> None:
    """Adds the rules, for packets of the machine's own only: it may forward for others."""
    ranges = {IPv4Network(cidr) for vcn in vcns for cidr in vcn.cidrs}
    for cidr in map(str, ranges - set(held(ranges, own))):
        fabric.namespace(ROOT).rules |= {
            Rule(priority=_KEPT, table=MAIN, interface="lo", destination=cidr, suppress=0),
            Rule(priority=_REFUSED, table=None, interface="lo", destination=cidr),
        }


def held(ranges: Iterable[IPv4Network], own: Own) -> dict[IPv4Network, str]:
    """The ranges that the machine itself has something in, and what."""
    found = {}
    for cidr in ranges:
        what = [f"{name} {address}" for address, name in own.items() if address in cidr]
        if what:
            found[cidr] = ", ".join(what)
    return found


def own_addresses() -> dict[IPv4Address, str]:
    """Reads them from the machine as it is now."""
    answers = execute(["ip", "-4", "-j", "-batch", "-"], _QUESTIONS)
    addresses, routes = (json.loads(line) for line in answers.splitlines())
    texts = [file.read_text() for file in _RESOLVERS if file.exists()]
    return {
        **dict(_name_servers(texts)),
        **dict(_gateways(routes)),
        **dict(_addresses(addresses)),
    }


def _addresses(links: Iterable[Mapping[str, Any]]) -> Iterator[tuple[IPv4Address, str]]:
    for link in links:
        if link and link["ifname"] != MANAGEMENT_LINK:
            for address in link["addr_info"]:
                yield IPv4Address(address["local"]), f"its address on {link['ifname']}"


def _gateways(routes: Iterable[Mapping[str, Any]]) -> Iterator[tuple[IPv4Address, str]]:
    for route in routes:
        for hop in (route, *route.get("nexthops", ())):
            if "gateway" in hop and hop.get("dev") != MANAGEMENT_LINK:
                yield IPv4Address(hop["gateway"]), "its gateway"


def _name_servers(texts: Iterable[str]) -> Iterator[tuple[IPv4Address, str]]:
    for text in texts:
        for address in _RESOLVER.findall(text):
            yield IPv4Address(address), "its name server"
