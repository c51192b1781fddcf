"""What a region does not offer is an error that lists what it does."""

from types import SimpleNamespace

import pytest

from components.cloud import offers
from components.cloud.chosen import Chosen
from components.errors import OfferError

DOMAINS = ["Uocm:PHX-AD-3", "Uocm:PHX-AD-1", "Uocm:PHX-AD-2"]


def test_an_offered_version_is_taken() -> None:
    assert offers.require_version("p", "v1.34.2", ["v1.34.2"], region="r") == "v1.34.2"


def test_a_version_that_is_not_offered_lists_the_offers_in_order() -> None:
    with pytest.raises(OfferError) as error:
        offers.require_version(
            "clusters.a.kubernetesVersion",
            "v1.35.0",
            ["v1.34.10", "v1.9.1", "v1.34.2"],
            region="us-sanjose-1",
        )
    assert str(error.value) == (
        "clusters.a.kubernetesVersion: is not offered in us-sanjose-1, got v1.35.0; "
        "choose one of v1.9.1, v1.34.2, v1.34.10"
    )


def test_a_cluster_keeps_a_version_that_its_region_no_longer_offers() -> None:
    def cluster(name: str, state: str, version: str) -> SimpleNamespace:
        return SimpleNamespace(name=name, state=state, kubernetes_version=version)

    seen = [
        cluster("mine", "DELETED", "v1.29.1"),
        cluster("mine", "ACTIVE", "v1.30.1"),
        cluster("other", "ACTIVE", "v1.28.1"),
    ]
    assert offers.running_version("mine", seen) == "v1.30.1"
    assert offers.running_version("none", seen) is None


OFFERED = ["v1.34.2", "v1.34.10", "v1.35.2", "v1.36.4"]
VERSION = "clusters.a.kubernetesVersion"


def chosen(wanted: str | None = None, running: str | None = None, most: str = "v1.36") -> Chosen:
    offer = offers.VersionOffer(region="us-sanjose-1", offered=OFFERED, running=running)

    def suits(version: str) -> bool:
        return offers.version_order(version)[:2] <= offers.version_order(most)

    return offers.choose_version(VERSION, offer, wanted=wanted, suits=suits)


def test_a_new_cluster_without_a_version_gets_the_newest_that_suits() -> None:
    assert chosen().value == "v1.36.4"
    assert chosen(most="v1.34").value == "v1.34.10"


def test_a_cluster_keeps_what_it_runs_and_a_newer_version_is_told() -> None:
    assert chosen(running="v1.34.2") == Chosen(value="v1.34.2", name="v1.34.2", newer="v1.36.4")
    assert chosen(running="v1.36.4").newer is None


@pytest.mark.parametrize("running", ["v1.34.2", "v1.34.10", "v1.35.2"])
def test_a_version_that_is_set_is_exactly_that(running: str) -> None:
    assert chosen("v1.35.2", running) == Chosen(value="v1.35.2", name="v1.35.2")


@pytest.mark.parametrize(
    ("running", "wanted", "said"),
    [
        (
            "v1.34.2",
            "v1.36.4",
            (
                "is more than one minor newer than what the cluster runs (v1.34.2), got v1.36.4; "
                "choose one of v1.35 first, `pulumi up`, then go on"
            ),
        ),
        (
            "v1.36.4",
            "v1.35.2",
            "is older than what the cluster runs, got v1.35.2; OKE does not go back, write v1.36.4",
        ),
        (
            "v1.34.10",
            "v1.34.2",
            (
                "is older than what the cluster runs, got v1.34.2; OKE does not go back, write "
                "v1.34.10"
            ),
        ),
    ],
)
def test_a_cluster_goes_one_minor_at_a_time_and_never_back(
    running: str, wanted: str, said: str
) -> None:
    with pytest.raises(OfferError) as refused:
        chosen(wanted, running)
    assert str(refused.value) == f"{VERSION}: {said}"


def test_a_version_that_only_the_cluster_still_has_may_be_set() -> None:
    assert chosen("v1.33.1", "v1.33.1").value == "v1.33.1"


def test_a_region_with_nothing_that_suits_lists_what_it_offers() -> None:
    with pytest.raises(OfferError) as error:
        chosen(most="v1.30")
    assert str(error.value) == (
        "clusters.a.kubernetesVersion: none of those offered in us-sanjose-1 suits this "
        "mesh.istio.version, got nothing; set one of v1.34.2, v1.34.10, v1.35.2, v1.36.4 and an "
        "Istio release that takes it"
    )


def test_without_numbers_every_domain_is_taken_in_order() -> None:
    assert offers.domains("p", DOMAINS, ()) == [f"Uocm:PHX-AD-{n}" for n in (1, 2, 3)]


def test_domains_are_taken_by_number_in_order_and_once() -> None:
    assert offers.domains("p", DOMAINS, (3, 1, 3)) == ["Uocm:PHX-AD-1", "Uocm:PHX-AD-3"]


def test_a_domain_that_the_region_lacks_is_refused() -> None:
    with pytest.raises(OfferError) as error:
        offers.domains("clusters.a.nodePools.p.availabilityDomains", ["x:SJC-1-AD-1"], (1, 2, 3))
    assert str(error.value) == (
        "clusters.a.nodePools.p.availabilityDomains: the region has no such availability domain, "
        "got 2, 3; choose among 1"
    )


def test_a_domain_whose_name_has_no_number_is_refused() -> None:
    with pytest.raises(OfferError) as error:
        offers.domains("p", ["somewhere"], ())
    assert str(error.value) == (
        "availability domains: a name does not end in its number, got somewhere; "
        "report this name, for placement rests on it"
    )


def test_fault_domains_are_named_by_number() -> None:
    assert offers.fault_domains((3, 1)) == ["FAULT-DOMAIN-1", "FAULT-DOMAIN-3"]
