"""Tags say whose a resource is."""

from components.cloud.owner import OWN_KEYS, Owner, TagRole

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
