"""The machine's own packets to the lab's private addresses: which are refused, and which stay."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from lab import preflight
from lab.hosts import private
from lab.hosts.fabric import Fabric, Rule
from lab.hosts.private import held, own_addresses, refuse_private_ranges
from lab.hosts.spec import Vcn

LINKS = [
    {"ifname": "eth0", "addr_info": [{"local": "10.1.0.7"}]},
    {},
    {"ifname": "okm-mgmt", "addr_info": [{"local": "198.18.0.1"}]},
]
ROUTES = [
    {"dst": "default", "gateway": "10.2.0.1", "dev": "eth0"},
    {"dst": "198.18.128.0/24", "gateway": "198.18.0.2", "dev": "okm-mgmt"},
    {"dst": "10.9.0.0/16", "nexthops": [{"gateway": "10.3.0.1", "dev": "eth1"}]},
]
SETTINGS = """
config:
  oke-mesh:clusters:
    a: {vcnCidr: 10.0.0.0/16}
    b: {vcnCidr: 10.1.0.0/16}
    c: {vcnCidr: nonsense}
"""


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with an address, two gateways and a name server in 10.0.0.0/8."""
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("search x\nnameserver 10.4.0.53\nnameserver fe80::1%eth0\n")
    answers = f"{json.dumps(LINKS)}\n{json.dumps(ROUTES)}\n"
    monkeypatch.setattr(private, "execute", lambda *_: answers)
    monkeypatch.setattr(private, "_RESOLVERS", (resolver, tmp_path / "none"))


def vcn(*cidrs: str) -> Vcn:
    return Vcn(id="v", region="r", cidrs=cidrs, subnets=())


def refused(*vcns: Vcn, own: private.Own) -> set[str | None]:
    fabric = Fabric()
    refuse_private_ranges(fabric, vcns, own)
    return {rule.destination for rule in fabric.namespace("").rules if rule.table is None}


@pytest.mark.usefixtures("machine")
def test_the_machine_needs_its_addresses_gateways_and_name_servers() -> None:
    assert own_addresses() == {
        IPv4Address("10.1.0.7"): "its address on eth0",
        IPv4Address("10.2.0.1"): "its gateway",
        IPv4Address("10.3.0.1"): "its gateway",
        IPv4Address("10.4.0.53"): "its name server",
    }


def test_every_range_of_every_vcn_is_refused() -> None:
    assert refused(vcn("10.0.0.0/16", "10.5.0.0/24"), vcn("10.1.0.0/16"), own={}) == {
        "10.0.0.0/16",
        "10.5.0.0/24",
        "10.1.0.0/16",
    }


def test_a_range_with_something_of_the_machine_s_own_is_left_alone() -> None:
    own = {IPv4Address("10.1.255.255"): "its gateway"}
    assert refused(vcn("10.0.0.0/16"), vcn("10.1.0.0/16"), own=own) == {"10.0.0.0/16"}
    assert held([IPv4Network("10.1.0.0/16")], own) == {
        IPv4Network("10.1.0.0/16"): "its gateway 10.1.255.255"
    }


def test_the_machine_s_own_networks_are_asked_first_and_its_default_route_is_not() -> None:
    fabric = Fabric()
    refuse_private_ranges(fabric, [vcn("10.0.0.0/16")], {})
    first, second = sorted(fabric.namespace("").rules, key=lambda rule: rule.priority)
    own = Rule(priority=32000, table="main", interface="lo", destination="10.0.0.0/16")
    assert first == replace(own, suppress=0)
    assert second == replace(own, priority=32001, table=None)


@pytest.mark.usefixtures("machine")
def test_a_range_that_is_left_alone_is_told_with_its_cluster_and_the_reason() -> None:
    (told,) = preflight.private_ranges(SETTINGS)
    assert told == (
        "Pulumi.lab.yaml: clusters.b.vcnCidr: this machine has its address on eth0 10.1.0.7 in "
        "it, got 10.1.0.0/16; what it sends to the lab's private addresses there leaves it; "
        "another range is refused at once"
    )


@pytest.mark.parametrize("settings", ["", "config: {}", "{", "config: {oke-mesh:clusters: }"])
def test_settings_without_ranges_have_nothing_to_tell(settings: str) -> None:
    assert list(preflight.private_ranges(settings)) == []
