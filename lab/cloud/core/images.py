"""The images that the lab's regions offer: plain ones, and OKE's for its nodes."""

from __future__ import annotations

from dataclasses import dataclass

from lab.cloud.ids import fixed_ocid
from lab.cloud.records import Json
from lab.toolchain.pins import KUBERNETES

_BUILDS = {"2026.05.20": "1330", "2026.09.30": "1391"}
"""OKE's build of its node image, by the date of the system image below it."""
_GB = 1024


@dataclass(frozen=True, slots=True)
class Image:
    """A platform image."""

    name: str
    system: str
    version: str
    node: bool = False


def _oracle_linux(version: str, variant: str, date: str, *, node: bool) -> Image:
    """Named as the vendor names them: system, variant, date, and OKE's build."""
    middle = f"-{variant}" if variant else ""
    tail = f"-OKE-{KUBERNETES}-{_BUILDS[date]}" if node else ""
    name = f"Oracle-Linux-{version}{middle}-{date}-0{tail}"
    return Image(name=name, system="Oracle Linux", version=version.partition(".")[0], node=node)


IMAGES = tuple(
    _oracle_linux(version, variant, date, node=node)
    for version in ("8.10", "9.7")
    for variant in ("", "aarch64", "Gen2-GPU")
    for date in _BUILDS
    for node in (False, True)
)


def image_id(image: Image, region: str) -> str:
    """The same in every lab, so that a stack's configuration can name it."""
    return fixed_ocid("image", f"{region}/{image.name}", region)


def node_images(region: str) -> list[tuple[str, str]]:
    """Id and name of the images for nodes."""
    return [(image_id(image, region), image.name) for image in IMAGES if image.node]


def images(region: str) -> list[Json]:
    """Every image, as the compute API shows it."""
    return [
        {
            "id": image_id(image, region),
            "displayName": image.name,
            "operatingSystem": image.system,
            "operatingSystemVersion": image.version,
            "createImageAllowed": True,
            "launchMode": "NATIVE",
            "lifecycleState": "AVAILABLE",
            "listingType": "NONE",
            "sizeInMBs": 47 * _GB,
            "timeCreated": "2026-10-01T00:00:00.000Z",
            "freeformTags": {},
            "definedTags": {},
        }
        for image in IMAGES
    ]
