"""What a region does not offer is an error that lists what it does."""

from types import SimpleNamespace

import pytest

from components.cloud import offers
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
        cluster("mine", "ACTIVE", "v1.30.1"),
        cluster("mine", "DELETED", "v1.29.1"),
        cluster("other", "ACTIVE", "v1.28.1"),
    ]
    assert offers.running_versions("mine", seen) == ["v1.30.1"]


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


def test_an_image_is_taken_by_its_exact_name() -> None:
    images = {"Oracle-Linux-9.6-2026.05.20-0": "a", "Oracle-Linux-9.6-2026.05.20-01": "b"}
    assert offers.require_image("p", "Oracle-Linux-9.6-2026.05.20-0", images) == "a"


def test_an_image_that_is_gone_lists_those_that_are_there() -> None:
    with pytest.raises(OfferError) as error:
        offers.require_image("access.imageId", "old", {"newer": "b", "new": "a"})
    assert str(error.value) == (
        "access.imageId: the pinned image is no longer offered, got old; "
        "give the OCID of one of new, newer"
    )
