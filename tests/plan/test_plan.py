"""What each topology comes to."""

from ipaddress import IPv4Network

import pytest

from components.plan.plan import RegionPair, SecretPair
from components.settings.clusters import SubnetRole
from tests.support.documents import COMPARTMENT, cluster, flannel, member, plan

FLAT = {"clusters__primary__network": "flat", "clusters__secondary__network": "flat"}
REMOTE = {"clusters__secondary": flannel(1, role="remote", primary="primary")}
THREE_IN_TWO_REGIONS = {"clusters__third": cluster(2, region="us-sanjose-1")}
ACCESS = {"access__cluster": "primary"}


def pairs(found: tuple[SecretPair, ...]) -> set[str]:
    return {f"{pair.source} to {pair.reader}" for pair in found}


def test_primaries_read_each_other() -> None:
    assert pairs(plan().secret_pairs) == {"primary to secondary", "secondary to primary"}


def test_a_remote_reads_nobody() -> None:
    assert pairs(plan(**REMOTE).secret_pairs) == {"secondary to primary"}


def test_every_primary_reads_every_remote() -> None:
    mixed = plan(clusters__third=cluster(2, role="remote", primary="primary"))
    assert pairs(mixed.secret_pairs) == {
        "primary to secondary",
        "secondary to primary",
        "third to primary",
        "third to secondary",
    }


def test_a_primary_knows_its_remotes_and_a_remote_its_primary() -> None:
    primary, remote = plan(**REMOTE).members.values()
    assert (primary.remotes, primary.primary, primary.serves_remotes) == (
        ("secondary",),
        "primary",
        True,
    )
    assert (remote.remotes, remote.primary, remote.serves_remotes) == ((), "primary", False)


def test_different_networks_need_a_gateway_on_each_side() -> None:
    assert [m.needs_east_west for m in plan().members.values()] == [True, True]


def test_one_network_needs_no_gateway() -> None:
    assert [m.needs_east_west for m in plan(**FLAT).members.values()] == [False, False]


def test_one_network_with_a_remote_needs_the_gateway_of_its_primary() -> None:
    members = plan(
        clusters__primary__network="flat",
        clusters__secondary=cluster(1, network="flat", role="remote", primary="primary"),
    ).members
    assert {key: m.needs_east_west for key, m in members.items()} == {
        "primary": True,
        "secondary": False,
    }


def test_one_cluster_alone_needs_no_gateway() -> None:
    assert member("only", clusters={"only": cluster(0)}).needs_east_west is False


def test_clusters_of_one_network_are_listed_together() -> None:
    assert plan(**FLAT, **THREE_IN_TWO_REGIONS).networks == {
        "flat": ("primary", "secondary"),
        "third-network": ("third",),
    }


def test_a_member_knows_who_shares_its_network() -> None:
    members = plan(**FLAT, **THREE_IN_TWO_REGIONS).members
    assert {key: m.same_network for key, m in members.items()} == {
        "primary": ("secondary",),
        "secondary": ("primary",),
        "third": (),
    }


def test_two_regions_are_joined_once() -> None:
    assert plan(**THREE_IN_TWO_REGIONS).region_pairs == (
        RegionPair(acceptor="us-chicago-1", requestor="us-sanjose-1"),
    )


def test_three_regions_are_joined_each_with_each() -> None:
    assert [pair.key for pair in plan(clusters__third=cluster(2)).region_pairs] == [
        "us-ashburn-1_us-chicago-1",
        "us-ashburn-1_us-sanjose-1",
        "us-chicago-1_us-sanjose-1",
    ]


def test_one_region_is_joined_with_nothing() -> None:
    assert plan(clusters__secondary__region="us-sanjose-1").region_pairs == ()


def test_a_disabled_cluster_has_no_part() -> None:
    without = plan(clusters__secondary__enabled=False)
    assert (list(without.members), without.regions, without.secret_pairs) == (
        ["primary"],
        ("us-sanjose-1",),
        (),
    )


def test_a_compartment_of_the_cluster_goes_before_the_common_one() -> None:
    own = "ocid1.compartment.oc1..own"
    members = plan(clusters__primary__compartmentId=own).members
    assert {key: m.compartment_id for key, m in members.items()} == {
        "primary": own,
        "secondary": COMPARTMENT,
    }


def test_a_drg_that_is_given_belongs_to_its_region() -> None:
    drg = "ocid1.drg.oc1..own"
    assert plan(clusters__primary__existing={"drgId": drg}).drg_ids == {"us-sanjose-1": drg}


def test_regions_that_are_joined_already_get_no_peering() -> None:
    drgs = {
        f"clusters__{key}__existing": {"drgId": f"ocid1.drg.oc1.{region}.hub"}
        for key, region in (("primary", "us-sanjose-1"), ("secondary", "us-chicago-1"))
    }
    found = plan(backbone="none", **drgs)
    assert (found.region_pairs, len(found.regions)) == ((), 2)


def test_the_operator_host_is_in_one_cluster() -> None:
    members = plan(**ACCESS).members
    assert {key: m.has_operator for key, m in members.items()} == {
        "primary": True,
        "secondary": False,
    }
    assert SubnetRole.OPERATOR in members["primary"].subnets
    assert SubnetRole.OPERATOR not in members["secondary"].subnets


def test_peers_see_pods_of_flannel_as_their_nodes() -> None:
    assert member(clusters__primary=flannel(0)).pod_source is SubnetRole.WORKERS


def test_peers_see_vcn_native_pods_as_they_are() -> None:
    assert member().pod_source is SubnetRole.PODS


@pytest.mark.parametrize(("endpoint", "is_public"), [("public", True), ("private", False)])
def test_a_member_says_whether_its_endpoint_is_public(endpoint: str, is_public: bool) -> None:
    assert member(clusters__primary__endpoint=endpoint).has_public_endpoint is is_public


def test_one_private_endpoint_is_enough_to_need_a_tunnel() -> None:
    assert plan().has_private_endpoints is False
    assert plan(clusters__secondary__endpoint="private").has_private_endpoints is True


def test_a_chosen_range_takes_the_place_of_the_computed_one() -> None:
    subnets = member(clusters__primary__subnets__api="10.0.32.0/28").subnets
    assert subnets[SubnetRole.API] == IPv4Network("10.0.32.0/28")


def test_the_order_of_entries_does_not_matter() -> None:
    entries = {"a": cluster(0), "b": cluster(1), "c": cluster(2)}
    backwards = dict(reversed(entries.items()))
    assert plan(clusters=entries) == plan(clusters=backwards)
