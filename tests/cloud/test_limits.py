"""What an update takes of service limits, and what is told when there is too little."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
import pulumi
import pytest

from components.cloud.limits import (
    BALANCERS,
    Availability,
    Need,
    core_limit,
    needs_of,
    shortage,
)
from components.errors import OfferError
from components.plan.plan import build_plan
from tests.support import outputs
from tests.support.documents import cluster, documents, settings
from tests.support.harness import Deployment
from tests.support.program import run

ASKED = "oci:Limits/getResourceAvailability:getResourceAvailability"
NO_CORES = {"np1": {"shape": "VM.Optimized3.Flex"}}
"""Of a shape whose limit nobody has told of."""
ONE_REGION: dict[str, Any] = {
    "clusters__primary__nodePools": NO_CORES,
    "clusters__secondary": cluster(1, region="us-sanjose-1", nodePools=NO_CORES),
}
POOLS = {"np1": {"size": 3, "ocpus": 4}}
LAST: dict[str, Any] = {
    "backbone": {
        "drgs": {"us-sanjose-1": "drg", "us-chicago-1": "drg"},
        "peerings": {"us-chicago-1_us-sanjose-1": {"status": "PEERED"}},
    },
    "clusters": {
        key: {
            "vcnId": "vcn",
            "nodePools": {"np1": "pool"},
            "ingressAddress": "192.0.2.1",
            "eastWestAddress": "10.0.0.1",
        }
        for key in ("primary", "secondary")
    },
}


def needs(last: Mapping[str, Any] | None = None, **changes: Any) -> dict[tuple[str, str], int]:
    """Return how much is made, by the name of the limit and region."""
    chosen = settings(**changes)
    found = needs_of(chosen, build_plan(chosen), last or {})
    return {(need.limit.name, need.region): need.new for need in found}


def test_a_first_update_takes_of_each_limit_what_it_makes() -> None:
    pools = {"clusters__primary__nodePools": POOLS, "clusters__secondary__nodePools": POOLS}
    assert needs(**pools) == {
        (name, region): count
        for region in ("us-sanjose-1", "us-chicago-1")
        for name, count in {
            "vcn-count": 1,
            "drg-count": 1,
            "remote-peering-connection-count": 1,
            "lb-flexible-count": 2,
            "standard-e4-core-count": 12,
        }.items()
    }


def test_clusters_of_one_region_share_its_limits_and_its_drg() -> None:
    assert needs(**ONE_REGION) == {
        ("vcn-count", "us-sanjose-1"): 2,
        ("drg-count", "us-sanjose-1"): 1,
        ("lb-flexible-count", "us-sanjose-1"): 4,
    }


def test_what_the_last_update_left_is_not_taken_again() -> None:
    pools = {"clusters__primary__nodePools": POOLS, "clusters__secondary__nodePools": POOLS}
    assert needs(LAST, **pools) == {}


def test_a_cluster_that_joins_takes_what_is_its_own() -> None:
    assert needs(LAST, clusters__third=cluster(2, nodePools=POOLS)) == {
        ("standard-e4-core-count", "us-ashburn-1"): 12,
        ("vcn-count", "us-ashburn-1"): 1,
        ("drg-count", "us-ashburn-1"): 1,
        ("lb-flexible-count", "us-ashburn-1"): 2,
        ("remote-peering-connection-count", "us-ashburn-1"): 2,
        ("remote-peering-connection-count", "us-chicago-1"): 1,
        ("remote-peering-connection-count", "us-sanjose-1"): 1,
    }


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"mesh__enabled": False}, {"lb-flexible-count"}),
        ({"backbone": "none"}, {"remote-peering-connection-count"}),
        ({"mesh__ingress": {"balancer": "networkLoadBalancer"}}, set()),
    ],
    ids=["no mesh", "regions joined already", "network load balancers"],
)
def test_what_is_not_made_takes_nothing(changes: dict[str, Any], names: set[str]) -> None:
    every = {"vcn-count", "drg-count", "remote-peering-connection-count", "lb-flexible-count"}
    found = {name for name, _ in needs(**changes)}
    assert every - found == names


def test_an_ingress_behind_a_network_load_balancer_takes_one_of_those() -> None:
    found = needs(mesh__ingress={"balancer": "networkLoadBalancer"})
    assert found["max-nlb-flexible-count", "us-chicago-1"] == 1
    assert found["lb-flexible-count", "us-chicago-1"] == 1


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ("VM.Standard.E3.Flex", "standard-e3-core-ad-count"),
        ("VM.Standard.E4.Flex", "standard-e4-core-count"),
        ("VM.Standard.E5.Flex", "standard-e5-core-count"),
        ("VM.Standard.A1.Flex", "standard-a1-core-count"),
        ("VM.Standard3.Flex", "standard3-core-count"),
        ("VM.GPU.A10.1", None),
        ("BM.Standard.E4.128", None),
    ],
)
def test_cores_have_a_limit_by_the_family_of_their_shape(shape: str, name: str | None) -> None:
    found = core_limit(shape)
    assert (found.name if found else None) == name


def balancers(last: Mapping[str, Any]) -> Need:
    chosen = settings(**ONE_REGION)
    found = needs_of(chosen, build_plan(chosen), last)
    return next(need for need in found if need.limit is BALANCERS)


HALF = {"clusters": {"primary": LAST["clusters"]["primary"]}}


@pytest.mark.parametrize(
    ("last", "available", "used", "is_certain"),
    [
        ({}, 4, 0, None),
        ({}, 3, 0, True),
        ({}, 1, 2, True),
        ({}, 1, 3, False),
        (HALF, 2, 2, None),
        (HALF, 1, 2, True),
        (HALF, 1, 3, False),
    ],
    ids=[
        "as many as there are",
        "one too few",
        "too few, even if all others were ours",
        "too few, unless the others are ours",
        "the rest of what is there already",
        "one too few beside ours",
        "too few beside ours, unless the other is too",
    ],
)
def test_a_shortage_is_certain_unless_a_failed_update_may_have_made_some(
    last: Mapping[str, Any], available: int, used: int, *, is_certain: bool | None
) -> None:
    said = shortage(balancers(last), Availability(available=available, used=used))
    assert (said[1] if said else None) is is_certain


def preview(
    monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Any] | None = None, **changes: Any
) -> tuple[list[str], Deployment]:
    """Return what a preview of the whole program says of limits, and the run."""
    texts: list[str] = []
    for name in ("info", "warn"):
        monkeypatch.setattr(pulumi.log, name, lambda text, *_, **__: texts.append(text))
    made = run(documents(**changes), preview=True, answers=answers)
    return [text for text in texts if text.startswith("limit")], made


def test_a_preview_with_room_says_nothing_and_asks_each_limit_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told, made = preview(monkeypatch, **ONE_REGION)
    assert told == []
    asked = [arguments["limitName"] for token, arguments, _ in made.calls if token == ASKED]
    assert sorted(asked) == ["drg-count", "lb-flexible-count", "vcn-count"]
    assert {provider.split("::")[3] for token, _, provider in made.calls if token == ASKED} == {
        "oci-us-sanjose-1"
    }


def test_cores_are_asked_of_every_domain_that_a_pool_is_in(monkeypatch: pytest.MonkeyPatch) -> None:
    pools = {"np1": {"availabilityDomains": [1, 3]}}
    _, made = preview(monkeypatch, **{**ONE_REGION, "clusters__primary__nodePools": pools})
    asked = [a for token, a, _ in made.calls if token == ASKED and a["serviceName"] == "compute"]
    assert [one["availabilityDomain"] for one in asked] == ["test:AD-1", "test:AD-3"]


def test_a_preview_whose_update_would_meet_limits_ends_with_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(OfferError) as error:
        preview(monkeypatch, {ASKED: {"available": "1", "used": "0"}}, **ONE_REGION)
    assert str(error.value) == (
        "2 service limits are too low:\n"
        "  limit vcn-count of us-sanjose-1: leaves room for 1 more (VCNs), got 2 for "
        "clusters.primary, clusters.secondary; have Oracle raise it, or bring one with "
        "existing.vcnId\n"
        "  limit lb-flexible-count of us-sanjose-1: leaves room for 1 more (load balancers), got 4 "
        "for clusters.primary, clusters.secondary; have Oracle raise it, or delete one that nobody "
        "needs"
    )


def test_a_shortage_that_is_not_certain_is_told_and_refuses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = {ASKED: {"available": "1", "used": "1"}}
    (text,), _ = preview(monkeypatch, answers, **ONE_REGION, mesh__enabled=False)
    assert text == (
        "limit vcn-count of us-sanjose-1: leaves room for 1 more (VCNs), got 2 for "
        "clusters.primary, clusters.secondary; unless an update that failed has made them "
        "already, among 1 in use, have Oracle raise it, or bring one with existing.vcnId"
    )


class Refused(grpc.RpcError):
    """What the engine answers when a provider does not."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return "404-NotAuthorizedOrNotFound, Authorization failed\nmore of it"


def test_who_may_not_read_limits_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Mapping[str, Any]) -> dict[str, Any]:
        raise Refused

    monkeypatch.setitem(outputs.ANSWERS, ASKED, refused)
    (text,), _ = preview(monkeypatch, **ONE_REGION)
    assert text == (
        "limits: not read of drg-count, lb-flexible-count, vcn-count, got "
        "404-NotAuthorizedOrNotFound, Authorization failed more of it; whoever deploys needs `read "
        "resource-availability in tenancy` to be told before an update meets one"
    )


def test_an_update_asks_no_limit() -> None:
    made = run(documents())
    assert [token for token, *_ in made.calls if token == ASKED] == []
