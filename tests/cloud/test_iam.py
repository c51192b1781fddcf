"""The printed statements are those that the choices need, and no more."""

from typing import Any

import pytest

from components.cloud.iam import (
    autoscaler_statements,
    deployer_statements,
    oke_statements,
    operator_statements,
)
from components.plan.plan import build_plan
from tests.cluster.support import flannel_changes, pool_changes
from tests.support.documents import COMPARTMENT, member, settings

NETWORK = "ocid1.compartment.oc1..network"
KEY = "ocid1.key.oc1.sjc.vault.key"


def deployed_by(**changes: Any) -> list[str]:
    """Return what whoever deploys is allowed, without the word before it."""
    asked = settings(**changes)
    return [
        line.removeprefix("Allow ") for line in deployer_statements(asked, build_plan(asked), {})
    ]


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


def test_names_take_rights_to_health_checks_policies_and_the_one_zone() -> None:
    shop = {"service": "shop/frontend", "port": 80, "names": ["shop.example.com"]}
    dns = {"zone": "example.com", "region": "eu-frankfurt-1"}
    led = {"mesh__ingress": {"hosts": {"shop": shop}, "dns": dns}}
    assert deployed_by(**led)[len(deployed_by()) :] == [
        f"group <deployers> to manage health-check-monitor in compartment id {COMPARTMENT}",
        f"group <deployers> to manage dns-steering-policies in compartment id {COMPARTMENT}",
        (
            "group <deployers> to use dns-zones in tenancy "
            "where target.dns-zone.name = 'example.com'"
        ),
        (
            "group <deployers> to use dns-records in tenancy "
            "where target.dns-zone.name = 'example.com'"
        ),
        "group <deployers> to read dns-steering-policy-attachments in tenancy",
    ]
    assert deployed_by(**led, mesh__enabled=False) == deployed_by()


def test_a_budget_takes_the_right_to_budgets_and_to_the_home_region() -> None:
    asked = {"budget": {"monthly": 500, "recipients": ["ops@example.com"]}}
    assert deployed_by(**asked)[len(deployed_by()) :] == [
        "group <deployers> to inspect tenancies in tenancy",
        "group <deployers> to manage usage-budgets in tenancy",
    ]


def test_alarms_take_rights_where_they_lie_and_to_the_metrics_that_they_read() -> None:
    asked = {
        "alarms": {"recipients": ["ops@example.com"]},
        "clusters__primary__compartmentId": NETWORK,
    }
    found = [line for line in deployed_by(**asked) if " ons-" in line or " alarms" in line]
    assert found == [
        f"group <deployers> to manage alarms in compartment id {COMPARTMENT}",
        f"group <deployers> to manage ons-topics in compartment id {COMPARTMENT}",
        f"group <deployers> to manage ons-subscriptions in compartment id {COMPARTMENT}",
    ]
    assert [line for line in deployed_by(**asked) if "metrics" in line] == [
        f"group <deployers> to read metrics in compartment id {NETWORK}",
        f"group <deployers> to read metrics in compartment id {COMPARTMENT}",
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


def test_groups_and_routes_are_made_where_a_network_of_ones_own_lies() -> None:
    asked = settings()
    lines = deployer_statements(asked, build_plan(asked), {"primary": NETWORK})
    assert [line for line in lines if NETWORK in line] == [
        f"Allow group <deployers> to manage virtual-network-family in compartment id {NETWORK}"
    ]


def test_whoever_deploys_may_use_the_namespaces_of_the_tags() -> None:
    tags = {"definedTags": {"Ops.Cost": "1", "Ops.Team": "x"}}
    found = deployed_by(**tags, access={"cluster": "primary", "definedTags": {"Mesh.Role": "op"}})
    assert [line for line in found if "tag-namespaces" in line] == [
        (
            "group <deployers> to use tag-namespaces in tenancy where target.tag-namespace.name = "
            "'Mesh'"
        ),
        (
            "group <deployers> to use tag-namespaces in tenancy where target.tag-namespace.name = "
            "'Ops'"
        ),
    ]


def test_the_defaults_need_no_statement_of_okes() -> None:
    assert oke_statements(settings(), member(), COMPARTMENT) == ()


def test_a_cluster_without_bounds_needs_no_statement_for_an_autoscaler() -> None:
    assert autoscaler_statements(member(), "ocid1.cluster.oc1.sjc.c", network=NETWORK) == ()


def test_native_pods_across_compartments_need_addresses_groups_and_instances() -> None:
    condition = (
        "where ALL {request.principal.type = 'cluster', "
        f"request.principal.compartment.id = '{COMPARTMENT}'}}"
    )
    assert oke_statements(settings(), member(), NETWORK) == (
        f"Allow any-user to use network-security-groups in compartment id {NETWORK} {condition}",
        f"Allow any-user to use subnets in compartment id {NETWORK} {condition}",
        f"Allow any-user to use vnics in compartment id {NETWORK} {condition}",
        f"Allow any-user to manage instances in compartment id {COMPARTMENT} {condition}",
        f"Allow any-user to use private-ips in compartment id {NETWORK} {condition}",
    )


def test_flannel_across_compartments_needs_no_addresses_of_pods() -> None:
    statements = oke_statements(settings(), member(**flannel_changes()), NETWORK)
    assert [statement.split(" in ")[0] for statement in statements] == [
        "Allow any-user to use network-security-groups",
        "Allow any-user to use subnets",
        "Allow any-user to use vnics",
    ]


def test_a_vault_key_is_granted_by_its_ocid() -> None:
    condition = f"ALL {{request.principal.type = 'cluster', target.key.id = '{KEY}'}}"
    keyed = member(clusters__primary__kmsKeyId=KEY)
    assert oke_statements(settings(), keyed, COMPARTMENT) == (
        f"Allow any-user to use keys in tenancy where {condition}",
    )


def test_a_key_of_boot_volumes_is_for_volumes_and_delegated_by_pools() -> None:
    pools = {"np1": {"bootVolumeKeyId": KEY}, "np2": {"bootVolumeKeyId": KEY}, "np3": {}}
    keyed = member(clusters__primary__nodePools=pools)
    condition = f"ALL {{request.principal.type = 'nodepool', target.key.id = '{KEY}'}}"
    assert oke_statements(settings(), keyed, COMPARTMENT) == (
        f"Allow service blockstorage to use keys in tenancy where target.key.id = '{KEY}'",
        f"Allow any-user to use key-delegates in tenancy where {condition}",
    )


def test_whoever_deploys_delegates_the_key_of_the_host() -> None:
    assert deployed_by(access__bootVolumeKeyId=KEY)[-2:] == [
        f"service blockstorage to use keys in tenancy where target.key.id = '{KEY}'",
        f"group <deployers> to use key-delegates in tenancy where target.key.id = '{KEY}'",
    ]


def test_whoever_deploys_makes_logs_where_flows_are_logged() -> None:
    assert deployed_by(clusters__primary__flowLogDays=30)[-1] == (
        f"group <deployers> to manage log-groups in compartment id {COMPARTMENT}"
    )


def test_oke_may_tag_what_it_makes() -> None:
    asked = settings(definedTags={"Ops.Cost": "1"})
    assert oke_statements(asked, member(), COMPARTMENT) == (
        (
            "Allow any-user to use tag-namespaces in tenancy where ALL {request.principal.type = "
            f"'cluster', request.principal.compartment.id = '{COMPARTMENT}', "
            "target.tag-namespace.name = 'Ops'}"
        ),
    )


AUTOSCALER = [
    "manage cluster-node-pools",
    "manage instance-family",
    "use subnets",
    "read virtual-network-family",
    "use vnics",
    "inspect compartments",
]


def test_the_autoscaler_is_granted_as_the_workload_of_one_cluster() -> None:
    scaled = member(**pool_changes(autoscaler={"min": 1, "max": 3}))
    statements = autoscaler_statements(scaled, "ocid1.cluster.oc1.sjc.c", network=COMPARTMENT)
    assert statements[0] == (
        f"Allow any-user to manage cluster-node-pools in compartment id {COMPARTMENT} "
        "where ALL {request.principal.type = 'workload', "
        "request.principal.namespace = 'kube-system', "
        "request.principal.service_account = 'cluster-autoscaler', "
        "request.principal.cluster_id = 'ocid1.cluster.oc1.sjc.c'}"
    )
    assert [
        statement.split(" in ")[0].removeprefix("Allow any-user to ") for statement in statements
    ] == AUTOSCALER


def test_the_autoscaler_uses_a_network_of_another_compartment() -> None:
    scaled = member(**pool_changes(autoscaler={"min": 1, "max": 3}))
    statements = autoscaler_statements(scaled, "c", network=NETWORK)
    grants = [line.split(" where ")[0].removeprefix("Allow any-user to ") for line in statements]
    assert grants == [
        *(f"{grant} in compartment id {COMPARTMENT}" for grant in AUTOSCALER),
        f"use subnets in compartment id {NETWORK}",
        f"read virtual-network-family in compartment id {NETWORK}",
        f"use vnics in compartment id {NETWORK}",
    ]


def operators(**changes: Any) -> tuple[str, ...]:
    """Return what a host in the VCN of `primary` needs."""
    asked = settings(access__cluster="primary", **changes)
    return operator_statements(
        asked, build_plan(asked), group="operators", host_id="ocid1.instance.oc1.sjc.i"
    )


def test_the_operator_host_may_use_the_clusters_of_every_compartment() -> None:
    other = "ocid1.compartment.oc1..other"
    assert operators(clusters__secondary__compartmentId=other) == (
        "Dynamic group operators, matching rule: ALL {instance.id = 'ocid1.instance.oc1.sjc.i'}",
        f"Allow dynamic-group operators to use clusters in compartment id {other}",
        f"Allow dynamic-group operators to use clusters in compartment id {COMPARTMENT}",
    )


def test_a_host_with_tags_of_its_own_is_matched_by_them() -> None:
    """So that the next host is in the group without an administrator."""
    rule, *_ = operators(access__definedTags={"Mesh.Role": "operator"})
    assert rule == (
        "Dynamic group operators, matching rule: ALL {"
        f"instance.compartment.id = '{COMPARTMENT}', tag.Mesh.Role.value = 'operator'}}"
    )


def test_tags_that_nodes_bear_too_match_no_host() -> None:
    rule, *_ = operators(definedTags={"Ops.Cost": "1"})
    assert "instance.id = " in rule
    assert "tag." not in rule


def test_without_a_host_nobody_is_granted_its_rights() -> None:
    asked = settings()
    assert operator_statements(asked, build_plan(asked), group="operators", host_id="") == ()
