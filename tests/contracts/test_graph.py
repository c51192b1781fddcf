"""What holds for every resource of every description that the tests know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from components.cloud.naming import HELM_RELEASE_LIMIT
from components.cloud.owner import DISPLAY_NAME_LIMIT
from tests.support.documents import SSH_KEY, documents
from tests.support.harness import Deployment, Registered
from tests.support.program import CASES, inventory_run, run
from tests.support.sdk_schema import faults

TAGGABLE = {
    "oci:ContainerEngine/cluster:Cluster",
    "oci:ContainerEngine/nodePool:NodePool",
    "oci:Core/drg:Drg",
    "oci:Core/drgAttachment:DrgAttachment",
    "oci:Core/instance:Instance",
    "oci:Core/internetGateway:InternetGateway",
    "oci:Core/natGateway:NatGateway",
    "oci:Core/networkSecurityGroup:NetworkSecurityGroup",
    "oci:Core/remotePeeringConnection:RemotePeeringConnection",
    "oci:Core/routeTable:RouteTable",
    "oci:Core/securityList:SecurityList",
    "oci:Core/serviceGateway:ServiceGateway",
    "oci:Core/subnet:Subnet",
    "oci:Core/vcn:Vcn",
    "oci:Dns/steeringPolicy:SteeringPolicy",
    "oci:HealthChecks/httpMonitor:HttpMonitor",
    "oci:Budget/budget:Budget",
    "oci:Budget/rule:Rule",
    "oci:Monitoring/alarm:Alarm",
    "oci:Ons/notificationTopic:NotificationTopic",
    "oci:Ons/subscription:Subscription",
}
UNTAGGABLE = {
    "oci:ContainerEngine/addon:Addon",
    "oci:Core/defaultSecurityList:DefaultSecurityList",
    "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule",
    "oci:Dns/rrset:Rrset",
    "oci:Dns/steeringPolicyAttachment:SteeringPolicyAttachment",
}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Deployment:
    return inventory_run(request.param)


def custom(deployment: Deployment) -> Iterator[Registered]:
    for resource in deployment.resources:
        if resource.custom and not resource.type.startswith("pulumi:providers:"):
            yield resource


def test_every_input_is_one_that_the_sdk_knows_and_of_its_type(case: Deployment) -> None:
    assert faults(custom(case)) == []


def test_every_resource_has_an_explicit_provider(case: Deployment) -> None:
    assert [resource.name for resource in custom(case) if not resource.provider] == []


def test_every_resource_stands_below_a_component_of_ours(case: Deployment) -> None:
    strays = [resource.urn for resource in custom(case) if ":okemesh:" not in resource.parent]
    assert strays == []


def test_every_component_token_has_three_static_parts(case: Deployment) -> None:
    tokens = {r.type for r in case.resources if not r.custom}
    assert {len(token.split(":")) for token in tokens} == {3}
    assert {token.split(":")[0] for token in tokens} == {"okemesh"}


def test_every_resource_of_a_cluster_is_named_after_it(case: Deployment) -> None:
    """A name that held a number or another cluster's key would move when that one goes."""
    keys = case.exports["clusters"]
    shared = (
        "oci-",
        "tls",
        "command",
        "pki",
        "mesh",
        "drains",
        "backbone",
        "budget",
        "access",
        "traffic",
        "host-",
        "observability",
        "verification",
    )
    regions = tuple(cluster["region"] for cluster in keys.values())
    strays = [
        resource.name
        for resource in case.resources
        if not resource.name.startswith((*keys, *shared, *regions))
    ]
    assert strays == []


def test_every_taggable_resource_names_its_owner(case: Deployment) -> None:
    wanted = {"project": "oke-mesh", "stack": "test", "mesh": "oke-mesh"}
    untagged = [
        resource.name
        for resource in custom(case)
        if resource.type in TAGGABLE
        if not wanted.items() <= resource.inputs.get("freeformTags", {}).items()
    ]
    assert untagged == []


def test_every_taggable_resource_bears_the_defined_tags_too() -> None:
    """A tenancy that requires a tag refuses whatever lacks it."""
    tags, own = {"Ops.Cost": "42"}, {"Mesh.Role": "operator"}
    access = {"cluster": "primary", "allowedCidrs": ["192.0.2.0/24"], "sshPublicKey": SSH_KEY}
    made = run(documents(definedTags=tags, access={**access, "definedTags": own}))
    found = {r.name: r.inputs.get("definedTags") for r in custom(made) if r.type in TAGGABLE}
    assert found.pop("primary-operator") == tags | own
    assert {name: given for name, given in found.items() if given != tags} == {}


def test_what_oke_makes_bears_the_defined_tags() -> None:
    tags = {"Ops.Cost": "42"}
    made = run(documents(definedTags=tags))
    options = made.one("oci:ContainerEngine/cluster:Cluster", "primary-cluster").inputs["options"]
    assert options["serviceLbConfig"]["definedTags"] == tags
    assert options["persistentVolumeConfig"]["definedTags"] == tags
    pools = made.of("oci:ContainerEngine/nodePool:NodePool")
    assert [r.inputs["nodeConfigDetails"]["definedTags"] for r in pools] == [tags] * len(pools)
    services = made.of("kubernetes:core/v1:Service")
    notes = [r.inputs["metadata"].get("annotations", {}) for r in services]
    key = "oci.oraclecloud.com/initial-defined-tags-override"
    balancers = [n for n in notes if "oci.oraclecloud.com/load-balancer-type" in n]
    assert {n[key] for n in balancers} == {'{"Ops": {"Cost": "42"}}'}


def test_every_oci_type_is_known_to_be_taggable_or_not(case: Deployment) -> None:
    types = {resource.type for resource in custom(case) if resource.type.startswith("oci:")}
    assert types - TAGGABLE - UNTAGGABLE == set()


def test_display_names_are_unique_within_their_type_and_region(case: Deployment) -> None:
    names = Counter(
        (resource.type, resource.provider, resource.inputs["displayName"])
        for resource in custom(case)
        if "displayName" in resource.inputs
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_display_names_keep_the_limit(case: Deployment) -> None:
    lengths = [len(r.inputs.get("displayName", "")) for r in custom(case)]
    assert max(lengths) <= DISPLAY_NAME_LIMIT


def test_helm_releases_keep_the_limit(case: Deployment) -> None:
    names = [r.inputs["name"] for r in case.of("kubernetes:helm.sh/v3:Release")]
    assert max(map(len, names)) <= HELM_RELEASE_LIMIT


def test_no_key_is_an_input_that_is_not_secret(case: Deployment) -> None:
    leaks = [
        (resource.name, name)
        for resource in case.resources
        for name, value in resource.inputs.items()
        if "PRIVATE KEY" in str(value) and name not in resource.secrets
    ]
    assert leaks == []


def test_no_token_is_an_input_that_is_not_secret(case: Deployment) -> None:
    leaks = [
        (resource.name, name)
        for resource in case.resources
        for name, value in resource.inputs.items()
        if "token-of-" in str(value) and name not in resource.secrets
    ]
    assert leaks == []


def test_only_credentials_are_secret_outputs(case: Deployment) -> None:
    expected = {"kubeconfigs", "mergedKubeconfig", "grafanaPassword", "gitops"}
    assert case.secret_exports == expected & set(case.exports)


def test_no_credential_is_in_an_open_output(case: Deployment) -> None:
    shown = {k: v for k, v in case.exports.items() if k not in case.secret_exports}
    assert "PRIVATE KEY" not in str(shown)
    assert "token-of-" not in str(shown)


@pytest.mark.parametrize("name", CASES)
def test_a_preview_registers_exactly_what_an_update_does(name: str) -> None:
    assert run(CASES[name], preview=True).urns() == inventory_run(name).urns()
