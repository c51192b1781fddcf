"""The firewall of a host's VNICs, as nftables text.

It stands outside address translation (before it on the way in, after it on the way out), so
that a rule sees the addresses and ports that are on the wire, as OCI's does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, collapse_addresses

from lab.hosts.addresses import MANAGEMENT_ADDRESS
from lab.hosts.spec import Direction, FirewallRule

TABLE = "inet okm_nsg"
TRACKED = "0x00010000"
"""The connection mark of flows that a stateful rule let in or out; their answers pass."""
EVERYWHERE = "0.0.0.0/0"
_PORT_PROTOCOLS = {"6": "tcp", "17": "udp"}
_ICMP = "1"


def table_text(name: str, body: str) -> str:
    """A whole table, replaced at once by `nft -f`: there is no moment without it."""
    return f"table {name}\ndelete table {name}\ntable {name} {{\n{body}\n}}\n"


def firewall_body(vnics: Mapping[str, Iterable[FirewallRule]]) -> str:
    """The table's chains: two hooks, and a chain for each device and direction."""
    devices = sorted(vnics)
    lines = [
        *_hook("incoming", "prerouting priority -150", devices, key="iifname"),
        *_hook("outgoing", "postrouting priority 150", devices, key="oifname"),
    ]
    for device in devices:
        rules = sorted(vnics[device], key=lambda rule: not rule.stateless)
        for direction in Direction:
            lines += _chain(device, direction, [r for r in rules if r.direction is direction])
    return "\n".join(lines)


def _hook(name: str, hook: str, devices: Iterable[str], *, key: str) -> list[str]:
    jumps = ", ".join(f'"{device}" : jump {device}_{name}' for device in devices)
    return [
        f"chain {name} {{",
        f"type filter hook {hook}; policy accept;",
        f"{key} vmap {{ {jumps} }}",
        "}",
    ]


def _chain(device: str, direction: Direction, rules: Iterable[FirewallRule]) -> list[str]:
    is_incoming = direction is Direction.INGRESS
    lines = [
        f"chain {device}_{'incoming' if is_incoming else 'outgoing'} {{",
        f"ct mark & {TRACKED} == {TRACKED} ct state established,related accept",
    ]
    if not is_incoming:
        lines.append(f"ip daddr {MANAGEMENT_ADDRESS} {_track(stateless=False)} accept")
    lines += [text for rule in rules if (text := rule_text(rule)) is not None]
    return [*lines, "counter drop", "}"]


def rule_text(rule: FirewallRule) -> str | None:
    """One rule as a line of nftables; None if it names no peer and so allows nothing."""
    peers = _peers(rule)
    if peers is None:
        return None
    parts = [peers, _match(rule), _track(stateless=rule.stateless), "accept"]
    return " ".join(part for part in parts if part)


def _peers(rule: FirewallRule) -> str | None:
    networks = list(collapse_addresses(IPv4Network(p) for p in rule.peers if ":" not in p))
    if not networks:
        return None
    if str(networks[0]) == EVERYWHERE:
        return "meta nfproto ipv4"
    side = "saddr" if rule.direction is Direction.INGRESS else "daddr"
    return f"ip {side} {{ {', '.join(map(str, networks))} }}"


def _match(rule: FirewallRule) -> str:
    if rule.protocol == "all":
        return ""
    if rule.protocol == _ICMP and rule.icmp is not None:
        kind, code = rule.icmp
        return f"icmp type {kind}" + ("" if code is None else f" icmp code {code}")
    if rule.protocol in _PORT_PROTOCOLS and rule.ports is not None:
        low, high = rule.ports
        return f"{_PORT_PROTOCOLS[rule.protocol]} dport {low}-{high}"
    return f"meta l4proto {rule.protocol}"


def _track(*, stateless: bool) -> str:
    return "" if stateless else f"ct mark set ct mark | {TRACKED}"
