"""Statements are printed when they are needed, and as soon as they are known."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components.access.operator_host import OperatorHost
from tests.access.test_operator_host import args
from tests.cluster.support import CLUSTER, deployed, pool_changes, providers
from tests.support.documents import COMPARTMENT, documents
from tests.support.harness import deploy
from tests.support.program import run

KEY = "ocid1.key.oc1.sjc.vault.key"
GET_VCN = "oci:Core/getVcn:getVcn"
EXISTING = {
    "vcnId": "ocid1.vcn.oc1.sjc.v",
    "subnets": {
        role: f"ocid1.subnet.oc1.sjc.{role}"
        for role in ("api", "workers", "pods", "internalLb", "publicLb")
    },
}


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []

    def info(text: str, resource: pulumi.Resource | None = None, **_: Any) -> None:
        assert resource is not None
        lines.append(text)

    monkeypatch.setattr(pulumi.log, "info", info)
    return lines


def test_the_defaults_print_nothing(printed: list[str]) -> None:
    deployed()
    assert printed == []


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
def test_what_the_cluster_itself_needs_is_printed_by_the_preview_too(
    printed: list[str], preview: bool
) -> None:
    deployed({"clusters__primary__kmsKeyId": KEY}, preview=preview)
    condition = f"ALL {{request.principal.type = 'cluster', target.key.id = '{KEY}'}}"
    (text,) = printed
    assert text.splitlines() == [
        "clusters.primary: needs these IAM policy statements:",
        f"  Allow any-user to use keys in tenancy where {condition}",
    ]


def test_the_compartment_of_an_existing_vcn_is_looked_up(printed: list[str]) -> None:
    answers = {GET_VCN: {"compartmentId": "ocid1.compartment.oc1..network"}}
    deployed({"clusters__primary__existing": EXISTING}, answers=answers)
    (text,) = printed
    assert "use private-ips in compartment id ocid1.compartment.oc1..network" in text


def test_an_existing_vcn_of_the_same_compartment_needs_nothing(printed: list[str]) -> None:
    answers = {GET_VCN: {"compartmentId": COMPARTMENT}}
    deployed({"clusters__primary__existing": EXISTING}, answers=answers)
    assert printed == []


def test_the_autoscaler_is_granted_to_the_cluster_that_was_made(printed: list[str]) -> None:
    found = deployed(pool_changes(autoscaler={"min": 1, "max": 2}))
    (text,) = printed
    name = found.one(CLUSTER, "primary-cluster").name
    assert f"request.principal.cluster_id = 'ocid1.cluster.oc1.test.{name}'" in text


def test_the_operator_host_has_a_group_of_its_own(printed: list[str]) -> None:
    deploy(lambda: OperatorHost("primary", args(), providers()))
    (text,) = printed
    group, place = "oke-mesh-test-operator", f"compartment id {COMPARTMENT}"
    rule = "ALL {instance.id = 'ocid1.instance.oc1.test.primary-operator'}"
    assert text.splitlines() == [
        "access.cluster: needs these IAM policy statements:",
        f"  Dynamic group {group}, matching rule: {rule}",
        f"  Allow dynamic-group {group} to manage clusters in {place}",
    ]


def told(monkeypatch: pytest.MonkeyPatch, **options: Any) -> list[str]:
    """Return what a run of the whole program prints for whoever deploys."""
    lines: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", lambda text, *_, **__: lines.append(text))
    run(documents(**options.pop("changes", {})), **options)
    return [text for text in lines if "<deployers>" in text]


def test_the_first_preview_tells_once_what_whoever_deploys_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (text,) = told(monkeypatch, preview=True)
    place = f"in compartment id {COMPARTMENT}"
    assert text.splitlines() == [
        "whoever deploys needs these IAM policy statements, with a group for <deployers>:",
        "  Allow group <deployers> to inspect compartments in tenancy",
        f"  Allow group <deployers> to manage cluster-family {place}",
        f"  Allow group <deployers> to manage instance-family {place}",
        f"  Allow group <deployers> to manage virtual-network-family {place}",
    ]


def test_what_whoever_deploys_needs_is_not_told_when_every_cluster_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert told(monkeypatch, preview=False) == []
