"""The printed statements are those that the choices need, and no more."""

from typing import Any

import pytest

from components.cloud.iam import (
    autoscaler_statements,
    deployer_statements,
    iam_statements,
    operator_statements,
)
from components.plan.plan import build_plan
from tests.cluster.support import flannel_changes, pool_changes
from tests.support.documents import COMPARTMENT, member, plan, settings

NETWORK = "ocid1.compartment.oc1..network"
KEY = "ocid1.key.oc1.sjc.vault.key"


def deployed_by(**changes: Any) -> list[str]:
    """Return what whoever deploys is allowed, without the word before it."""
    asked = settings(**changes)
    return [line.removeprefix("Allow ") for line in deployer_statements(asked, build_plan(asked))]


def test_whoever_deploys_may_make_clusters_nodes_and_networks_and_nothing_else() -> None:
    assert deployed_by() == [
        "group <deployers> to inspect compartments in tenancy",
        f"group <deployers> to manage cluster-family in compartment id {COMPARTMENT}",
        f"group <deployers> to manage instance-family in compartment id {COMPARTMENT}",
        f"group <deployers> to manage virtual-network-family in compartment id {COMPARTMENT}",
    ]


def test_drgs_are_made_in_the_compartment_of_the_tenancy_settings() -> None:
    changes = {f"clusters__{key}__compartmentId": NETWORK for key in ("primary", "secondary")}
    assert [line.rpartition(" to ")[2] for line in deployed_by(**changes)] == [
        "inspect compartments in tenancy",
        f"manage cluster-family in compartment id {NETWORK}",
        f"manage instance-family in compartment id {NETWORK}",
        f"manage virtual-network-family in compartment id {NETWORK}",
        f"manage virtual-network-family in compartment id {COMPARTMENT}",
    ]


@pytest.mark.parametrize(
    ("auth", "who"),
    [
        ("apiKey", "group"),
        ("securityToken", "group"),
        ("instancePrincipal", "dynamic-group"),
        ("resourcePrincipal", "dynamic-group"),
    ],
)
def test_machines_that_deploy_are_in_a_dynamic_group(auth: str, who: str) -> None:
    assert {line.split(" to ")[0] for line in deployed_by(oci__auth=auth)} == {f"{who} <deployers>"}


def test_the_defaults_need_no_statement() -> None:
    assert iam_statements(member(), COMPARTMENT) == ()


def test_a_cluster_without_bounds_needs_no_statement_for_an_autoscaler() -> None:
    assert autoscaler_statements(member(), "ocid1.cluster.oc1.sjc.c") == ()


def test_native_pods_across_compartments_need_addresses_groups_and_instances() -> None:
    condition = (
        "where ALL {request.principal.type = 'cluster', "
        f"request.principal.compartment.id = '{COMPARTMENT}'}}"
    )
    assert iam_statements(member(), NETWORK) == (
        f"Allow group <deployers> to manage virtual-network-family in compartment id {NETWORK}",
        f"Allow any-user to use network-security-groups in compartment id {NETWORK} {condition}",
        f"Allow any-user to use subnets in compartment id {NETWORK} {condition}",
        f"Allow any-user to use vnics in compartment id {NETWORK} {condition}",
        f"Allow any-user to manage instances in compartment id {COMPARTMENT} {condition}",
        f"Allow any-user to use private-ips in compartment id {NETWORK} {condition}",
    )


def test_flannel_across_compartments_needs_no_addresses_of_pods() -> None:
    statements = iam_statements(member(**flannel_changes()), NETWORK)
    assert [statement.split(" in ")[0] for statement in statements] == [
        "Allow group <deployers> to manage virtual-network-family",
        "Allow any-user to use network-security-groups",
        "Allow any-user to use subnets",
        "Allow any-user to use vnics",
    ]


def test_a_vault_key_is_granted_by_its_ocid() -> None:
    condition = f"ALL {{request.principal.type = 'cluster', target.key.id = '{KEY}'}}"
    assert iam_statements(member(clusters__primary__kmsKeyId=KEY), COMPARTMENT) == (
        f"Allow any-user to use keys in tenancy where {condition}",
    )


def test_the_autoscaler_is_granted_as_the_workload_of_one_cluster() -> None:
    scaled = member(**pool_changes(autoscaler={"min": 1, "max": 3}))
    statements = autoscaler_statements(scaled, "ocid1.cluster.oc1.sjc.c")
    assert statements[0] == (
        f"Allow any-user to manage cluster-node-pools in compartment id {COMPARTMENT} "
        "where ALL {request.principal.type = 'workload', "
        "request.principal.namespace = 'kube-system', "
        "request.principal.service_account = 'cluster-autoscaler', "
        "request.principal.cluster_id = 'ocid1.cluster.oc1.sjc.c'}"
    )
    assert [
        statement.split(" in ")[0].removeprefix("Allow any-user to ") for statement in statements
    ] == [
        "manage cluster-node-pools",
        "manage instance-family",
        "use subnets",
        "read virtual-network-family",
        "use vnics",
        "inspect compartments",
    ]


def test_the_operator_host_may_use_the_clusters_of_every_compartment() -> None:
    other = "ocid1.compartment.oc1..other"
    lines = operator_statements(
        plan(clusters__secondary__compartmentId=other), "operators", "ocid1.instance.oc1.sjc.i"
    )
    assert lines == (
        "Dynamic group operators, matching rule: ALL {instance.id = 'ocid1.instance.oc1.sjc.i'}",
        f"Allow dynamic-group operators to manage clusters in compartment id {other}",
        f"Allow dynamic-group operators to manage clusters in compartment id {COMPARTMENT}",
    )
