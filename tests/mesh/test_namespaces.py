"""What pods may do in the namespaces that the program makes."""

from __future__ import annotations

import pytest

from components.mesh.namespaces import injected_labels, istio_labels
from components.settings.mesh import MeshSettings
from tests.mesh.support import NAMESPACE, mesh
from tests.support.harness import Deployment
from tests.support.program import CASES, inventory_run

ENFORCE = "pod-security.kubernetes.io/enforce"
WARN = "pod-security.kubernetes.io/warn"


def settings(**changes: object) -> MeshSettings:
    given = {"id": "mesh", "trustDomain": "mesh.example", **changes}
    return MeshSettings.model_validate(given)


def levels(labels: dict[str, str]) -> tuple[str, str]:
    return labels[ENFORCE], labels[WARN]


def test_istio_runs_under_baseline() -> None:
    assert levels(istio_labels(settings())) == ("baseline", "baseline")


def test_the_agent_of_the_cni_plugin_mounts_its_node() -> None:
    assert levels(istio_labels(settings(istio={"cni": True}))) == ("privileged", "privileged")


def test_an_init_container_of_istio_is_beyond_baseline() -> None:
    assert levels(injected_labels(settings())) == ("privileged", "baseline")


def test_with_the_cni_plugin_pods_of_the_mesh_run_under_baseline() -> None:
    assert levels(injected_labels(settings(istio={"cni": True}))) == ("baseline", "baseline")


def test_values_of_ones_own_may_ask_for_more_with_a_warning() -> None:
    chosen = settings(podSecurity="warn")
    assert levels(istio_labels(chosen)) == ("privileged", "baseline")


@pytest.mark.parametrize(
    ("changes", "injects"),
    [
        ({}, {"istio-injection": "enabled"}),
        ({"istio": {"revision": "blue"}}, {"istio.io/rev": "blue"}),
    ],
    ids=["the only istiod", "the istiod of a revision"],
)
def test_pods_are_injected_by(changes: dict[str, object], injects: dict[str, str]) -> None:
    assert injects.items() <= injected_labels(settings(**changes)).items()


@pytest.mark.parametrize("case", CASES)
def test_every_namespace_of_the_program_says_what_its_pods_may(case: str) -> None:
    expected = {
        "istio-system": ("baseline", "baseline"),
        "cert-manager": ("restricted", "restricted"),
        "oke-mesh-gitops": ("restricted", "restricted"),
    }
    for one in inventory_run(case).of(NAMESPACE):
        metadata = one.inputs["metadata"]
        level = expected.get(metadata["name"], ("privileged", "baseline"))
        assert levels(metadata["labels"]) == level, one.name


def test_a_deployed_namespace_has_the_labels(primaries: Deployment, optional: Deployment) -> None:
    for made, level in ((primaries, "baseline"), (optional, "privileged")):
        metadata = made.one(NAMESPACE, "primary-istio-system-namespace").inputs["metadata"]
        assert metadata["labels"][ENFORCE] == level


def test_a_mesh_that_is_off_has_the_labels_too() -> None:
    made = mesh(mesh__enabled=False).one(NAMESPACE, "primary-istio-system-namespace")
    assert made.inputs["metadata"]["labels"][ENFORCE] == "baseline"
