"""What `ops verify` takes from the outputs, and what it says when they do not do."""

from __future__ import annotations

from typing import Any

import pytest

from ops.errors import OpsError
from ops.verify.document import mesh_from_outputs
from tests.ops import verify_answers as answers


def refusal(given: dict[str, Any]) -> str:
    with pytest.raises(OpsError) as refused:
        mesh_from_outputs(given)
    return str(refused.value)


def test_clusters_come_in_the_order_of_their_keys() -> None:
    clusters = {"b": answers.entry("b", 2), "a": answers.entry("a", 1, role="remote")}
    mesh = mesh_from_outputs(answers.outputs(clusters=clusters))
    assert list(mesh.clusters) == ["a", "b"]
    assert [cluster.key for cluster in mesh.primaries] == ["b"]


def test_hidden_credentials_are_refused() -> None:
    assert refusal(answers.outputs(mergedKubeconfig="[secret]")) == (
        "mergedKubeconfig: is hidden, got '[secret]'; print the outputs with `pulumi stack output "
        "--json --show-secrets`, or name the stack with --stack"
    )


def test_a_stack_without_a_mesh_is_refused() -> None:
    bare = answers.entry("primary", 1, ingressAddress=None)
    assert refusal(answers.outputs(clusters={"primary": bare})) == (
        "clusters.primary.ingressAddress: is not there, got None; set mesh.enabled to true and "
        "run `pulumi up`"
    )


def test_a_stack_that_never_came_up_is_refused() -> None:
    assert refusal({"schemaVersion": 2}) == (
        "the outputs lack a part of mesh, clusters and mergedKubeconfig, got schemaVersion; "
        "run `pulumi up` first"
    )


def test_a_cluster_of_another_shape_is_refused() -> None:
    assert refusal(answers.outputs(clusters={"primary": {"name": "x"}})) == (
        "clusters.primary: lacks name, role, network or privateEndpoint; run `pulumi up` first"
    )


def test_the_gateways_into_a_network_are_those_of_its_clusters() -> None:
    clusters = {key: answers.entry(key, n, network="east") for n, key in enumerate("ab", 1)}
    clusters["c"] = answers.entry("c", 3)
    mesh = mesh_from_outputs(answers.outputs(clusters=clusters))
    assert mesh.gateways_into("east") == ("10.1.0.66", "10.2.0.66")


def test_a_gateway_whose_address_moves_is_entered_at_both() -> None:
    mesh = mesh_from_outputs(answers.outputs())
    seen = mesh.seen({"primary": ("10.1.0.66", "203.0.113.9"), "secondary": ()})
    assert seen.gateways_into("primary-network") == ("10.1.0.66", "203.0.113.9")
    assert seen.gateways_into("secondary-network") == ("10.2.0.66",)
