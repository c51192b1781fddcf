"""The difference between what is and what should be, as commands."""

from __future__ import annotations

import json

import pytest

from lab.hosts.addresses import mac_address
from lab.hosts.changes import creations, forwarding, link_setup, removals, routing
from lab.hosts.fabric import End, Fabric, Link, Namespace, Neighbor, Route, Rule
from lab.hosts.seen import Seen, parse


def link(name: str, *addresses: str, flags: tuple[str, ...] = ("UP",)) -> dict[str, object]:
    """An interface as `ip -j addr` tells of it."""
    info = [dict(zip(("local", "prefixlen"), a.split("/"), strict=True)) for a in addresses]
    return {"ifname": name, "flags": list(flags), "addr_info": info}


def answers(*documents: list[dict[str, object]]) -> str:
    """What `ip -j -batch` prints."""
    return "\n".join(json.dumps(document) for document in documents)


def seen(**known: list[dict[str, object]]) -> Seen:
    return parse("okm-x", answers(*(known.get(k, []) for k in ("links", "routes", "rules"))))


def two_ends() -> Fabric:
    fabric = Fabric()
    fabric.cable(End("okm-a", "eth0", ("10.0.0.5/24",)), End("okm-b", "v-0", master="s-0"))
    return fabric


def test_a_missing_cable_is_made_once() -> None:
    (command,) = creations(two_ends(), {"okm-a": Seen(), "okm-b": Seen()})
    near, far = mac_address("okm-a", "eth0"), mac_address("okm-b", "v-0")
    line = (
        f"link add name eth0 netns okm-a address {near} type veth "
        f"peer name v-0 netns okm-b address {far}"
    )
    assert command == ("", line)


def test_a_cable_of_which_one_end_is_left_is_taken_away() -> None:
    state = {"okm-a": Seen(), "okm-b": seen(links=[link("v-00000000")])}
    state["okm-b"].links["v-0"] = "s-0"
    del state["okm-b"].links["v-00000000"]
    assert removals(two_ends(), state) == [("okm-b", "link del v-0")]


def test_a_link_that_nobody_wants_is_taken_away() -> None:
    state = seen(links=[link("lo"), link("s-01234567")])
    assert removals(Fabric({"okm-x": Namespace()}), {"okm-x": state}) == [
        ("okm-x", "link del s-01234567")
    ]


def test_links_of_pods_are_not_seen() -> None:
    assert seen(links=[link("veth1234abcd"), link("eth0")]).links == {"eth0": None}


def test_in_the_machine_s_own_namespace_only_the_management_link_is_seen() -> None:
    found = parse("", answers([link("eth0"), link("okm-mgmt")], [], []))
    assert set(found.links) == {"okm-mgmt"}


def test_a_link_that_is_as_it_should_be_needs_nothing() -> None:
    space = Namespace(links={"eth0": Link(name="eth0", addresses=("10.0.0.5/24",))})
    state = seen(links=[link("lo"), link("eth0", "10.0.0.5/24")])
    assert list(link_setup(space, state)) == []


def test_a_changed_address_replaces_the_old_one() -> None:
    space = Namespace(links={"eth0": Link(name="eth0", addresses=("10.0.0.6/24",))})
    state = seen(links=[link("lo"), link("eth0", "10.0.0.5/24")])
    assert list(link_setup(space, state)) == [
        "addr del 10.0.0.5/24 dev eth0",
        "addr add 10.0.0.6/24 dev eth0",
    ]


def test_a_new_link_gets_its_bridge_its_address_and_is_raised() -> None:
    space = Namespace(links={"v": Link(name="v", master="s", addresses=("fe80::1/64",))})
    assert list(link_setup(space, seen(links=[link("lo")]))) == [
        "link set v master s",
        "addr add fe80::1/64 dev v nodad",
        "link set v up",
    ]


@pytest.mark.parametrize(
    ("route", "line"),
    [
        (
            Route("10.0.0.0/8", "drg0", via="fe80::1", table="7"),
            "route replace 10.0.0.0/8 via inet6 fe80::1 dev drg0 table 7 proto 77",
        ),
        (Route("10.0.0.0/8", None), "route replace blackhole 10.0.0.0/8 table main proto 77"),
        (
            Route("0.0.0.0/0", "eth1", via="10.0.0.1", is_onlink=True, source="10.0.0.9"),
            "route replace 0.0.0.0/0 via 10.0.0.1 dev eth1 src 10.0.0.9 onlink table main proto 77",
        ),
    ],
    ids=["link-local hop", "dropped", "on link"],
)
def test_a_route_is_one_line(route: Route, line: str) -> None:
    space = Namespace()
    space.add_route(route)
    assert list(routing(space, Seen())) == [line]


def test_only_the_lab_s_own_routes_are_taken_away() -> None:
    state = seen(
        routes=[
            {"dst": "default", "dev": "eth0", "protocol": "77", "table": "9"},
            {"dst": "10.1.0.7", "dev": "veth1", "protocol": "boot"},
        ]
    )
    assert list(routing(Namespace(), state)) == ["route del 0.0.0.0/0 table 9 proto 77"]


def test_rules_are_compared_and_changed() -> None:
    own = {"protocol": "77"}
    kept = {"priority": 500, "src": "all", "table": "main", **own}
    old = {"priority": 600, "src": "10.0.0.0", "srclen": 24, "table": "200", "iif": "eth1", **own}
    foreign = {"priority": 32766, "src": "all", "table": "main"}
    space = Namespace(
        rules={
            Rule(priority=500, table="main"),
            Rule(priority=501, table="main", source="10.0.0.0/24", suppress=31),
        }
    )
    assert list(routing(space, seen(rules=[kept, old, foreign]))) == [
        "rule add priority 501 from 10.0.0.0/24 lookup main suppress_prefixlength 31 protocol 77",
        "rule del priority 600 from 10.0.0.0/24 iif eth1 lookup 200 protocol 77",
    ]


def test_a_range_that_is_refused_is_a_rule_without_a_table() -> None:
    refused = Rule(priority=9, table=None, interface="lo", destination="10.1.0.0/16")
    (line,) = routing(Namespace(rules={refused}), Seen())
    assert line == "rule add priority 9 from all to 10.1.0.0/16 iif lo unreachable protocol 77"
    told = {"priority": 9, "src": "all", "dst": "10.1.0.0", "dstlen": 16, "iif": "lo"}
    more = {"action": "unreachable", "protocol": "77"}
    assert seen(rules=[{**told, **more}]).rules == {refused}


def test_a_neighbor_of_the_overlay_is_fixed_on_both_layers() -> None:
    peer = Neighbor(device="flannel.1", address="10.244.1.0", mac="02:00", endpoint="10.0.0.6")
    space = Namespace(neighbors={peer})
    assert [*routing(space, Seen()), *forwarding(space)] == [
        "neigh replace 10.244.1.0 lladdr 02:00 dev flannel.1 nud permanent",
        "fdb replace 02:00 dev flannel.1 dst 10.0.0.6",
    ]
