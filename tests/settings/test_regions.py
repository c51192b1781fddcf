"""Regions by identifier, name and key."""

import pytest
from oci.regions_definitions import REGION_REALMS

from components.settings import regions


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("us-sanjose-1", "us-sanjose-1"),
        ("sanjose", "us-sanjose-1"),
        ("sydney", "ap-sydney-1"),
        ("melbourne", "ap-melbourne-1"),
        ("iad", "us-ashburn-1"),
    ],
)
def test_a_region_has_several_names(name: str, identifier: str) -> None:
    assert regions.candidates(name) == (identifier,)


def test_a_name_of_two_regions_is_neither() -> None:
    assert regions.candidates("singapore") == ("ap-singapore-1", "ap-singapore-2")


def test_keys_of_regions_are_unique() -> None:
    assert len(set(regions.KEYS.values())) == len(regions.KEYS)


def test_no_key_of_a_region_is_the_name_of_another() -> None:
    names = {identifier.split("-")[1] for identifier in regions.KEYS}
    assert names.isdisjoint(regions.KEYS.values())


@pytest.mark.parametrize(
    ("region", "label"),
    [("us-ashburn-1", "iad"), ("us-phoenix-1", "phx"), ("us-sanjose-1", "us-sanjose-1")],
)
def test_nodes_are_labelled_by_key_in_the_two_oldest_regions(region: str, label: str) -> None:
    assert regions.locality(region) == label


def test_realms_are_those_of_the_vendors_own_library() -> None:
    assert {region: regions.realm(region) for region in REGION_REALMS} == REGION_REALMS


def test_a_region_that_no_table_has_is_of_no_known_realm() -> None:
    assert regions.realm("us-newtown-1") is None
