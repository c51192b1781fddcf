"""What the network of two regions carries, and what breaks it; packets are real."""

from __future__ import annotations

import errno
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from lab.hosts import Hosts
from lab.hosts.kernel import execute, run_batch
from lab.hosts.namespace import write_settings
from lab.hosts.spec import (
    Direction,
    Drg,
    Estate,
    FirewallRule,
    Listener,
    LoadBalancer,
    Peering,
    Target,
    Vnic,
)
from lab.paths import LabPaths
from tests.lab.hosts_kit import (
    OPEN,
    PORT,
    ask,
    echoes,
    host,
    open_line,
    rule,
    serving,
    space,
    two_regions,
    vcn,
    with_rules,
    without_routes,
)

pytestmark = pytest.mark.lab

A, B = "10.10.1.5", "10.20.1.5"
PUBLIC = "10.10.0.5"
STRANGER = "198.18.127.1"


@pytest.fixture
def estate(hosts: Hosts) -> Estate:
    made = two_regions()
    hosts.apply(made)
    return made


def reply_of_b(hosts: Hosts, estate: Estate) -> str | None:
    """What `a`'s private host hears from `b`'s."""
    hosts.apply(estate)
    with serving(space(B), B):
        return ask(space(A), B)


def test_hosts_of_two_regions_reach_each_other_without_translation(
    hosts: Hosts, estate: Estate
) -> None:
    assert reply_of_b(hosts, estate) == f"host {A}"


def test_no_packet_crosses_without_the_peering(hosts: Hosts, estate: Estate) -> None:
    assert reply_of_b(hosts, replace(estate, peerings=())) is None


@pytest.mark.parametrize("subnet", ["a-private", "b-private"])
def test_each_side_needs_its_route_rule(hosts: Hosts, estate: Estate, subnet: str) -> None:
    assert reply_of_b(hosts, without_routes(estate, subnet, Target.DRG)) is None


def test_a_route_to_a_drg_that_is_not_attached_drops_what_it_matches(
    hosts: Hosts, estate: Estate
) -> None:
    vcns = tuple(replace(v, drg_id=None) if v.id == "vcn-a" else v for v in estate.vcns)
    assert reply_of_b(hosts, replace(estate, vcns=vcns)) is None


def test_a_host_without_an_ingress_rule_is_not_reached(hosts: Hosts, estate: Estate) -> None:
    assert reply_of_b(hosts, with_rules(estate, B, (rule(Direction.EGRESS),))) is None


def test_a_host_without_an_egress_rule_reaches_nothing(hosts: Hosts, estate: Estate) -> None:
    assert reply_of_b(hosts, with_rules(estate, A, (rule(Direction.INGRESS),))) is None


def test_answers_pass_without_a_rule_of_their_own(hosts: Hosts, estate: Estate) -> None:
    narrow = with_rules(estate, A, (rule(Direction.EGRESS, port=PORT),))
    narrow = with_rules(narrow, B, (rule(Direction.INGRESS, port=PORT, peer=f"{A}/32"),))
    assert reply_of_b(hosts, narrow) == f"host {A}"


def test_a_stateless_rule_lets_no_answer_pass(hosts: Hosts, estate: Estate) -> None:
    one_way = replace(rule(Direction.INGRESS), stateless=True)
    assert reply_of_b(hosts, with_rules(estate, B, (one_way,))) is None


@pytest.mark.parametrize(
    "narrow",
    [rule(Direction.INGRESS, port=PORT + 1), rule(Direction.INGRESS, peer="10.30.0.0/16")],
    ids=["port", "peer"],
)
def test_a_rule_allows_only_its_own_port_and_peers(
    hosts: Hosts, estate: Estate, narrow: FirewallRule
) -> None:
    rules = (narrow, rule(Direction.EGRESS))
    assert reply_of_b(hosts, with_rules(estate, B, rules)) is None


def test_a_region_in_the_middle_gives_no_transit(hosts: Hosts, estate: Estate) -> None:
    third = replace(
        estate,
        vcns=(vcn("a", 10, (20, 30)), vcn("b", 20, (10, 30)), vcn("c", 30, (10, 20))),
        drgs=(*estate.drgs, Drg(id="drg-c", region="c")),
        peerings=(*estate.peerings, Peering(drg_ids=("drg-c", "drg-b"))),
        instances=(*estate.instances, host("c-private", "10.30.1.5")),
    )
    hosts.apply(third)
    with serving(space("10.30.1.5"), "10.30.1.5"):
        heard = {A: ask(space(A), "10.30.1.5"), B: ask(space(B), "10.30.1.5")}
    assert heard == {A: None, B: f"host {B}"}


def test_the_machine_reaches_a_public_address_as_a_stranger(hosts: Hosts, estate: Estate) -> None:
    with serving(space(PUBLIC), PUBLIC):
        assert ask("", "198.18.128.10") == f"host {STRANGER}"


def test_a_public_address_obeys_the_firewall(hosts: Hosts, estate: Estate) -> None:
    hosts.apply(with_rules(estate, PUBLIC, (rule(Direction.INGRESS, peer="192.0.2.0/24"),)))
    with serving(space(PUBLIC), PUBLIC):
        assert ask("", "198.18.128.10") is None


def test_a_public_address_needs_a_route_to_the_internet_gateway(
    hosts: Hosts, estate: Estate
) -> None:
    hosts.apply(without_routes(estate, "a-public", Target.INTERNET))
    with serving(space(PUBLIC), PUBLIC):
        assert ask("", "198.18.128.10") is None


def test_a_private_host_goes_out_under_its_vcn_s_nat_address(hosts: Hosts, estate: Estate) -> None:
    with serving(space(PUBLIC), PUBLIC):
        assert ask(space(B), "198.18.128.10") == "host 198.19.0.2"


def test_a_private_host_needs_a_route_to_the_nat_gateway(hosts: Hosts, estate: Estate) -> None:
    hosts.apply(without_routes(estate, "b-private", Target.NAT))
    with serving(space(PUBLIC), PUBLIC):
        assert ask(space(B), "198.18.128.10") is None


def test_a_host_behind_the_internet_gateway_needs_a_public_address(
    hosts: Hosts, estate: Estate
) -> None:
    bare = host("b-public", "10.20.0.6")
    hosts.apply(replace(estate, instances=(*estate.instances, bare)))
    with serving(space(PUBLIC), PUBLIC):
        heard = ask(space("10.20.0.6"), "198.18.128.10"), ask(space("10.20.0.5"), "198.18.128.10")
    assert heard == (None, "host 198.18.128.20")


def test_the_management_address_is_reached_whatever_the_rules(hosts: Hosts, estate: Estate) -> None:
    hosts.apply(with_rules(without_routes(estate, "b-private", Target.NAT), B, ()))
    with serving("", "198.18.0.1"):
        assert ask(space(B), "198.18.0.1") == "host 198.19.0.2"


def test_a_second_apply_does_not_disturb_an_open_connection(hosts: Hosts, estate: Estate) -> None:
    with serving(space(B), B), open_line(space(A), B) as line:
        hosts.apply(estate)
        assert echoes(line)


def test_another_run_takes_over_the_networks_of_the_first(
    hosts: Hosts, estate: Estate, tmp_path: Path
) -> None:
    with serving(space(B), B), open_line(space(A), B) as line:
        Hosts(LabPaths(root=tmp_path, cache=tmp_path)).apply(estate)
        assert echoes(line)


def balanced(estate: Estate, *, backends: tuple[str, ...]) -> tuple[Estate, LoadBalancer]:
    """The estate with a public load balancer in `a` before servers on the backends."""
    balancer = LoadBalancer(
        id="lb",
        vnic=Vnic(
            subnet_id="a-public", private_ip="10.10.0.9", rules=OPEN, public_ip="198.18.128.99"
        ),
        listeners=(
            Listener(
                name="tcp",
                port=80,
                backends=tuple((address, PORT) for address in backends),
                health_port=PORT,
                health_path=None,
            ),
        ),
    )
    return replace(estate, load_balancers=(balancer,)), balancer


def await_health(hosts: Hosts, expected: dict[tuple[str, int], bool]) -> None:
    """Waits for the checks to say so; they run every second."""
    hosts.await_health("lb", {"tcp": expected}, seconds=15)


def test_a_load_balancer_takes_its_backends_in_turn_and_hides_the_client(
    hosts: Hosts, estate: Estate
) -> None:
    wanted, _ = balanced(estate, backends=(A, PUBLIC))
    with serving(space(A), A, name="first"), serving(space(PUBLIC), PUBLIC, name="second"):
        hosts.apply(wanted)
        await_health(hosts, {(A, PORT): True, (PUBLIC, PORT): True})
        heard = sorted(ask("", "198.18.128.99", 80) or "nothing" for _ in range(4))
    assert heard == ["first 10.10.0.9"] * 2 + ["second 10.10.0.9"] * 2


def test_a_load_balancer_leaves_out_a_backend_that_fails_its_check(
    hosts: Hosts, estate: Estate
) -> None:
    wanted, _ = balanced(estate, backends=(A, PUBLIC))
    with serving(space(PUBLIC), PUBLIC, name="second"):
        with serving(space(A), A, name="first"):
            hosts.apply(wanted)
            await_health(hosts, {(A, PORT): True, (PUBLIC, PORT): True})
        await_health(hosts, {(A, PORT): False, (PUBLIC, PORT): True})
        heard = {ask("", "198.18.128.99", 80) for _ in range(4)}
    assert heard == {"second 10.10.0.9"}


def test_a_load_balancer_needs_the_backend_s_rule(hosts: Hosts, estate: Estate) -> None:
    wanted, _ = balanced(estate, backends=(A, PUBLIC))
    closed = with_rules(wanted, A, (rule(Direction.EGRESS),))
    with serving(space(A), A, name="first"), serving(space(PUBLIC), PUBLIC, name="second"):
        hosts.apply(closed)
        await_health(hosts, {(A, PORT): False, (PUBLIC, PORT): True})
        assert ask("", "198.18.128.99", 80) == "second 10.10.0.9"


def connect_errno(address: str) -> int:
    """What the kernel says to a connection of the machine's own, without waiting for anyone."""
    with socket.socket() as client:
        client.setblocking(False)
        return client.connect_ex((address, PORT))


def test_from_the_machine_a_private_address_is_unreachable_at_once(
    hosts: Hosts, estate: Estate
) -> None:
    beyond = "10.30.0.5"  # of no VCN: it is for the machine's own network to say
    before = connect_errno(beyond)
    assert [connect_errno(x) for x in (A, B, PUBLIC)] == [errno.ENETUNREACH] * 3
    hosts.apply(replace(estate, vcns=estate.vcns[:1], peerings=(), instances=()))
    assert [connect_errno(A), connect_errno(B)] == [errno.ENETUNREACH, before]
    hosts.clear()
    assert connect_errno(A) == before


def test_a_network_of_the_machine_s_own_stays_reachable_in_a_vcn_s_range(
    hosts: Hosts, estate: Estate
) -> None:
    """A VPN may come up later, with routes that are more than a default."""
    run_batch([("", "route add 10.10.1.0/24 dev lo")])
    try:
        hosts.apply(estate)
        assert connect_errno(A) != errno.ENETUNREACH
        assert connect_errno(PUBLIC) == errno.ENETUNREACH
    finally:
        run_batch([("", "route del 10.10.1.0/24 dev lo")])


def test_packets_that_the_machine_forwards_are_not_the_lab_s_business(
    hosts: Hosts, estate: Estate
) -> None:
    hosts.apply(estate)
    run_batch([("", "link add name t-in type bridge")])
    try:
        run_batch([("", "link set t-in up"), ("", "addr add 192.0.2.193/28 dev t-in")])
        write_settings("", {"ipv4/conf/t-in/forwarding": "1"})
        to = ["ip", "route", "get", A]
        assert execute([*to, "from", "192.0.2.200", "iif", "t-in"]).startswith(f"{A} from")
        assert execute(to, forgiving=True) == ""
    finally:
        run_batch([("", "link del t-in")])


def test_clearing_leaves_no_namespace_no_link_and_no_rule(hosts: Hosts, estate: Estate) -> None:
    hosts.clear()
    left = [p.name for p in Path("/run/netns").glob("okm-*")]
    left += [p.name for p in Path("/sys/class/net").glob("okm-*")]
    left += [line for line in execute(["ip", "rule"]).splitlines() if "proto 77" in line]
    assert left == []
