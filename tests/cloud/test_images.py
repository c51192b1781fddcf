"""An image is as the settings describe it; not pinned, the newest and then what is there."""

import pytest

from components.cloud.chosen import Chosen
from components.cloud.images import (
    ImageName,
    RunningImage,
    WantedImage,
    choose_node_image,
    choose_platform_image,
    parse_name,
)
from components.errors import OfferError
from components.settings.node_pools import NodePoolSettings
from tests.support.outputs import IMAGES

SOURCES = {image["sourceName"]: image["imageId"] for image in IMAGES}
PATH = "clusters.primary.nodePools.np1"
NEWEST = "Oracle-Linux-8.10-2026.02.27-0-OKE-1.34.2-1505"
OLDER = "Oracle-Linux-8.10-2026.01.29-0-OKE-1.34.2-1462"


def wanted(changes: dict[str, object], kubernetes_version: str = "v1.34.2") -> WantedImage:
    return WantedImage.of(NodePoolSettings.model_validate(changes), kubernetes_version)


def chosen(
    changes: dict[str, object],
    kubernetes_version: str = "v1.34.2",
    running: RunningImage | None = None,
) -> Chosen:
    return choose_node_image(PATH, wanted(changes, kubernetes_version), SOURCES, running=running)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            NEWEST,
            ImageName(
                os_version="8",
                architecture="x86_64",
                is_gpu=False,
                date="2026.02.27",
                respin=0,
                kubernetes_version="v1.34.2",
                build=1505,
            ),
            id="plain",
        ),
        pytest.param(
            "Oracle-Linux-9.7-aarch64-2025.01.01-12-OKE-1.31.10-7",
            ImageName(
                os_version="9",
                architecture="aarch64",
                is_gpu=False,
                date="2025.01.01",
                respin=12,
                kubernetes_version="v1.31.10",
                build=7,
            ),
            id="arm",
        ),
        pytest.param(
            "Oracle-Linux-8.10-Gen2-GPU-2026.02.27-0",
            ImageName(
                os_version="8", architecture="x86_64", is_gpu=True, date="2026.02.27", respin=0
            ),
            id="a platform image with drivers",
        ),
        pytest.param("Canonical-Ubuntu-22.04-2026.05.20-0-OKE-1.34.2-1330", None, id="ubuntu"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_name_says_what_the_image_is(name: str, expected: ImageName | None) -> None:
    assert parse_name(name) == expected


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        pytest.param({}, NEWEST, id="defaults"),
        pytest.param(
            {"shape": "VM.Standard.A1.Flex"},
            "Oracle-Linux-8.10-aarch64-2026.02.27-0-OKE-1.34.2-1505",
            id="an Arm shape",
        ),
        pytest.param(
            {"shape": "VM.GPU.A10.1"},
            "Oracle-Linux-8.10-Gen2-GPU-2026.02.27-0-OKE-1.34.2-1505",
            id="a GPU shape",
        ),
        pytest.param(
            {"image": {"osVersion": "9"}},
            "Oracle-Linux-9.7-2026.02.27-0-OKE-1.34.2-1505",
            id="another operating system",
        ),
        pytest.param({"image": {"build": 1462}}, OLDER, id="a build"),
    ],
)
def test_the_image_follows_shape_system_and_build(changes: dict[str, object], name: str) -> None:
    assert chosen(changes) == Chosen(value=SOURCES[name], name=name)


def test_the_image_is_of_the_exact_kubernetes_version() -> None:
    assert chosen({}, "v1.36.4").name == "Oracle-Linux-8.10-2026.08.31-0-OKE-1.36.4-1720"


def test_a_pool_stays_with_its_image_and_a_newer_one_is_told() -> None:
    found = chosen({}, running=RunningImage(id="mine", name=OLDER))
    assert found == Chosen(value="mine", name=OLDER, newer=NEWEST)


def test_a_pool_with_the_newest_image_is_told_nothing() -> None:
    assert chosen({}, running=RunningImage(id="mine", name=NEWEST)).newer is None


@pytest.mark.parametrize("gone", sorted(SOURCES))
def test_an_image_that_is_listed_no_more_changes_nothing_for_a_pool_that_has_it(gone: str) -> None:
    image = parse_name(gone)
    assert image
    assert image.kubernetes_version
    shape = {"aarch64": "VM.Standard.A1.Flex"}.get(image.architecture, "VM.Standard.E4.Flex")
    pool: dict[str, object] = {
        "shape": "VM.GPU.A10.1" if image.is_gpu else shape,
        "image": {"osVersion": image.os_version},
    }
    left = {name: id_ for name, id_ in SOURCES.items() if name != gone}
    found = choose_node_image(
        PATH,
        wanted(pool, image.kubernetes_version),
        left,
        running=RunningImage(id="mine", name=gone),
    )
    assert (found.value, found.name) == ("mine", gone)


@pytest.mark.parametrize(
    ("changes", "version"),
    [
        pytest.param({}, "v1.35.2", id="another version of Kubernetes"),
        pytest.param({"shape": "VM.Standard.A1.Flex"}, "v1.34.2", id="another processor"),
        pytest.param({"image": {"build": 1505}}, "v1.34.2", id="a build that is set"),
    ],
)
def test_a_pool_that_is_to_be_another_takes_another_image(
    changes: dict[str, object], version: str
) -> None:
    running = RunningImage(id="mine", name=OLDER)
    assert chosen(changes, version, running) == chosen(changes, version)


def test_a_build_that_is_not_offered_lists_those_of_the_same_version() -> None:
    with pytest.raises(OfferError) as error:
        chosen({"image": {"build": 99}})
    assert str(error.value) == (
        "clusters.primary.nodePools.np1.image: matches no image, got Oracle Linux 8 x86_64 for "
        "Kubernetes v1.34.2, build 99; give the build, or the id, of one of "
        "Oracle-Linux-8.10-2025.11.20-0-OKE-1.34.2-1345, "
        "Oracle-Linux-8.10-2026.01.29-0-OKE-1.34.2-1462, "
        "Oracle-Linux-8.10-2026.02.27-0-OKE-1.34.2-1505"
    )


def test_a_version_without_images_lists_those_of_other_versions() -> None:
    with pytest.raises(OfferError) as error:
        chosen({"shape": "VM.GPU.A10.1"}, "v1.33.1")
    message = str(error.value)
    assert message.startswith(
        "clusters.primary.nodePools.np1.image: matches no image, got Oracle Linux 8 x86_64 with "
        "GPU drivers for Kubernetes v1.33.1; give the build, or the id, of one of "
        "Oracle-Linux-8.10-Gen2-GPU-2025.11.20-0-OKE-1.34.2-1345, "
    )
    assert "aarch64" not in message


def test_a_region_without_images_says_so() -> None:
    with pytest.raises(OfferError) as error:
        choose_node_image(PATH, wanted({}), {"Oracle-Linux-8.10-2026.05.20-0": "x"})
    assert str(error.value) == (
        "clusters.primary.nodePools.np1.image: matches no image, got Oracle Linux 8 x86_64 for "
        "Kubernetes v1.34.2; give the build, or the id, of one of nothing: none is offered"
    )


def test_of_two_images_of_one_build_the_later_is_taken() -> None:
    twins = {
        "Oracle-Linux-8.9-2026.02.27-0-OKE-1.34.2-1505": "old",
        "Oracle-Linux-8.10-2026.02.28-0-OKE-1.34.2-1505": "new",
    }
    assert choose_node_image(PATH, wanted({}), twins).value == "new"


PLATFORM = {
    "Oracle-Linux-9.7-2026.01.29-0": "old",
    "Oracle-Linux-9.7-2026.08.31-0": "new",
    "Oracle-Linux-9.7-aarch64-2026.09.30-0": "arm",
    "Oracle-Linux-9.7-Gen2-GPU-2026.09.30-0": "gpu",
    "Oracle-Linux-8.10-2026.09.30-0": "eight",
}


def test_a_new_host_takes_the_newest_plain_platform_image() -> None:
    assert choose_platform_image("access.imageId", "9", PLATFORM).value == "new"


def test_a_host_stays_with_its_image_and_a_newer_one_is_told() -> None:
    running = RunningImage(id="old", name="Oracle-Linux-9.7-2026.01.29-0")
    found = choose_platform_image("access.imageId", "9", PLATFORM, running=running)
    assert (found.value, found.newer) == ("old", "Oracle-Linux-9.7-2026.08.31-0")


def test_a_host_whose_image_is_listed_no_more_stays_with_it() -> None:
    running = RunningImage(id="ocid1.image.x", name="ocid1.image.x")
    found = choose_platform_image("access.imageId", "9", PLATFORM, running=running)
    assert (found.value, found.newer) == ("ocid1.image.x", None)


def test_a_region_without_a_platform_image_lists_what_it_has() -> None:
    with pytest.raises(OfferError) as error:
        choose_platform_image("access.imageId", "9", {"b": "x", "a": "y"})
    assert str(error.value) == (
        "access.imageId: there is no platform image of Oracle Linux 9, got nothing; "
        "give the OCID of one of a, b"
    )
