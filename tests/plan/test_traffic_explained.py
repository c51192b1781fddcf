"""What `ops traffic explain` says of a client's requests."""

from __future__ import annotations

from typing import Any

from components.plan.plan import build_plan
from components.plan.traffic.explain import Way, explain
from tests.support.documents import cluster, settings

CART = "shop/cart"
THREE: dict[str, Any] = {
    "clusters": {
        "sanjose": cluster(0, region="us-sanjose-1"),
        "chicago": cluster(1, region="us-chicago-1"),
        "ashburn": cluster(2, region="us-ashburn-1"),
    }
}


def ways(service: str = CART, **changes: Any) -> dict[str, tuple[Way, ...]]:
    found = settings(**{**THREE, **changes})
    return explain(service, found, build_plan(found))


def order(client: str, **fields: Any) -> list[tuple[str, ...]]:
    (way,) = ways(traffic__services={CART: fields})[client]
    (choice,) = way.choices
    return [step.clusters for step in choice.steps]


def test_by_default_the_own_region_comes_first_and_then_all_others() -> None:
    (way,) = ways()["chicago"]
    (choice,) = way.choices
    assert (way.requests, choice.weight, choice.subset) == ("every request", 100, None)
    assert [step.clusters for step in choice.steps] == [("chicago",), ("ashburn", "sanjose")]


def test_failover_names_the_second() -> None:
    locality = {"failover": [{"from": "us-chicago-1", "to": "us-sanjose-1"}]}
    assert order("chicago", locality=locality) == [("chicago",), ("sanjose",), ("ashburn",)]
    assert order("sanjose", locality=locality) == [("sanjose",), ("ashburn", "chicago")]


def test_without_nearness_all_are_asked_alike() -> None:
    everybody = [("ashburn", "chicago", "sanjose")]
    assert order("chicago", locality={"enabled": False}) == everybody
    off = ways(traffic__mesh__localityFirst=False)["chicago"]
    assert [step.clusters for step in off[0].choices[0].steps] == everybody


def test_the_samples_answer_from_everywhere_by_a_rule_of_their_own() -> None:
    (way,) = ways("sample/helloworld")["chicago"]
    assert [step.clusters for step in way.choices[0].steps] == [("ashburn", "chicago", "sanjose")]


def test_shares_leave_out_the_regions_that_they_do_not_name() -> None:
    to = [{"region": "us-chicago-1", "weight": 70}, {"region": "us-ashburn-1", "weight": 30}]
    locality = {"distribute": [{"from": "us-chicago-1", "to": to}]}
    (way,) = ways(traffic__services={CART: {"locality": locality}})["chicago"]
    (step,) = way.choices[0].steps
    assert step.clusters == ("ashburn", "chicago")
    assert step.shares == {"us-chicago-1": 70, "us-ashburn-1": 30}
    assert order("sanjose", locality=locality) == [("ashburn", "chicago", "sanjose")]


def test_a_split_by_cluster_goes_where_it_says() -> None:
    to = [{"cluster": "ashburn", "weight": 80}, {"cluster": "chicago", "weight": 20}]
    (way,) = ways(traffic__services={CART: {"routes": [{"to": to}]}})["chicago"]
    assert [(c.weight, c.subset, [s.clusters for s in c.steps]) for c in way.choices] == [
        (80, "in-ashburn", [("ashburn",)]),
        (20, "in-chicago", [("chicago",)]),
    ]


def test_what_is_kept_in_its_cluster_is_asked_there() -> None:
    local = {"clusterLocal": ["*.shop.svc.cluster.local"]}
    found = ways(mesh__exports=local)
    assert {key: [s.clusters for s in way.choices[0].steps] for key, (way,) in found.items()} == {
        key: [(key,)] for key in ("ashburn", "chicago", "sanjose")
    }


def test_versions_of_the_samples_are_where_they_run() -> None:
    route = {"to": [{"version": "ashburn"}]}
    (way,) = ways(
        "sample/helloworld", traffic__services={"sample/helloworld": {"routes": [route]}}
    )["chicago"]
    assert [step.clusters for step in way.choices[0].steps] == [("ashburn",)]


def test_kinds_of_requests_and_what_else_happens_are_in_words() -> None:
    match = {
        "headers": {"x-user": {"prefix": "test-"}},
        "cookie": {"name": "group", "value": "beta"},
        "path": {"regex": "/a.*"},
    }
    fault = {
        "delay": {"percent": "5%", "duration": "1s"},
        "abort": {"percent": "10%", "status": 503},
    }
    first = {"match": [match, {"path": {"exact": "/b"}}], "fault": fault, "timeout": "10s"}
    second = {"retries": {"attempts": 2, "perTryTimeout": "1s"}, "mirror": {"version": "v2"}}
    service = {"routes": [first, second], "stickySession": {"cookie": "session"}}
    one, other = ways(traffic__services={CART: service})["chicago"]
    assert one.requests == (
        "requests with header x-user beginning with test- and cookie group exactly beta and path "
        "like /a.*, or path exactly /b"
    )
    kept = "kept at one pod by the cookie session"
    assert one.also == ("given up after 10s", "5% held up for 1s", "10% answered with 503", kept)
    assert other.also == ("tried up to 2 times more, each for 1s", "100% copied to v2", kept)
