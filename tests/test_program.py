"""The program as a whole: its inventories, its outputs, and what a changed map does to others."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from components.access.tunnel import own_port
from components.errors import ConfigError, OfferError
from tests.support.documents import DROP, changed, cluster, documents, flannel
from tests.support.graph import order
from tests.support.harness import Deployment
from tests.support.inventory import file_of, inventory, written
from tests.support.outputs import ANSWERS
from tests.support.program import CASES, inventory_run, run, same_run
from tests.support.replacing import REPLACING, replacing_paths

RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
ONE = documents(clusters__secondary=DROP)
TWO = documents()
THREE = documents(clusters__third=cluster(2))


@pytest.mark.parametrize("case", CASES)
def test_the_inventory_is_the_reviewed_one(case: str) -> None:
    # As lines, of which pytest shows the first that differs; the largest have thousands.
    found = written(inventory(inventory_run(case)))
    assert found.splitlines() == file_of(case).read_text().splitlines()


@pytest.fixture(scope="module")
def two() -> Deployment:
    return same_run(TWO)


@pytest.fixture(scope="module")
def three() -> Deployment:
    return same_run(THREE)


def test_a_cluster_more_takes_nothing_away(two: Deployment, three: Deployment) -> None:
    assert set(two.urns()) - set(three.urns()) == set()


def test_a_cluster_more_replaces_nothing(two: Deployment, three: Deployment) -> None:
    after = {resource.urn: resource for resource in three.resources}
    replaced = {
        resource.name: found
        for resource in two.resources
        if resource.custom and not resource.type.startswith("pulumi:providers:")
        if (found := replacing_paths(resource, after[resource.urn]))
    }
    assert replaced == {}


def test_a_cluster_more_changes_of_the_others_whom_they_read_and_nothing_else(
    two: Deployment, three: Deployment
) -> None:
    """What it changes as it comes, it changes as it goes, before anything of it is deleted."""
    after = {resource.urn: resource for resource in three.resources}
    changed = [r.name for r in two.resources if r.inputs != after[r.urn].inputs]
    assert sorted(changed) == [
        "primary-reads-others-secret",
        "secondary-reads-others-secret",
        "verification-run",
    ]


def test_what_goes_with_a_cluster_bears_its_name(two: Deployment, three: Deployment) -> None:
    gone = set(three.urns()) - set(two.urns())
    region = "us-ashburn-1"
    strays = [urn for urn in gone if "third" not in urn.split("::")[-1] and region not in urn]
    assert strays == []


def test_every_type_has_its_replacing_inputs_listed(three: Deployment) -> None:
    custom = (r.type for r in three.resources if r.custom)
    types = {type_ for type_ in custom if not type_.startswith("pulumi:providers:")}
    assert types - set(REPLACING) == set()


def test_the_clusters_and_the_root_are_protected(two: Deployment) -> None:
    assert sorted(resource.name for resource in two.resources if "protect" in resource.options) == [
        "pki-root-cert",
        "pki-root-key",
        "primary-cluster",
        "secondary-cluster",
    ]


def test_without_protection_nothing_is_protected() -> None:
    made = run(changed(ONE, protection=False))
    assert [resource.name for resource in made.resources if "protect" in resource.options] == []


def test_a_disabled_cluster_leaves_nothing(two: Deployment) -> None:
    made = run(documents(clusters__third=cluster(2, enabled=False)))
    found = {r.urn: r.inputs for r in made.resources}
    assert found == {r.urn: r.inputs for r in two.resources}
    assert made.exports == two.exports


def test_wrong_settings_register_nothing() -> None:
    with pytest.raises(ConfigError):
        run(documents(clusters__secondary__vcnCidr="10.0.0.0/16"))


OUTPUTS: dict[str, Any] = {
    "schemaVersion": int,
    "mesh": {
        "id",
        "trustDomain",
        "istioVersion",
        "revision",
        "mtls",
        "rootCaPem",
        "samples",
        "hasOwnRoot",
    },
    "clusters": {"primary", "secondary"},
    "backbone": {"drgs", "peerings"},
    "access": {
        "host",
        "hostId",
        "hostKeys",
        "user",
        "privateKeyPath",
        "sshCommand",
        "socksPort",
        "owner",
    },
    "iamStatements": list,
    "kubeconfigs": {"primary", "secondary"},
    "mergedKubeconfig": str,
    "verification": {"passed", "requests", "pairs"},
}


def test_the_outputs_are_those_of_the_contract(two: Deployment) -> None:
    assert set(two.exports) == set(OUTPUTS)
    for name, shape in OUTPUTS.items():
        found = two.exports[name]
        assert set(found) == shape if isinstance(shape, set) else isinstance(found, shape), name


def test_the_outputs_of_a_cluster_are_those_of_the_contract(two: Deployment) -> None:
    assert set(two.exports["clusters"]["primary"]) == {
        "clusterId",
        "name",
        "region",
        "role",
        "primary",
        "network",
        "vcnCidr",
        "servicesCidr",
        "cni",
        "kubernetesVersion",
        "privateEndpoint",
        "publicEndpoint",
        "vcnId",
        "subnets",
        "nsgs",
        "nodePools",
        "readerTokenSince",
        "ingressAddress",
        "eastWestAddress",
    }


def test_the_merged_kubeconfig_has_a_context_for_every_cluster(two: Deployment) -> None:
    merged = yaml.safe_load(two.exports["mergedKubeconfig"])
    assert [context["name"] for context in merged["contexts"]] == [
        "primary-cluster",
        "secondary-cluster",
    ]


def test_without_the_mesh_there_are_no_addresses() -> None:
    clusters = run(changed(ONE, mesh__enabled=False)).exports["clusters"]
    addresses = {(c["ingressAddress"], c["eastWestAddress"]) for c in clusters.values()}
    assert addresses == {(None, None)}


def test_private_endpoints_go_through_the_tunnel() -> None:
    made = inventory_run("dev")
    merged = yaml.safe_load(made.exports["mergedKubeconfig"])
    proxies = {entry["cluster"]["proxy-url"] for entry in merged["clusters"]}
    assert proxies == {"socks5://127.0.0.1:10080"}
    access = made.exports["access"]
    assert access["socksPort"] == own_port(access["owner"])
    assert access["owner"].startswith("oke-mesh-")
    assert " in ocid1.compartment." in access["owner"]


def test_private_endpoints_that_are_called_directly_need_neither_host_nor_tunnel() -> None:
    documents = {**CASES["dev"], "access": {"mode": "direct", "apiCallers": ["172.16.8.0/24"]}}
    made = run(documents)
    merged = yaml.safe_load(made.exports["mergedKubeconfig"])
    assert not any("proxy-url" in entry["cluster"] for entry in merged["clusters"])
    assert made.of("oci:Core/instance:Instance") == made.of("okemesh:access:Tunnel") == []
    assert {name for name, value in made.exports["access"].items() if value is not None} == set()
    called = {
        rule.inputs["description"]
        for rule in made.of(RULE)
        if rule.inputs.get("source") == "172.16.8.0/24"
    }
    assert called == {"172.16.8.0/24 calls the private Kubernetes API"}


def test_private_endpoints_are_called_through_a_proxy_of_ones_own() -> None:
    proxy = "http://proxy.example.com:3128"
    access = {"mode": "direct", "apiCallers": ["172.16.8.0/24"], "proxyUrl": proxy}
    made = run({**CASES["dev"], "access": access})
    merged = yaml.safe_load(made.exports["mergedKubeconfig"])
    assert [entry["cluster"]["proxy-url"] for entry in merged["clusters"]] == [proxy, proxy]
    assert made.of("oci:Core/instance:Instance") == made.of("okemesh:access:Tunnel") == []


def test_the_state_tells_of_the_tunnel_before_the_first_update_has_ended() -> None:
    """`ops tunnel open` reads it there, since the stack has no outputs until then."""
    made = inventory_run("dev")
    registered, _ = made.outputs[made.one("okemesh:access:Access", "access").urn]
    assert made.exports["access"].items() <= registered.items()


def test_a_version_that_the_region_does_not_offer_is_refused_with_those_that_it_does() -> None:
    token = "oci:ContainerEngine/getClusterOption:getClusterOption"
    answer = ANSWERS[token]({}) | {"kubernetesVersions": ["v1.33.1", "v1.35.0"]}
    with pytest.raises(OfferError) as refused:
        run(changed(ONE, clusters__primary__kubernetesVersion="v1.34.2"), answers={token: answer})
    assert "v1.33.1, v1.35.0" in str(refused.value)


def test_a_running_cluster_keeps_a_version_that_is_no_longer_offered() -> None:
    old = "v1.32.9"
    mine = {"name": "oke-mesh-test-primary", "state": "ACTIVE", "kubernetesVersion": old}
    listed = {"oci:ContainerEngine/getClusters:getClusters": {"clusters": [mine]}}
    asked = changed(
        ONE,
        clusters__primary__kubernetesVersion=old,
        clusters__primary__nodePools={"np1": {"image": {"id": "ocid1.image.oc1..own"}}},
    )
    made = run(asked, answers=listed)
    cluster = made.one("oci:ContainerEngine/cluster:Cluster", "primary-cluster")
    assert cluster.inputs["kubernetesVersion"] == old


def test_samples_wait_until_they_get_a_proxy() -> None:
    assert order(inventory_run("dev"), "primary-istio-istiod", "primary-sample-namespace")
    remote = inventory_run("primary-remote")
    door = "ash-public-lb-nsg-pods-of-fra-reach-the-east-west-gateway-in"
    for first in ("fra-reads-remotes-secret", "ash-eastwestgateway-service", door):
        assert order(remote, first, "ash-sample-namespace")


def test_verification_waits_for_all_of_the_mesh() -> None:
    made = inventory_run("dev")
    for last in ("secondary-reads-others-secret", "secondary-ingressgateway-service"):
        assert order(made, last, "verification-run")
    assert order(made, "secondary-sample-helloworld-v2", "verification-run")
    public = inventory_run("primary-remote")
    door = (
        "fra-public-lb-nsg-pods-proxies-and-the-control-plane-of-ash-reach-the-east-west-gateway-in"
    )
    assert order(public, door, "verification-run")


def test_a_cluster_that_leaves_answers_while_others_forget_it() -> None:
    """What comes last goes first, and that is a pause."""
    made = inventory_run("dev")
    for last in ("eastwestgateway-label", "ingressgateway-service", "sample-helloworld-v1"):
        assert order(made, f"primary-{last}", "primary-drain-pause")
    pause = made.one("command:local:Command", "primary-drain-pause").inputs
    assert pause["delete"] == "sleep 30"
    assert "create" not in pause


def test_clusters_drain_without_the_samples_too() -> None:
    made = run(changed(ONE, mesh__samples=False))
    assert order(made, "primary-ingressgateway-service", "primary-drain-pause")


def test_every_cluster_answers_with_a_version_of_its_own() -> None:
    made = inventory_run("dev")
    deployments = made.of("kubernetes:apps/v1:Deployment")
    found = {
        deployment.name.split("-")[0]: deployment.inputs["metadata"]["name"]
        for deployment in deployments
        if "helloworld" in deployment.name
    }
    assert found == {"primary": "helloworld-v1", "secondary": "helloworld-v2"}


def test_clusters_with_equal_flannel_ranges_on_different_networks_come_up() -> None:
    made = run(documents(clusters={"a": flannel(0), "b": flannel(1)}))
    assert set(made.exports["clusters"]) == {"a", "b"}
