"""A rule as data."""

from ipaddress import IPv4Network

from components.plan.firewall.rule import ALL_TCP, Openings, accept, reach, role_slug, tcp
from components.settings.clusters import SubnetRole
from components.settings.mesh import Exposure
from tests.support.documents import SSH_KEY, settings


def test_a_slug_tells_sentence_and_direction() -> None:
    rule = accept("198.51.100.0/24 calls the public Kubernetes API", SubnetRole.API, ALL_TCP)
    assert rule.slug == "198-51-100-0-24-calls-the-public-kubernetes-api-in"


def test_both_directions_of_a_sentence_have_slugs_of_their_own() -> None:
    assert reach("workers talk to workers", SubnetRole.WORKERS, ALL_TCP).slug == (
        "workers-talk-to-workers-out"
    )


def test_one_port_is_a_range_of_itself() -> None:
    assert tcp(6443).ports == (6443, 6443)


def test_a_role_is_written_with_hyphens_in_names() -> None:
    assert role_slug(SubnetRole.INTERNAL_LB) == "internal-lb"


def test_openings_come_from_the_mesh_and_the_access_documents() -> None:
    given = settings(
        mesh__eastWest={"exposure": "public"},
        mesh__ingress={"exposure": "internal"},
        access={
            "cluster": "primary",
            "allowedCidrs": ["198.51.100.7/32"],
            "nodeSshPublicKey": SSH_KEY,
            "mode": "direct",
            "apiCallers": ["172.16.8.0/24"],
        },
    )
    assert Openings.of(given) == Openings(
        ingress=Exposure.INTERNAL,
        east_west=Exposure.PUBLIC,
        operator_cidrs=(IPv4Network("198.51.100.7/32"),),
        nodes_take_ssh=True,
        api_callers=(IPv4Network("172.16.8.0/24"),),
    )
