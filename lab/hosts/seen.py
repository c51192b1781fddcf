"""What a network namespace holds now, read from the JSON answers of `ip`.

Only what the lab made is seen: its links by their names, its routes and rules by their protocol
number. What kubelets and CNI plugins make stays out of sight, and so alive.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from lab.hosts.addresses import MANAGEMENT_LINK, ROOT
from lab.hosts.fabric import MAIN, Rule

PROTOCOL = "77"
"""The routing protocol number of the lab's own routes and rules."""
OWN_LINK = re.compile(r"lo|eth[01]|up0|root0|drg0|flannel\.1|[suarv]-[0-9a-f]{8}")
QUESTIONS = "addr show\nroute show table all\nrule show\n"
"""For `ip -batch`, which answers each in a line of its own."""


@dataclass(slots=True)
class Seen:
    """The lab's part of one namespace."""

    links: dict[str, str | None] = field(default_factory=dict)
    """Links and their masters."""
    addresses: dict[str, set[str]] = field(default_factory=dict)
    up: set[str] = field(default_factory=set)
    routes: set[tuple[str, str]] = field(default_factory=set)
    """Table and destination."""
    rules: set[Rule] = field(default_factory=set)


def parse(name: str, answers: str) -> Seen:
    """Reads the answers to the three questions.

    In the machine's own namespace only the management link is the lab's; its `eth0` is not.
    """
    seen = Seen()
    addresses, routes, rules = (json.loads(line) for line in answers.splitlines())
    own = OWN_LINK if name != ROOT else re.compile(f"lo|{MANAGEMENT_LINK}")
    for link in addresses:
        if link and own.fullmatch(link["ifname"]):
            _add_link(seen, link)
    for route in routes:
        if str(route.get("protocol")) == PROTOCOL:
            seen.routes.add((str(route.get("table", MAIN)), _cidr(route["dst"])))
    for rule in rules:
        if str(rule.get("protocol")) == PROTOCOL:
            seen.rules.add(_rule(rule))
    return seen


def _add_link(seen: Seen, link: Mapping[str, Any]) -> None:
    name = link["ifname"]
    seen.links[name] = link.get("master")
    seen.addresses[name] = {f"{a['local']}/{a['prefixlen']}" for a in link["addr_info"] if a}
    if "UP" in link["flags"]:
        seen.up.add(name)


def _rule(rule: Mapping[str, Any]) -> Rule:
    return Rule(
        priority=rule["priority"],
        table=str(rule["table"]) if "table" in rule else None,
        interface=rule.get("iif"),
        source=_end(rule, "src"),
        destination=_end(rule, "dst"),
        suppress=rule.get("suppress_prefixlen"),
    )


def _end(rule: Mapping[str, Any], side: str) -> str | None:
    address = rule.get(side, "all")
    return None if address == "all" else f"{address}/{rule.get(f'{side}len', 32)}"


def _cidr(destination: str) -> str:
    return str(IPv4Network("0.0.0.0/0" if destination == "default" else destination))
