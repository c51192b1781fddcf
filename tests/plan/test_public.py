"""Who comes in through a public east-west gateway."""

from __future__ import annotations

from hypothesis import given, settings

from components.plan.firewall.public import public_gateway_rules
from components.plan.firewall.rule import ANYWHERE, EndpointAddress, NatAddress, Rule
from components.plan.plan import Plan
from components.settings.mesh import Exposure
from tests.plan.reachability import peers
from tests.plan.topologies import flat, mesh, multi_primary, plans, primary_remote
from tests.support import brought
from tests.support.documents import cluster, flannel

BROUGHT = {"vcnId": brought.VCN, "egressCidrs": ["192.0.2.9/32", "192.0.2.64/28"]}


def of(plan: Plan, key: str, east_west: Exposure = Exposure.PUBLIC) -> tuple[Rule, ...]:
    member = plan.members[key]
    return public_gateway_rules(member, peers(plan, member), east_west)


def told(plan: Plan, key: str) -> list[str]:
    """Return the rules of one member as text."""
    return [
        f"{caller(rule)} {'-'.join(map(str, dict.fromkeys(rule.traffic.ports or ())))}"
        for rule in of(plan, key)
    ]


def caller(rule: Rule) -> str:
    """Return whom a rule lets in: a cluster by its key, or a range."""
    match rule.side:
        case NatAddress(cluster=key):
            return key
        case EndpointAddress(cluster=key):
            return f"the API of {key}"
    return str(rule.side)


def test_pods_of_each_peer_come_in_by_the_address_of_its_nat_gateway() -> None:
    assert told(multi_primary(3), "a") == ["b 15443", "c 15443"]


def test_a_remote_with_a_private_endpoint_comes_in_by_one_address_for_everything() -> None:
    private = {"endpoint": "private", "allowedCidrs": []}
    plan = mesh(
        {
            "a": flannel(0, **private),
            "b": flannel(1, role="remote", primary="a", **private),
        },
        operator="a",
    )
    assert told(plan, "a") == ["b 15012-15443"]


def test_the_control_plane_behind_a_public_endpoint_calls_the_injector_from_there() -> None:
    assert told(primary_remote(), "a") == ["b 15012-15443", "the API of b 15017"]


def test_nobody_reaches_istiod_through_a_remote() -> None:
    assert told(primary_remote(), "b") == ["a 15443"]


def test_a_remote_on_the_network_of_its_primary_comes_for_istiod_alone() -> None:
    assert told(primary_remote(network="one"), "a") == ["b 15012-15017", "the API of b 15017"]


def test_a_peer_in_a_network_that_was_there_before_comes_from_where_the_settings_say() -> None:
    plan = mesh({"a": cluster(0), "b": cluster(1), "c": cluster(2, existing=BROUGHT)})
    assert told(plan, "a") == ["b 15443", "192.0.2.9/32 15443", "192.0.2.64/28 15443"]
    assert len({rule.slug for rule in of(plan, "a")}) == 3


def test_a_remote_in_a_network_that_was_there_before_comes_from_where_the_settings_say() -> None:
    remote = {"role": "remote", "primary": "a", "existing": BROUGHT}
    plan = mesh({"a": cluster(0), "b": cluster(1, **remote)})
    assert told(plan, "a") == [
        "192.0.2.9/32 15012-15443",
        "192.0.2.64/28 15012-15443",
        "the API of b 15017",
    ]


def test_internal_and_flat_meshes_have_no_rules_of_public_gateways() -> None:
    assert of(multi_primary(), "a", Exposure.INTERNAL) == ()
    assert of(flat(), "a") == ()


@settings(max_examples=40)
@given(plan=plans())
def test_a_peer_takes_at_most_two_rules_and_they_bear_its_name(plan: Plan) -> None:
    for key in plan.members:
        found = of(plan, key)
        for peer in plan.members:
            mine = [rule for rule in found if caller(rule) in (peer, f"the API of {peer}")]
            assert len(mine) <= 2
            assert all(peer in rule.sentence.split() for rule in mine)


@settings(max_examples=40)
@given(plan=plans())
def test_no_public_east_west_gateway_lets_in_the_world(plan: Plan) -> None:
    assert all(rule.side != ANYWHERE for key in plan.members for rule in of(plan, key))
