"""The consumer reads a mesh by its outputs alone."""

from __future__ import annotations

import runpy
from typing import Any

import pulumi
import pytest

from tests.support.documents import documents
from tests.support.harness import Deployment, deploy
from tests.support.outputs import COMPUTED
from tests.support.program import ROOT, same_run


@pytest.fixture(scope="module")
def mesh() -> Deployment:
    return same_run(documents())


def consume(mesh: Deployment, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    def referenced(_: str, __: Any) -> dict[str, Any]:
        secrets = sorted(mesh.secret_exports)
        return {"outputs": mesh.exports, "secretOutputNames": secrets}

    monkeypatch.setitem(COMPUTED, "pulumi:pulumi:StackReference", referenced)
    path = str(ROOT / "examples" / "consumer" / "__main__.py")

    def program() -> None:
        # `deploy` sets the configuration of the mesh's own project only.
        pulumi.runtime.set_all_config({"oke-mesh:mesh": "organization/oke-mesh/dev"})
        runpy.run_path(path, run_name="__main__")

    return deploy(program)


def test_the_consumer_reaches_every_cluster_of_the_mesh(
    mesh: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = consume(mesh, monkeypatch)
    assert made.names("kubernetes:core/v1:Namespace") == ["primary-shop", "secondary-shop"]


def test_the_consumer_keeps_the_kubeconfigs_secret(
    mesh: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = consume(mesh, monkeypatch)
    assert all("kubeconfig" in p.secrets for p in made.of("pulumi:providers:kubernetes"))


def test_the_consumer_tells_where_the_clusters_are(
    mesh: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = {k: c["ingressAddress"] for k, c in mesh.exports["clusters"].items()}
    made = consume(mesh, monkeypatch)
    assert made.exports["urls"] == {k: f"http://{a}/" for k, a in addresses.items()}


@pytest.mark.parametrize(
    ("istio", "labels"),
    [({}, {"istio-injection": "enabled"}), ({"revision": "blue"}, {"istio.io/rev": "blue"})],
    ids=["the only one", "a revision"],
)
def test_the_consumer_is_injected_by_the_istiod_that_there_is(
    monkeypatch: pytest.MonkeyPatch, istio: dict[str, str], labels: dict[str, str]
) -> None:
    made = consume(same_run(documents(mesh__istio=istio)), monkeypatch)
    for namespace in made.of("kubernetes:core/v1:Namespace"):
        assert namespace.inputs["metadata"]["labels"] == labels
