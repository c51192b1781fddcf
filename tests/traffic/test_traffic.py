"""Rules of traffic, in every cluster whose istiod reads them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.documents import cluster, documents
from tests.support.harness import Deployment
from tests.support.program import same_run

VIRTUAL_SERVICE = "kubernetes:networking.istio.io/v1:VirtualService"
DESTINATION_RULE = "kubernetes:networking.istio.io/v1:DestinationRule"
SPLIT = [{"version": "v1", "weight": 80}, {"version": "v2", "weight": 20}]


def run(**changes: Any) -> Deployment:
    return same_run(
        documents(traffic__services={"shop/cart": {"routes": [{"to": SPLIT}]}}, **changes)
    )


@pytest.fixture(scope="module")
def two() -> Deployment:
    return run()


def traffic(made: Deployment) -> dict[str, str]:
    """Return the names of the rules, by the cluster that they are in."""
    return {
        r.name: r.provider.split("::")[3].removesuffix("-kubernetes")
        for r in made.resources
        if r.custom and "okemesh:traffic:Traffic" in r.urn
    }


def test_every_primary_has_every_rule(two: Deployment) -> None:
    parts = ("mesh-destinationrule", "cart.shop-destinationrule", "cart.shop-virtualservice")
    assert traffic(two) == {
        f"{key}-traffic-{part}": key for key in ("primary", "secondary") for part in parts
    }


def test_a_remote_has_none_since_its_primarys_istiod_reads_them() -> None:
    made = run(clusters__secondary=cluster(1, role="remote", primary="primary"))
    assert set(traffic(made).values()) == {"primary"}


def test_a_rule_bears_the_name_of_its_service_in_the_root_namespace(two: Deployment) -> None:
    rule = two.one(VIRTUAL_SERVICE, "primary-traffic-cart.shop-virtualservice").inputs
    assert rule["metadata"] == {"name": "cart.shop", "namespace": "istio-system"}
    assert [to["weight"] for to in rule["spec"]["http"][0]["route"]] == [80, 20]


def test_a_rule_comes_when_istiod_can_check_it(two: Deployment) -> None:
    rule = two.one(DESTINATION_RULE, "primary-traffic-mesh-destinationrule")
    assert any("primary-istio-istiod" in urn for urn in rule.dependencies)
    assert not any("Samples" in urn for urn in rule.dependencies)


def test_a_rule_of_the_samples_waits_for_their_namespace() -> None:
    services = {"sample/helloworld": {"timeout": "10s"}}
    made = same_run(documents(traffic__services=services, verification__enabled=False))
    rule = made.one(VIRTUAL_SERVICE, "primary-traffic-helloworld.sample-virtualservice")
    assert rule.inputs["metadata"]["namespace"] == "sample"
    assert any("primary-sample" in urn for urn in rule.dependencies)


def test_without_a_mesh_there_is_no_rule() -> None:
    made = same_run(documents(mesh__enabled=False))
    assert traffic(made) == {}
