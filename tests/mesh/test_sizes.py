"""How many pods Istio has, where they are, and where their images come from."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from components.mesh.values import (
    INGRESS,
    cni_values,
    east_west,
    egress_values,
    gateway_values,
    primary_values,
    remote_values,
)
from components.samples.samples import CURL_IMAGE, HELLOWORLD_IMAGE
from components.settings.mesh import MeshSettings
from components.versions import CURL, HELLOWORLD, ISTIO
from tests.support.documents import DROP, documents, member, settings
from tests.support.harness import Deployment
from tests.support.program import run, same_run

RELEASE = "kubernetes:helm.sh/v3:Release"
SECRET = "kubernetes:core/v1:Secret"


@pytest.fixture(scope="module")
def primaries() -> Deployment:
    return same_run(documents())


def test_istiod_is_twofold_and_no_autoscaler_moves_that(primaries: Deployment) -> None:
    istiod = primaries.one(RELEASE, "primary-istio-istiod").inputs["values"]
    assert (istiod["autoscaleEnabled"], istiod["replicaCount"]) == (False, 2)


def test_gateways_follow_the_load(primaries: Deployment) -> None:
    gateway = primaries.one(RELEASE, "primary-ingressgateway").inputs["values"]
    assert gateway["autoscaling"] == {"enabled": True, "minReplicas": 2, "maxReplicas": 6}


def test_the_egress_gateway_is_as_manifold_as_istiod() -> None:
    values = egress_values(settings(mesh__istio={"egress": True, "replicas": 3}).mesh)
    assert (values["replicaCount"], values["podDisruptionBudget"]) == (3, {"minAvailable": 1})
    labels = {"app": "istio-egressgateway", "istio": "egressgateway"}
    selectors = [part["labelSelector"] for part in values["topologySpreadConstraints"]]
    assert selectors == [{"matchLabels": labels}] * 3


@pytest.mark.parametrize(
    ("given", "scales"),
    [
        ({"replicas": 3, "maxReplicas": 3}, False),
        ({"replicas": 8}, False),
        ({"replicas": 2, "maxReplicas": 1}, False),
        ({}, True),
    ],
)
def test_as_many_pods_as_there_may_be_stay_as_they_are(
    given: dict[str, int], *, scales: bool
) -> None:
    made = settings(mesh__ingress=given).mesh
    values = gateway_values(INGRESS, made.ingress, made, member=member())
    assert values["autoscaling"]["enabled"] is scales
    assert values["replicaCount"] == made.ingress.replicas


def test_pods_are_parted_as_far_as_there_are_places(primaries: Deployment) -> None:
    labels = {
        "primary-istio-istiod": {"app": "istiod"},
        "primary-ingressgateway": {"app": "istio-ingressgateway", "istio": "ingressgateway"},
    }
    for name, wanted in labels.items():
        parts = primaries.one(RELEASE, name).inputs["values"]["topologySpreadConstraints"]
        assert [part["topologyKey"] for part in parts] == [
            "topology.kubernetes.io/zone",
            "oci.oraclecloud.com/fault-domain",
            "kubernetes.io/hostname",
        ]
        assert {part["whenUnsatisfiable"] for part in parts} == {"ScheduleAnyway"}
        assert [part["labelSelector"]["matchLabels"] for part in parts] == [wanted] * 3


def test_a_gateway_takes_values_of_ones_own() -> None:
    made = settings(mesh__eastWest__values={"priorityClassName": "high"}).mesh
    values = gateway_values(east_west("n"), made.east_west, made, member=member())
    assert values["priorityClassName"] == "high"
    ingress = gateway_values(INGRESS, made.ingress, made, member=member())
    assert "priorityClassName" not in ingress


MIRROR = "fra.ocir.io/acme/mirror"
PULLED: dict[str, Any] = {
    "clusters__secondary": DROP,
    "mesh__istio__cni": True,
    "mesh__istio__egress": True,
    "mesh__registry": {"place": MIRROR, "username": "acme/robot"},
}


@pytest.fixture(scope="module")
def mirrored() -> Deployment:
    return run(documents(**PULLED), secrets={"registryToken": "hunter2"})


def test_every_chart_comes_from_the_registry(mirrored: Deployment) -> None:
    charts = {release.inputs["chart"] for release in mirrored.of(RELEASE)}
    names = ("base", "cni", "gateway", "istiod")
    assert charts == {f"oci://{MIRROR}/charts/{name}" for name in names}


def test_charts_of_ones_own_stay_where_they_are() -> None:
    made = run(
        documents(
            clusters__secondary=DROP,
            mesh__registry={"place": MIRROR},
            mesh__istio__charts="oci://charts.example/istio",
        )
    )
    charts = {release.inputs["chart"] for release in made.of(RELEASE)}
    assert all(chart.startswith("oci://charts.example/istio/") for chart in charts)


def test_every_image_comes_from_the_registry(mirrored: Deployment) -> None:
    for name in ("base", "cni", "istiod"):
        values = mirrored.one(RELEASE, f"primary-istio-{name}").inputs["values"]
        assert values["global"]["hub"] == f"{MIRROR}/istio"
        assert values["global"]["imagePullSecrets"] == ["oke-mesh-registry"]
    for name in ("ingressgateway", "egressgateway"):
        values = mirrored.one(RELEASE, f"primary-{name}").inputs["values"]
        assert values["imagePullSecrets"] == [{"name": "oke-mesh-registry"}]
    pods = [
        d.inputs["spec"]["template"]["spec"] for d in mirrored.of("kubernetes:apps/v1:Deployment")
    ]
    images = {pod["containers"][0]["image"].partition(":")[0] for pod in pods}
    assert images == {f"{MIRROR}/istio/examples-helloworld-v1", f"{MIRROR}/curlimages/curl"}
    assert [pod["imagePullSecrets"] for pod in pods] == [[{"name": "oke-mesh-registry"}]] * 2


def test_pods_pull_with_a_secret_that_is_one(mirrored: Deployment) -> None:
    for name in ("primary-istio-system-registry", "primary-sample-registry"):
        secret = mirrored.one(SECRET, name)
        assert secret.inputs["type"] == "kubernetes.io/dockerconfigjson"
        config = json.loads(secret.inputs["stringData"][".dockerconfigjson"])
        assert config["auths"]["fra.ocir.io"]["username"] == "acme/robot"
        assert config["auths"]["fra.ocir.io"]["password"] == "hunter2"
        assert "stringData" in secret.secrets


def test_without_a_registry_nothing_is_said_of_one(primaries: Deployment) -> None:
    values = primaries.one(RELEASE, "primary-istio-istiod").inputs["values"]
    assert not {"hub", "imagePullSecrets"} & values["global"].keys()
    assert cni_values(settings().mesh) == {}
    assert [s for s in primaries.of(SECRET) if s.name.endswith("-registry")] == []


def sha(name: str) -> str:
    return "sha256:" + hashlib.sha256(name.encode()).hexdigest()


ISTIO_IMAGES = ("pilot", "proxyv2", "install-cni")
PINS = {
    **{name: f"{ISTIO}@{sha(name)}" for name in ISTIO_IMAGES},
    "examples-helloworld-v1": f"{HELLOWORLD}@{sha('examples-helloworld-v1')}",
    "curl": f"{CURL}@{sha('curl')}",
}


def pinned_values(mesh: MeshSettings) -> list[dict[str, Any]]:
    """Return the values of the charts istiod, istiod of a remote, and cni."""
    return [primary_values(member(), mesh), remote_values(member(), mesh), cni_values(mesh)]


@pytest.mark.parametrize(
    ("place", "hub"), [(MIRROR, f"{MIRROR}/istio"), (None, "registry.istio.io/release")]
)
def test_charts_get_images_with_their_digest(place: str | None, hub: str) -> None:
    given = {"place": place, "digests": PINS}
    primary, remote, cni = pinned_values(settings(mesh__registry=given).mesh)
    full = {name: f"{hub}/{name}:{ISTIO}@{sha(name)}" for name in ISTIO_IMAGES}
    assert (primary["image"], cni["image"]) == (full["pilot"], full["install-cni"])
    for values in (primary, remote):
        assert values["global"]["proxy"]["image"] == full["proxyv2"]
        assert values["global"]["proxy_init"]["image"] == full["proxyv2"]


def test_an_image_without_a_digest_is_left_to_its_chart() -> None:
    made = settings(mesh__registry={"digests": {"pilot": PINS["pilot"]}}).mesh
    primary, remote, cni = pinned_values(made)
    assert primary["image"].endswith(sha("pilot"))
    assert "proxy" not in primary["global"]
    assert "proxy" not in remote["global"]
    assert cni == {}


def test_values_of_ones_own_stay_beside_the_image_of_proxies() -> None:
    own = {"global": {"proxy": {"logLevel": "debug"}}}
    made = settings(mesh__registry={"digests": PINS}, mesh__istio__values=own).mesh
    proxy = primary_values(member(), made)["global"]["proxy"]
    assert proxy["logLevel"] == "debug"
    assert proxy["image"].endswith(sha("proxyv2"))


def test_samples_are_pulled_by_their_digest() -> None:
    registry = settings(mesh__registry={"place": MIRROR, "digests": PINS}).mesh.registry
    assert registry.image(HELLOWORLD_IMAGE) == (
        f"{MIRROR}/{HELLOWORLD_IMAGE}@{sha('examples-helloworld-v1')}"
    )
    assert registry.image(CURL_IMAGE) == f"{MIRROR}/{CURL_IMAGE}@{sha('curl')}"
