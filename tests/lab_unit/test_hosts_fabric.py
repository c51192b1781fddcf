"""The networks that builders plan for an estate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.hosts.addresses import INTERNET, allocate, dns_address, link_name, namespace_name
from lab.hosts.fabric import Fabric, Namespace, Route, Rule
from lab.hosts.layout import Numbers, build_fabric
from lab.hosts.network import translation_body
from lab.hosts.node_network import node_slice
from lab.hosts.numbers import flatten, update
from lab.hosts.spec import (
    ControlPlane,
    Drg,
    Estate,
    Node,
    Peering,
    RouteRule,
    Subnet,
    Target,
    Vcn,
    Vnic,
)

ANY = "0.0.0.0/0"
NUMBERS = Numbers({"vcn-a": 0, "vcn-b": 1, "vcn-c": 2}, {"n1": 0, "n2": 1})


def vcn(key: str, number: int, *routes: RouteRule) -> Vcn:
    subnets = tuple(
        Subnet(id=f"{key}-{name}", cidr=f"10.{number}.{index}.0/24", routes=routes)
        for index, name in enumerate(("nodes", "pods"))
    )
    return Vcn(
        id=f"vcn-{key}",
        region=key,
        cidrs=(f"10.{number}.0.0/16",),
        subnets=subnets,
        drg_id=f"drg-{key}",
    )


def node(name: str, number: int, *, pods: str | None = None) -> Node:
    pod_vnic = Vnic(subnet_id="a-pods", private_ip="10.10.1.4", rules=())
    return Node(
        id=name,
        name=name,
        cluster_id="cluster",
        vnic=Vnic(subnet_id="a-nodes", private_ip=f"10.10.0.{number}", rules=()),
        pod_vnic=pod_vnic if pods else None,
        pod_range=pods,
    )


def estate(*nodes: Node) -> Estate:
    cluster = ControlPlane(
        id="cluster",
        name="cluster",
        vnic=Vnic(subnet_id="a-nodes", private_ip="10.10.0.2", rules=()),
        pods_cidr="10.244.0.0/16",
        services_cidr="10.96.0.0/16",
        kubernetes_version="v1.36.3",
        vcn_native=False,
        webhook_url="",
        webhook_ca_pem="",
    )
    return Estate(
        vcns=(vcn("a", 10), vcn("b", 20), vcn("c", 30)),
        drgs=tuple(Drg(id=f"drg-{key}", region=key) for key in "abc"),
        peerings=(Peering(drg_ids=("drg-b", "drg-a")), Peering(drg_ids=("drg-b", "drg-c"))),
        control_planes=(cluster,),
        nodes=nodes,
    )


def space(fabric: Fabric, kind: str, identity: str) -> Namespace:
    return fabric.namespaces[namespace_name(kind, identity)]


def routes(namespace: Namespace, table: str | None) -> dict[str, str | None]:
    """Destination and device of one table."""
    return {r.destination: r.device for r in namespace.routes.values() if r.table == table}


def test_every_link_of_a_cable_names_the_other_end() -> None:
    fabric = build_fabric(estate(node("n1", 5)), NUMBERS)
    ends = {
        (name, link.name): link.peer
        for name, found in fabric.namespaces.items()
        for link in found.links.values()
        if link.peer is not None
    }
    assert {end: ends.get(peer) for end, peer in ends.items()} == {end: end for end in ends}


def test_every_link_name_fits_the_kernel() -> None:
    fabric = build_fabric(estate(node("n1", 5)), NUMBERS)
    names = [name for found in fabric.namespaces.values() for name in found.links]
    assert [name for name in names if len(name) > 15] == []


def test_a_drg_knows_its_own_vcns_and_those_of_its_peers_only() -> None:
    found = space(build_fabric(estate(), NUMBERS), "drg", "drg-a")
    attachment = link_name("a", "drg-a", "vcn-a")
    peering = link_name("r", "drg-a", "drg-b")
    assert routes(found, "main") == {"10.10.0.0/16": attachment}
    assert routes(found, "200") == {"10.20.0.0/16": peering}


def test_only_packets_from_a_vcn_see_what_peers_announce() -> None:
    found = space(build_fabric(estate(), NUMBERS), "drg", "drg-b")
    attachment = link_name("a", "drg-b", "vcn-b")
    assert found.rules == {
        Rule(priority=500, table="main"),
        Rule(priority=1000, table="200", interface=attachment),
    }


def test_a_peering_of_a_drg_that_is_gone_is_no_link() -> None:
    alone = replace(estate(), drgs=(Drg(id="drg-a", region="a"),))
    found = space(build_fabric(alone, NUMBERS), "drg", "drg-a")
    assert set(found.links) == {link_name("a", "drg-a", "vcn-a")}


def test_a_subnet_s_rules_are_a_table_of_its_own() -> None:
    rules = (
        RouteRule(destination=ANY, target=Target.NAT),
        RouteRule(destination="10.20.0.0/16", target=Target.DRG),
    )
    made = replace(estate(), vcns=(vcn("a", 10, *rules),))
    found = space(build_fabric(made, NUMBERS), "vcn", "vcn-a")
    bridge = link_name("s", "a-nodes")
    table = next(r.table for r in found.rules if r.interface == bridge)
    assert routes(found, table) == {ANY: "up0", "10.20.0.0/16": "drg0"}


def test_a_route_to_a_drg_without_an_attachment_drops_the_packet() -> None:
    to_drg = RouteRule(destination="10.20.0.0/16", target=Target.DRG)
    made = replace(estate(), vcns=(replace(vcn("a", 10, to_drg), drg_id=None),))
    found = space(build_fabric(made, NUMBERS), "vcn", "vcn-a")
    assert {r.device for r in found.routes.values() if r.destination == "10.20.0.0/16"} == {None}


def test_the_gateways_translate_only_where_a_route_rule_leads_to_them() -> None:
    rules = (
        RouteRule(destination=ANY, target=Target.INTERNET),
        RouteRule(destination="134.70.0.0/16", target=Target.SERVICE),
    )
    body = translation_body(vcn("a", 10, *rules), "198.19.0.1", {"10.10.0.9": "198.18.128.9"})
    assert [line for line in body.splitlines() if "nat to" in line] == [
        'iifname "up0" ip daddr 198.18.128.9 dnat to 10.10.0.9',
        "ip daddr 198.18.0.1 snat to 198.19.0.1",
        "ip saddr 10.10.0.0/24 ip daddr 134.70.0.0/16 snat to 198.19.0.1",
        "ip saddr 10.10.0.9 ip daddr 0.0.0.0/0 snat to 198.18.128.9",
        "ip saddr 10.10.1.0/24 ip daddr 134.70.0.0/16 snat to 198.19.0.1",
    ]


def test_private_hosts_go_out_under_the_address_of_their_nat_gateway() -> None:
    rules = (
        RouteRule(destination=ANY, target=Target.NAT),
        RouteRule(destination="134.70.0.0/16", target=Target.SERVICE),
    )
    behind = replace(vcn("a", 10, *rules), nat_address="198.18.128.7")
    body = translation_body(behind, "198.19.0.1", {})
    assert "ip saddr 10.10.0.0/24 ip daddr 0.0.0.0/0 snat to 198.18.128.7" in body
    assert "ip saddr 10.10.0.0/24 ip daddr 134.70.0.0/16 snat to 198.19.0.1" in body
    assert 'oifname "up0" ip saddr != { 198.19.0.1, 198.18.128.7 } counter drop' in body


def test_the_address_of_a_nat_gateway_leads_to_its_vcn() -> None:
    behind = replace(vcn("a", 10), nat_address="198.18.128.7")
    fabric = build_fabric(replace(estate(), vcns=(behind,)), NUMBERS)
    assert "198.18.128.7/32" in {r.destination for r in fabric.namespace(INTERNET).routes.values()}


def test_no_private_address_leaves_by_the_internet_gateway() -> None:
    body = translation_body(vcn("a", 10), "198.19.0.1", {"10.10.0.9": "198.18.128.9"})
    assert 'oifname "up0" ip saddr != { 198.19.0.1, 198.18.128.9 } counter drop' in body


def test_a_native_node_keeps_its_pods_on_their_vnic() -> None:
    found = space(build_fabric(estate(node("n1", 5, pods="10.10.1.32/27")), NUMBERS), "node", "n1")
    assert routes(found, "200") == {"10.10.1.0/24": "eth1", ANY: "eth1"}
    assert Rule(priority=601, table="200", source="10.10.1.32/27") in found.rules


def test_local_pods_come_before_the_vnic_s_routes() -> None:
    found = space(build_fabric(estate(node("n1", 5, pods="10.10.1.32/27")), NUMBERS), "node", "n1")
    assert Rule(priority=501, table="main", source="10.10.1.32/27", suppress=31) in found.rules


def test_an_overlay_node_knows_the_way_to_every_other_node() -> None:
    found = space(build_fabric(estate(node("n1", 5), node("n2", 6)), NUMBERS), "node", "n1")
    assert found.routes["main", "10.244.1.0/24"] == Route(
        "10.244.1.0/24", "flannel.1", via="10.244.1.0", is_onlink=True
    )
    assert {n.endpoint for n in found.neighbors} == {"10.10.0.6"}


@pytest.mark.parametrize(
    ("cidr", "number", "expected"),
    [
        ("10.244.0.0/16", 3, "10.244.3.0/24"),
        ("10.244.0.0/22", 3, "10.244.0.192/26"),
        ("10.244.0.0/26", 1, "10.244.0.16/28"),
    ],
    ids=["usual", "small", "smallest"],
)
def test_nodes_share_the_pods_range(cidr: str, number: int, expected: str) -> None:
    assert node_slice(cidr, number) == expected


@pytest.mark.parametrize(
    ("cidr", "expected"),
    [("10.96.0.0/16", "10.96.5.5"), ("10.96.0.0/24", "10.96.0.10")],
    ids=["as OKE has it", "small range"],
)
def test_the_cluster_dns_has_its_place_in_the_services_range(cidr: str, expected: str) -> None:
    assert dns_address(cidr) == expected


def test_numbers_stay_and_are_given_again_only_when_free() -> None:
    assert allocate({"a": 0, "b": 1, "c": 2}, ["c", "a", "d", "e"]) == {
        "c": 2,
        "a": 0,
        "d": 1,
        "e": 3,
    }


def test_nodes_are_numbered_within_their_cluster() -> None:
    other = replace(node("n3", 7), cluster_id="other")
    groups = update({}, estate(node("n1", 5), node("n2", 6), other))
    assert flatten(groups).nodes == {"n1": 0, "n2": 1, "n3": 0}
