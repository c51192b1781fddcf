"""Which of OKE's node images a pool boots; pure.

An image is chosen by facts that its name carries, and a choice between two is an error: the
"newest" would turn each image that Oracle publishes into a change of every pool.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from components.cloud.offers import listed
from components.errors import OfferError
from components.settings.node_pools import NodePoolSettings

# Oracle-Linux-8.10-aarch64-2026.05.20-0-OKE-1.34.2-1330
_SOURCE_NAME: Final = re.compile(
    r"Oracle-Linux-(?P<os>\d+)\.\d+(?P<marks>(?:-[A-Za-z][A-Za-z0-9_]*)*)"
    r"-\d{4}\.\d{2}\.\d{2}-\d+-OKE-(?P<kubernetes>\d+\.\d+\.\d+)-(?P<build>\d+)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeImage:
    """What the name of an OKE image says."""

    os_version: str
    architecture: str
    is_gpu: bool
    kubernetes_version: str
    build: int


def parse_source_name(name: str) -> NodeImage | None:
    """Return what `name` says, None if it is not that of an OKE image."""
    match = _SOURCE_NAME.fullmatch(name)
    if match is None:
        return None
    marks = match["marks"].split("-")
    return NodeImage(
        os_version=match["os"],
        architecture="aarch64" if "aarch64" in marks else "x86_64",
        is_gpu="GPU" in marks,
        kubernetes_version=f"v{match['kubernetes']}",
        build=int(match["build"]),
    )


def wanted_image(pool: NodePoolSettings, kubernetes_version: str) -> NodeImage:
    """Return what the image of the pool must be: its shape decides on processor and drivers."""
    return NodeImage(
        os_version=pool.image.os_version,
        architecture=pool.architecture,
        is_gpu=pool.is_gpu,
        kubernetes_version=kubernetes_version,
        build=pool.image.build,
    )


def choose_image(path: str, wanted: NodeImage, sources: Mapping[str, str]) -> str:
    """Return the OCID of the one image that is as wanted.

    Args:
        path: Where the pool stands in the settings.
        wanted: Every fact is matched exactly.
        sources: OCIDs by source name, as the region lists them.

    Raises:
        OfferError: none fits, or more than one; the error lists the candidates.
    """
    fitting = [name for name in sources if parse_source_name(name) == wanted]
    if len(fitting) == 1:
        return sources[fitting[0]]
    asked = _description(wanted)
    if fitting:
        raise OfferError(
            f"{path}.image: matches more than one image, got {asked}; "
            f"give the id of one of {listed(sorted(fitting))}"
        )
    raise OfferError(
        f"{path}.image: matches no image, got {asked}; "
        f"give the build, or the id, of one of {listed(_candidates(wanted, sources))}"
    )


def _candidates(wanted: NodeImage, names: Iterable[str]) -> list[str]:
    """Return the images that differ only in what users pin: the build, else the version too."""
    parsed = {name: image for name in names if (image := parse_source_name(name))}
    alike = [
        name
        for name, image in sorted(parsed.items())
        if (image.os_version, image.architecture, image.is_gpu)
        == (wanted.os_version, wanted.architecture, wanted.is_gpu)
    ]
    same_version = [
        name for name in alike if parsed[name].kubernetes_version == wanted.kubernetes_version
    ]
    return same_version or alike or sorted(parsed)


def _description(image: NodeImage) -> str:
    gpu = " with GPU drivers" if image.is_gpu else ""
    return (
        f"Oracle Linux {image.os_version} {image.architecture}{gpu} "
        f"for Kubernetes {image.kubernetes_version}, build {image.build}"
    )
