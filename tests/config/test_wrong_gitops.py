"""What is wrong about a GitOps tool."""

from __future__ import annotations

from typing import Any

import pytest

from components.config.parse import parse
from components.plan.gitops import OWN_NAMESPACES
from components.settings.gitops import NamespaceOwner, Scope
from tests.config.wrong import Wrong, assert_refused, wrong
from tests.support.documents import cluster, documents, settings
from tests.support.program import CASES, inventory_run

PRIVATE = cluster(1, endpoint="private", allowedCidrs=[])
DIRECT = {"access": {"mode": "direct", "apiCallers": ["172.16.8.0/24"]}}


def gitops(**changes: Any) -> dict[str, Any]:
    """Return a tool that works in one namespace, with changes to its settings."""
    return {"gitops": {"namespaces": ["shop"], **changes}}


TABLE = [
    wrong(
        "a tool without the mesh",
        {**gitops(), "mesh__enabled": False},
        (
            "gitops: needs the mesh, which mesh.enabled leaves out, got a map; remove it, or set "
            "mesh.enabled to true"
        ),
    ),
    wrong(
        "a tool in no cluster",
        gitops(**{"from": "primry"}),
        (
            "gitops.from: is not an enabled cluster, got 'primry'; did you mean primary? the "
            "enabled clusters are primary, secondary"
        ),
    ),
    wrong(
        "a tool in a cluster that is not enabled",
        {**gitops(**{"from": "secondary"}), "clusters__secondary__enabled": False},
        (
            "gitops.from: is not an enabled cluster, got 'secondary'; the enabled clusters are "
            "primary"
        ),
    ),
    wrong(
        "a way over the backbone to public addresses",
        gitops(**{"from": "primary", "endpoint": "public"}),
        (
            "gitops.from: opens the way to private addresses, and the tool is told public ones, "
            "got 'primary'; remove it, or gitops.endpoint; public endpoints let in their "
            "allowedCidrs"
        ),
    ),
    wrong(
        "public addresses of private endpoints",
        {**gitops(endpoint="public"), "clusters__secondary": PRIVATE, **DIRECT},
        (
            "gitops.endpoint: is public, and the endpoint of secondary is private, got 'public'; "
            "remove it, or set every endpoint to public"
        ),
    ),
    wrong(
        "no namespaces",
        gitops(namespaces=[]),
        (
            "gitops.namespaces: is empty, so that the tool may do nothing, got nothing; "
            "name namespaces, or set gitops.scope to cluster"
        ),
    ),
    wrong(
        "the owner of nothing",
        {"gitops": {"scope": "cluster", "namespaceOwner": "tool"}},
        (
            "gitops.namespaceOwner: has no effect without gitops.namespaces, got 'tool'; remove "
            "it, or name namespaces"
        ),
    ),
    wrong(
        "names that are no names",
        gitops(namespaces=["Shop", "-"], role="Edit!", project="a b"),
        ("gitops.namespaces[0]: is not a DNS label, got 'Shop'; write shop"),
        (
            "gitops.namespaces[1]: is not a DNS label, got '-'; use lower-case letters, digits "
            "and inner hyphens"
        ),
        "gitops.project: is not a DNS label, got 'a b'; write a-b",
        (
            "gitops.role: is not the name of a ClusterRole, got 'Edit!'; write it as cluster-admin "
            "or view"
        ),
    ),
    wrong(
        "a scope and an owner that are none",
        gitops(scope="all", namespaceOwner="argocd"),
        (
            "gitops.namespaceOwner: is not one of the choices, got 'argocd'; the choices are "
            "stack, tool"
        ),
        ("gitops.scope: is not one of the choices, got 'all'; the choices are cluster, namespaces"),
    ),
    wrong(
        "a namespace twice",
        gitops(namespaces=["shop", "cart", "shop"]),
        "gitops.namespaces[2]: is named twice, got 'shop'; name it once",
    ),
    wrong(
        "namespaces of others",
        gitops(namespaces=["default", "kube-system", "istio-system"]),
        (
            "gitops.namespaces[0]: is a namespace of Kubernetes, got 'default'; choose another; "
            "what has to work there takes gitops.scope: cluster"
        ),
        (
            "gitops.namespaces[1]: is a namespace of Kubernetes, got 'kube-system'; choose "
            "another; what has to work there takes gitops.scope: cluster"
        ),
        (
            "gitops.namespaces[2]: is a namespace of the program, got 'istio-system'; choose "
            "another, and leave what stands there to the program"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_what_is_wrong_is_told_with_its_remedy(case: Wrong) -> None:
    assert_refused(case)


@pytest.mark.parametrize(
    "given",
    [
        gitops(),
        gitops(**{"from": "secondary"}),
        gitops(endpoint="public"),
        gitops(namespaceOwner="tool"),
        {"gitops": {"scope": "cluster", "role": "cluster-admin"}},
    ],
    ids=["least", "in a cluster", "public", "its own namespaces", "the whole cluster"],
)
def test_what_works_is_taken(given: dict[str, Any]) -> None:
    assert parse(documents(**given)).gitops == settings(**given).gitops


def test_the_least_is_what_a_tool_may_unless_more_is_asked_for() -> None:
    chosen = settings(**gitops()).gitops
    assert chosen
    assert (chosen.scope, chosen.role) == (Scope.NAMESPACES, "edit")
    assert chosen.namespace_owner is NamespaceOwner.STACK
    assert chosen.from_ is None


def test_an_empty_document_is_no_tool() -> None:
    assert settings(gitops={}).gitops is None


@pytest.mark.parametrize("case", ["dev", "way-in", "observed"])
def test_every_namespace_of_the_program_is_kept_from_a_tool(case: str) -> None:
    made = inventory_run(case).of("kubernetes:core/v1:Namespace")
    names = {resource.inputs["metadata"]["name"] for resource in made}
    given = CASES[case].get("gitops", {}).get("namespaces", [])
    assert names - set(given) - OWN_NAMESPACES == set()
