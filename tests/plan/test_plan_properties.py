"""What holds for every mesh of 1 to 30 clusters, whatever its topology."""

from itertools import combinations, pairwise, permutations
from typing import Any

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from components.config.parse import parse
from components.plan.plan import Member, Plan, build_plan
from components.settings.regions import KEYS
from components.settings.stack import Settings
from tests.support.documents import cluster, documents, flannel

REGIONS = sorted(KEYS)
# Thirty clusters take a while to check; the derandomized examples are the same in every run.
FEW = examples(max_examples=25)
# What a member says about others, which changes when others come and go.
RELATIONS = {"peers", "remotes", "same_network", "needs_east_west"}


@st.composite
def meshes(draw: st.DrawFn) -> dict[str, Any]:
    """Return the clusters of a legal mesh, with primaries, remotes, flat and separate networks."""
    count = draw(st.integers(1, 30))
    primaries = draw(st.integers(1, count))
    entries = {}
    for number in range(count):
        network = draw(st.sampled_from([None, None, "flat-1", "flat-2"]))
        make = flannel if network is None and draw(st.booleans()) else cluster
        role: dict[str, Any] = {}
        if number >= primaries:
            role = {"role": "remote", "primary": f"c{draw(st.integers(0, primaries - 1))}"}
        place = {"region": draw(st.sampled_from(REGIONS))}
        entries[f"c{number}"] = make(
            number, **place, **role, **({"network": network} if network else {})
        )
    return entries


def plan_of(entries: dict[str, Any]) -> Plan:
    return build_plan(Settings.model_validate(documents(clusters=entries)))


def own(member: Member) -> dict[str, Any]:
    """Return what a member says about itself."""
    names = set(Member.__slots__) - RELATIONS
    return {name: getattr(member, name) for name in names}


@FEW
@given(meshes())
def test_the_meshes_of_these_tests_break_no_rule(entries: dict[str, Any]) -> None:
    assert list(parse(documents(clusters=entries)).enabled_clusters) == sorted(entries)


@FEW
@given(meshes())
def test_each_pair_of_regions_is_joined_exactly_once(entries: dict[str, Any]) -> None:
    plan = plan_of(entries)
    joined = [{pair.acceptor, pair.requestor} for pair in plan.region_pairs]
    expected = [set(pair) for pair in combinations(plan.regions, 2)]
    assert sorted(map(sorted, joined)) == sorted(map(sorted, expected))


@FEW
@given(meshes())
def test_each_primary_reads_every_other_cluster_exactly_once(entries: dict[str, Any]) -> None:
    plan = plan_of(entries)
    read = [(pair.source, pair.reader) for pair in plan.secret_pairs]
    expected = [
        (source, reader)
        for source, reader in permutations(entries, 2)
        if entries[reader].get("role") != "remote"
    ]
    assert sorted(read) == sorted(expected)


@FEW
@given(meshes())
def test_no_remote_reads_anything(entries: dict[str, Any]) -> None:
    plan = plan_of(entries)
    readers = {plan.members[pair.reader].is_primary for pair in plan.secret_pairs}
    assert readers <= {True}


@FEW
@given(meshes())
def test_every_remote_is_served_by_exactly_one_primary(entries: dict[str, Any]) -> None:
    members = plan_of(entries).members
    for key, member in members.items():
        serving = [other for other, m in members.items() if key in m.remotes]
        assert serving == ([] if member.is_primary else [member.primary])


@FEW
@given(meshes())
def test_being_peers_and_sharing_a_network_are_mutual(entries: dict[str, Any]) -> None:
    members = plan_of(entries).members
    for key, member in members.items():
        assert set(member.peers) == set(members) - {key}
        assert set(member.same_network) <= set(member.peers)
        assert all(key in members[other].same_network for other in member.same_network)


@FEW
@given(meshes())
def test_traffic_between_networks_finds_a_gateway_at_its_end(entries: dict[str, Any]) -> None:
    members = plan_of(entries).members
    for a, b in permutations(members.values(), 2):
        if b.key not in a.same_network:
            assert b.needs_east_west


@FEW
@given(meshes())
def test_each_cluster_is_on_exactly_one_network(entries: dict[str, Any]) -> None:
    plan = plan_of(entries)
    listed = [key for keys in plan.networks.values() for key in keys]
    assert sorted(listed) == sorted(entries)


@FEW
@given(meshes())
def test_subnets_of_the_whole_mesh_never_meet(entries: dict[str, Any]) -> None:
    subnets = [net for m in plan_of(entries).members.values() for net in m.subnets.values()]
    ordered = sorted(subnets)
    assert all(a.broadcast_address < b.network_address for a, b in pairwise(ordered))


@FEW
@given(meshes(), st.data())
def test_one_cluster_less_changes_only_what_others_say_of_it(
    entries: dict[str, Any], data: st.DataObject
) -> None:
    before = plan_of(entries)
    removable = [key for key, member in before.members.items() if not member.remotes]
    gone = data.draw(st.sampled_from(removable))
    rest = {key: entry for key, entry in entries.items() if key != gone}
    if not rest:
        return
    after = plan_of(rest)
    for key, member in after.members.items():
        was = before.members[key]
        assert own(member) == own(was)
        assert set(was.peers) - set(member.peers) == {gone}
        assert set(was.same_network) - set(member.same_network) <= {gone}
        assert set(was.remotes) - set(member.remotes) <= {gone}
    assert set(after.region_pairs) <= set(before.region_pairs)
    assert set(after.secret_pairs) == {
        pair for pair in before.secret_pairs if gone not in (pair.source, pair.reader)
    }


@FEW
@given(meshes())
def test_equal_settings_give_equal_plans(entries: dict[str, Any]) -> None:
    assert plan_of(entries) == plan_of(dict(reversed(entries.items())))
