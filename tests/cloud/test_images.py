"""A pool's image is the one that its settings describe, and never a guess."""

import pytest

from components.cloud.images import NodeImage, choose_image, parse_source_name, wanted_image
from components.errors import OfferError
from components.settings.node_pools import NodePoolSettings
from tests.support.outputs import IMAGES

SOURCES = {image["sourceName"]: image["imageId"] for image in IMAGES}
PATH = "clusters.primary.nodePools.np1"


def pool(**changes: object) -> NodePoolSettings:
    return NodePoolSettings.model_validate(changes)


def chosen(changes: dict[str, object], kubernetes_version: str = "v1.34.2") -> str:
    return choose_image(PATH, wanted_image(pool(**changes), kubernetes_version), SOURCES)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            "Oracle-Linux-8.10-2026.05.20-0-OKE-1.34.2-1330",
            NodeImage(
                os_version="8",
                architecture="x86_64",
                is_gpu=False,
                kubernetes_version="v1.34.2",
                build=1330,
            ),
            id="plain",
        ),
        pytest.param(
            "Oracle-Linux-9.6-aarch64-2025.01.01-12-OKE-1.31.10-7",
            NodeImage(
                os_version="9",
                architecture="aarch64",
                is_gpu=False,
                kubernetes_version="v1.31.10",
                build=7,
            ),
            id="arm",
        ),
        pytest.param(
            "Oracle-Linux-8.10-Gen2-GPU-2026.05.20-0-OKE-1.34.2-1330",
            NodeImage(
                os_version="8",
                architecture="x86_64",
                is_gpu=True,
                kubernetes_version="v1.34.2",
                build=1330,
            ),
            id="gpu",
        ),
        pytest.param("Oracle-Linux-8.10-2026.05.20-0", None, id="not for OKE"),
        pytest.param("Canonical-Ubuntu-22.04-2026.05.20-0-OKE-1.34.2-1330", None, id="ubuntu"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_source_name_says_what_the_image_is(name: str, expected: NodeImage | None) -> None:
    assert parse_source_name(name) == expected


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        pytest.param({}, "Oracle-Linux-8.10-2026.05.20-0-OKE-1.34.2-1330", id="defaults"),
        pytest.param(
            {"shape": "VM.Standard.A1.Flex"},
            "Oracle-Linux-8.10-aarch64-2026.05.20-0-OKE-1.34.2-1330",
            id="an Arm shape",
        ),
        pytest.param(
            {"shape": "VM.GPU.A10.1"},
            "Oracle-Linux-8.10-Gen2-GPU-2026.05.20-0-OKE-1.34.2-1330",
            id="a GPU shape",
        ),
        pytest.param(
            {"image": {"osVersion": "9"}},
            "Oracle-Linux-9.6-2026.05.20-0-OKE-1.34.2-1330",
            id="another operating system",
        ),
        pytest.param(
            {"image": {"build": 1388}},
            "Oracle-Linux-8.10-2026.08.11-0-OKE-1.34.2-1388",
            id="another build",
        ),
    ],
)
def test_the_image_follows_shape_system_and_build(changes: dict[str, object], name: str) -> None:
    assert chosen(changes) == SOURCES[name]


def test_the_image_is_of_the_exact_kubernetes_version() -> None:
    assert chosen({}, "v1.34.1") == SOURCES["Oracle-Linux-8.10-2026.05.20-0-OKE-1.34.1-1330"]


def test_a_build_that_is_not_offered_lists_those_of_the_same_version() -> None:
    with pytest.raises(OfferError) as error:
        chosen({"image": {"build": 99}})
    assert str(error.value) == (
        "clusters.primary.nodePools.np1.image: matches no image, got Oracle Linux 8 x86_64 for "
        "Kubernetes v1.34.2, build 99; give the build, or the id, of one of "
        "Oracle-Linux-8.10-2026.05.20-0-OKE-1.34.2-1330, "
        "Oracle-Linux-8.10-2026.08.11-0-OKE-1.34.2-1388"
    )


def test_a_version_without_images_lists_those_of_other_versions() -> None:
    with pytest.raises(OfferError) as error:
        chosen({"shape": "VM.GPU.A10.1"}, "v1.35.0")
    assert str(error.value) == (
        "clusters.primary.nodePools.np1.image: matches no image, got Oracle Linux 8 x86_64 with "
        "GPU drivers for Kubernetes v1.35.0, build 1330; give the build, or the id, of one of "
        "Oracle-Linux-8.10-Gen2-GPU-2026.05.20-0-OKE-1.33.1-1330, "
        "Oracle-Linux-8.10-Gen2-GPU-2026.05.20-0-OKE-1.34.1-1330, "
        "Oracle-Linux-8.10-Gen2-GPU-2026.05.20-0-OKE-1.34.2-1330"
    )


def test_a_region_without_images_says_so() -> None:
    with pytest.raises(OfferError) as error:
        choose_image(PATH, wanted_image(pool(), "v1.34.2"), {"Oracle-Linux-8.10-2026.05.20-0": "x"})
    assert str(error.value) == (
        "clusters.primary.nodePools.np1.image: matches no image, got Oracle Linux 8 x86_64 for "
        "Kubernetes v1.34.2, build 1330; give the build, or the id, of one of "
        "nothing: none is offered"
    )


def test_two_images_that_fit_are_not_chosen_between() -> None:
    twins = {
        f"Oracle-Linux-8.{minor}-2026.05.20-0-OKE-1.34.2-1330": f"image{minor}" for minor in (9, 10)
    }
    with pytest.raises(OfferError) as error:
        choose_image(PATH, wanted_image(pool(), "v1.34.2"), twins)
    assert str(error.value) == (
        "clusters.primary.nodePools.np1.image: matches more than one image, got Oracle Linux 8 "
        "x86_64 for Kubernetes v1.34.2, build 1330; give the id of one of "
        "Oracle-Linux-8.10-2026.05.20-0-OKE-1.34.2-1330, "
        "Oracle-Linux-8.9-2026.05.20-0-OKE-1.34.2-1330"
    )
