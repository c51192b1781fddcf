"""Names and tags say whose a resource is; names are never cut."""

import pytest

from components.cloud.owner import DISPLAY_NAME_LIMIT, OWN_KEYS, Owner, TagRole
from components.errors import NamingError
from components.settings.clusters import SubnetRole
from components.settings.types import KEY_LIMIT

OWNER = Owner(project="oke-mesh", stack="dev", mesh="one", extra={"team": "net", "role": "mine"})


def test_a_resource_of_a_cluster_names_it() -> None:
    assert OWNER.tags(TagRole.NODES, "fra") == {
        "project": "oke-mesh",
        "stack": "dev",
        "mesh": "one",
        "role": "nodes",
        "cluster": "fra",
        "team": "net",
    }


def test_what_all_clusters_share_names_none() -> None:
    assert "cluster" not in OWNER.tags(TagRole.BACKBONE)


def test_the_programs_own_keys_are_those_that_users_may_not_set() -> None:
    plain = Owner(project="p", stack="s", mesh="m")
    assert tuple(plain.tags(TagRole.CLUSTER, "fra")) == OWN_KEYS


def test_a_display_name_begins_with_the_project_and_the_stack() -> None:
    assert OWNER.title("fra", "vcn") == "oke-mesh-dev-fra-vcn"


def test_the_longest_keys_fit_into_a_display_name() -> None:
    # A stack's name has at most 100 letters.
    longest = max((role.value for role in SubnetRole), key=len)
    name = Owner(project="oke-mesh", stack="s" * 100, mesh="m").title(
        "k" * KEY_LIMIT, "p" * KEY_LIMIT, longest
    )
    assert len(name) <= DISPLAY_NAME_LIMIT


def test_a_display_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(NamingError) as error:
        Owner(project="p", stack="s" * 255, mesh="m").title()
    assert str(error.value) == (
        f"'p-{'s' * 255}': is longer than the 255 letters that OCI takes, got 257; "
        "shorten the stack's name or the cluster's key"
    )
