"""Firewall rules as nftables text."""

from __future__ import annotations

import pytest

from lab.hosts.firewall import firewall_body, rule_text, table_text
from lab.hosts.spec import Direction, FirewallRule

MARK = "ct mark set ct mark | 0x00010000"


def rule(**fields: object) -> FirewallRule:
    known = {"direction": Direction.INGRESS, "protocol": "6", "peers": ("10.0.0.0/16",)}
    return FirewallRule(**{**known, **fields})  # type: ignore[arg-type]  # fields by their names


PEERS = "ip saddr { 10.0.0.0/16 }"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (rule(ports=(80, 90)), f"{PEERS} tcp dport 80-90 {MARK} accept"),
        (
            rule(protocol="17", ports=(53, 53), direction=Direction.EGRESS),
            f"ip daddr {{ 10.0.0.0/16 }} udp dport 53-53 {MARK} accept",
        ),
        (rule(), f"{PEERS} meta l4proto 6 {MARK} accept"),
        (rule(protocol="all"), f"{PEERS} {MARK} accept"),
        (rule(protocol="1", icmp=(3, 4)), f"{PEERS} icmp type 3 icmp code 4 {MARK} accept"),
        (rule(protocol="1", icmp=(8, None)), f"{PEERS} icmp type 8 {MARK} accept"),
        (rule(protocol="1"), f"{PEERS} meta l4proto 1 {MARK} accept"),
        (rule(stateless=True), f"{PEERS} meta l4proto 6 accept"),
        (rule(peers=("0.0.0.0/0",)), f"meta nfproto ipv4 meta l4proto 6 {MARK} accept"),
        (
            rule(peers=("10.0.1.0/24", "10.0.0.0/24", "10.0.0.7/32")),
            f"ip saddr {{ 10.0.0.0/23 }} meta l4proto 6 {MARK} accept",
        ),
    ],
    ids=[
        "tcp ports",
        "udp out",
        "all tcp",
        "everything",
        "icmp code",
        "icmp type",
        "all icmp",
        "stateless",
        "everywhere",
        "overlapping peers",
    ],
)
def test_a_rule_is_one_line(given: FirewallRule, text: str) -> None:
    assert rule_text(given) == text


@pytest.mark.parametrize("peers", [(), ("fd00::/8",)], ids=["nobody", "ipv6 only"])
def test_a_rule_for_nobody_of_this_network_is_no_line(peers: tuple[str, ...]) -> None:
    assert rule_text(rule(peers=peers)) is None


def test_what_no_rule_allows_is_dropped_in_both_directions() -> None:
    lines = firewall_body({"eth0": ()}).splitlines()
    assert [line for line in lines if "eth0_" in line or "drop" in line] == [
        'iifname vmap { "eth0" : jump eth0_incoming }',
        'oifname vmap { "eth0" : jump eth0_outgoing }',
        "chain eth0_incoming {",
        "counter drop",
        "chain eth0_outgoing {",
        "counter drop",
    ]


def test_a_stateless_rule_comes_before_a_stateful_one_as_oci_prefers_it() -> None:
    body = firewall_body({"eth0": (rule(), rule(stateless=True))})
    first, second = (line for line in body.splitlines() if "meta l4proto 6" in line)
    assert (MARK in first, MARK in second) == (False, True)


def test_a_table_is_replaced_as_a_whole() -> None:
    assert table_text("ip x", "chain a {\n}") == (
        "table ip x\ndelete table ip x\ntable ip x {\nchain a {\n}\n}\n"
    )
