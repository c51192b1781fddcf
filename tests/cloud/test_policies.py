"""Statements are told once, by the preview that makes a cluster, and returned complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from tests.support import brought
from tests.support.documents import COMPARTMENT, SSH_KEY, documents
from tests.support.harness import Deployment
from tests.support.program import run

GET_VCN = "oci:Core/getVcn:getVcn"
NETWORK = "ocid1.compartment.oc1..network"
PLACE = f"in compartment id {COMPARTMENT}"
HOST = {
    "cluster": "primary",
    "allowedCidrs": ["192.0.2.0/24"],
    "sshPublicKey": SSH_KEY,
}
SCALED = {"np1": {"autoscaler": {"min": 1, "max": 2}}}


def told(
    monkeypatch: pytest.MonkeyPatch,
    *,
    preview: bool,
    answers: Mapping[str, Any] | None = None,
    **changes: Any,
) -> tuple[list[str], Deployment]:
    """Return what a run of the whole program prints of statements, and the run."""
    texts: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", lambda text, *_, **__: texts.append(text))
    made = run(documents(**changes), preview=preview, answers=answers)
    return [text for text in texts if "IAM statements" in text], made


def test_the_first_preview_tells_once_what_whoever_deploys_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changes: dict[str, Any] = {"access": HOST, "clusters__primary__nodePools": SCALED}
    (text,), _ = told(monkeypatch, preview=True, **changes)
    cluster = "request.principal.cluster_id = '<OCID of clusters.primary>'"
    lines = [line for line in text.splitlines() if "Allow any-user" not in line]
    assert lines == [
        "IAM statements that these settings need, for an administrator of the tenancy:",
        "  whoever deploys:",
        "    Allow group <deployers> to inspect compartments in tenancy",
        f"    Allow group <deployers> to manage cluster-family {PLACE}",
        f"    Allow group <deployers> to manage instance-family {PLACE}",
        f"    Allow group <deployers> to manage virtual-network-family {PLACE}",
        "  the autoscaler of clusters.primary:",
        "  the operator host:",
        (
            "    Dynamic group oke-mesh-test-operator, matching rule: "
            "ALL {instance.id = '<OCID of the operator host>'}"
        ),
        f"    Allow dynamic-group oke-mesh-test-operator to use clusters {PLACE}",
    ]
    assert text.count(cluster) == 6


def test_nothing_is_told_when_every_cluster_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, preview=False)[0] == []


def test_the_update_returns_the_statements_with_what_it_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changes: dict[str, Any] = {"access": HOST, "clusters__primary__nodePools": SCALED}
    _, made = told(monkeypatch, preview=False, **changes)
    text = "\n".join(made.exports["iamStatements"])
    assert "instance.id = 'ocid1.instance.oc1.test.primary-operator'" in text
    assert "request.principal.cluster_id = 'ocid1.cluster.oc1.test.primary-cluster'" in text
    assert "<OCID" not in text


@pytest.mark.parametrize(("compartment", "count"), [(NETWORK, 1), (COMPARTMENT, 0)])
def test_the_compartment_of_an_existing_vcn_is_looked_up(
    monkeypatch: pytest.MonkeyPatch, *, compartment: str, count: int
) -> None:
    answers = {GET_VCN: {**brought.vcn({}), "compartmentId": compartment}}
    changes: dict[str, Any] = {"clusters__primary": brought.brought_cluster()}
    _, made = told(monkeypatch, preview=False, answers=answers, **changes)
    text = "\n".join(made.exports["iamStatements"])
    assert text.count(f"use private-ips in compartment id {NETWORK}") == count
    families = f"manage virtual-network-family in compartment id {NETWORK}"
    assert text.count(families) == count
