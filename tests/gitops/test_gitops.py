"""What a GitOps tool is given in every cluster, and what is secret of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from components.mesh.namespaces import injected_labels
from tests.support.documents import cluster, documents, settings
from tests.support.graph import order
from tests.support.harness import Deployment
from tests.support.program import CASES, ROOT, inventory_run, same_run

ACCOUNT = "kubernetes:core/v1:ServiceAccount"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
CLUSTER_BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
NAMESPACE = "kubernetes:core/v1:Namespace"
RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
SECRET = "kubernetes:core/v1:Secret"

CLUSTERS = ("primary", "secondary")
LEAST = {"namespaces": ["shop", "cart"]}
WHOLE = {
    "scope": "cluster",
    "role": "cluster-admin",
    "namespaces": ["shop"],
    "namespaceOwner": "tool",
    "project": "platform",
    "endpoint": "public",
}


@pytest.fixture(scope="module")
def least() -> Deployment:
    """A tool that works in two namespaces, and stands anywhere."""
    return same_run(documents(gitops=LEAST))


@pytest.fixture(scope="module")
def whole() -> Deployment:
    """A tool that has every cluster as a whole, and makes its own namespaces."""
    return same_run(documents(gitops=WHOLE))


def of_tool(made: Deployment, type_: str) -> list[str]:
    return [name for name in made.names(type_) if "-gitops-" in name]


def argo_cd(made: Deployment, key: str) -> dict[str, Any]:
    return dict(yaml.safe_load(made.exports["gitops"][key]["argoCdSecret"]))


def test_without_a_tool_there_is_nothing_for_one() -> None:
    made = same_run(documents())
    assert not any("gitops" in resource.name for resource in made.resources)
    assert not any("gitops" in name for name in made.exports)


def test_the_tool_is_bound_in_its_namespaces_and_nowhere_else(least: Deployment) -> None:
    assert of_tool(least, CLUSTER_BINDING) == []
    assert of_tool(least, BINDING) == [
        f"{key}-gitops-{name}-binding" for key in CLUSTERS for name in ("cart", "shop")
    ]
    binding = least.one(BINDING, "secondary-gitops-shop-binding").inputs
    assert binding["metadata"]["namespace"] == "shop"
    assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == ("ClusterRole", "edit")
    account = {"kind": "ServiceAccount", "name": "gitops", "namespace": "oke-mesh-gitops"}
    assert binding["subjects"] == [account]


def test_in_the_whole_cluster_the_tool_is_bound_once(whole: Deployment) -> None:
    assert of_tool(whole, BINDING) == []
    assert of_tool(whole, CLUSTER_BINDING) == [f"{key}-gitops-binding" for key in CLUSTERS]
    binding = whole.one(CLUSTER_BINDING, "primary-gitops-binding").inputs
    assert binding["roleRef"]["name"] == "cluster-admin"
    assert binding["metadata"]["name"] == "oke-mesh-test-gitops"


def test_namespaces_of_the_stack_are_made_with_injection_and_stay(least: Deployment) -> None:
    for key in CLUSTERS:
        for name in ("shop", "cart"):
            made = least.one(NAMESPACE, f"{key}-gitops-{name}-namespace")
            labels = injected_labels(settings().mesh)
            assert made.inputs["metadata"] == {"name": name, "labels": labels}
            assert made.options["retainOnDelete"] is True


def test_namespaces_of_the_stack_wait_until_pods_in_them_get_a_proxy(least: Deployment) -> None:
    assert order(least, "primary-istio-istiod", "primary-gitops-shop-namespace")


def test_namespaces_of_the_tool_are_not_made(whole: Deployment) -> None:
    names = [f"{key}-gitops-namespace" for key in CLUSTERS]
    assert of_tool(whole, NAMESPACE) == names
    own = whole.one(NAMESPACE, names[0]).inputs["metadata"]
    assert own["name"] == "oke-mesh-gitops"
    assert own["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_tool_may_be_bound_in_namespaces_that_are_its_own() -> None:
    made = same_run(documents(gitops={**LEAST, "namespaceOwner": "tool"}))
    assert of_tool(made, NAMESPACE) == [f"{key}-gitops-namespace" for key in CLUSTERS]
    binding = made.one(BINDING, "primary-gitops-cart-binding").inputs
    assert binding["metadata"]["namespace"] == "cart"


def test_another_owner_gives_up_the_namespaces_and_nothing_else(least: Deployment) -> None:
    made = same_run(documents(gitops={**LEAST, "namespaceOwner": "tool"}))
    after = set(made.urns())
    gone = [resource for resource in least.resources if resource.urn not in after]
    assert sorted(resource.name for resource in gone) == [
        f"{key}-gitops-{name}-namespace" for key in CLUSTERS for name in ("cart", "shop")
    ]
    assert all(resource.options["retainOnDelete"] for resource in gone)


def test_the_account_is_there_before_its_token(least: Deployment) -> None:
    assert of_tool(least, ACCOUNT) == [f"{key}-gitops-account" for key in CLUSTERS]
    assert order(least, "primary-gitops-account", "primary-gitops-token")
    token = least.one(SECRET, "primary-gitops-token").inputs["metadata"]
    assert token["annotations"]["kubernetes.io/service-account.name"] == "gitops"
    assert token["namespace"] == "oke-mesh-gitops"


def test_the_secret_is_what_argo_cd_reads_of_a_cluster(least: Deployment) -> None:
    secret = argo_cd(least, "secondary")
    data = secret["stringData"]
    assert (secret["apiVersion"], secret["kind"], secret["type"]) == ("v1", "Secret", "Opaque")
    assert "namespace" not in secret["metadata"]
    assert json.loads(data["config"]) == {
        "bearerToken": "token-of-secondary-gitops-token",
        "tlsClientConfig": {"insecure": False, "caData": "Y2E="},
    }
    assert (data["name"], data["server"]) == (
        "secondary-cluster",
        least.exports["clusters"]["secondary"]["privateEndpoint"],
    )
    assert (data["namespaces"], data["clusterResources"]) == ("shop,cart", "false")


def test_application_sets_select_by_cluster_region_mesh_and_role() -> None:
    made = inventory_run("way-in")
    assert argo_cd(made, "ash")["metadata"]["labels"] == {
        "argocd.argoproj.io/secret-type": "cluster",
        "oke-mesh/cluster": "ash",
        "oke-mesh/mesh": "oke-mesh",
        "oke-mesh/region": "us-chicago-1",
        "oke-mesh/role": "remote",
    }


def test_what_a_secret_no_longer_says_is_still_a_key_of_it(
    least: Deployment, whole: Deployment
) -> None:
    """What is taken out of `stringData` stays in the Secret."""
    one, other = (argo_cd(made, "primary")["stringData"] for made in (least, whole))
    assert one.keys() == other.keys()
    assert (one["project"], other["project"]) == ("", "platform")
    assert (other["namespaces"], other["clusterResources"]) == ("", "true")


def test_the_secrets_of_all_clusters_are_one_stream(least: Deployment) -> None:
    text = "".join(least.exports["gitops"][key]["argoCdSecret"] for key in CLUSTERS)
    names = [secret["metadata"]["name"] for secret in yaml.safe_load_all(text)]
    assert names == ["oke-mesh-primary-cluster", "oke-mesh-secondary-cluster"]


def test_the_kubeconfig_takes_no_program_and_no_proxy() -> None:
    """Also where this program itself goes through a tunnel."""
    made = same_run({**CASES["dev"], "gitops": LEAST})
    for key in CLUSTERS:
        config = yaml.safe_load(made.exports["gitops"][key]["kubeconfig"])
        (entry,), (user,) = config["clusters"], config["users"]
        assert entry["cluster"] == {
            "server": made.exports["clusters"][key]["privateEndpoint"],
            "certificate-authority-data": "Y2E=",
        }
        assert user["user"] == {"token": f"token-of-{key}-gitops-token"}


def test_the_tool_is_told_public_addresses_if_the_settings_say_so(whole: Deployment) -> None:
    public = whole.exports["clusters"]["primary"]["publicEndpoint"]
    config = yaml.safe_load(whole.exports["gitops"]["primary"]["kubeconfig"])
    assert config["clusters"][0]["cluster"]["server"] == public
    assert argo_cd(whole, "primary")["stringData"]["server"] == public


def test_tokens_are_secret_and_what_the_tool_may_is_not(least: Deployment) -> None:
    assert "gitops" in least.secret_exports
    assert least.exports["gitopsAccess"] == {
        "role": "edit",
        "scope": "namespaces",
        "namespaces": ["shop", "cart"],
        "namespaceOwner": "stack",
        "namespaceLabels": injected_labels(settings().mesh),
        "tokensSince": dict.fromkeys(CLUSTERS, "2026-11-01T08:00:00Z"),
    }
    shown = {k: v for k, v in least.exports.items() if k not in least.secret_exports}
    assert "token-of-" not in json.dumps(shown, default=str)


def test_every_api_lets_in_pods_of_the_remote_that_the_tool_runs_in() -> None:
    made = inventory_run("way-in")
    (accepted,) = (
        rule.inputs
        for rule in made.of(RULE)
        if rule.inputs["description"] == "ash reads the Kubernetes API"
    )
    assert accepted["direction"] == "INGRESS"
    ports = accepted["tcpOptions"]["destinationPortRange"]
    assert (ports["min"], ports["max"]) == (6443, 6443)
    assert accepted["source"].startswith("10.1.")


@pytest.mark.parametrize("name", ["applicationset", "rules"])
def test_the_examples_select_by_labels_that_the_secrets_have(least: Deployment, name: str) -> None:
    example = yaml.safe_load((ROOT / "examples" / "gitops" / f"{name}.yaml").read_text())["spec"]
    (generator,) = example["generators"]
    wanted = generator["clusters"]["selector"]["matchLabels"].items()
    labels = argo_cd(least, "primary")["metadata"]["labels"]
    assert wanted <= labels.items()
    assert '"oke-mesh/cluster"' in example["template"]["metadata"]["name"]


def test_a_cluster_more_is_given_to_the_tool_too(least: Deployment) -> None:
    made = same_run(documents(clusters__third=cluster(2), gitops=LEAST))
    assert set(least.urns()) - set(made.urns()) == set()
    assert set(made.exports["gitops"]) == {*CLUSTERS, "third"}
