"""Which image a machine boots; pure.

An image is chosen by facts that its name carries. Not pinned, it is the newest when the machine is
made and the same from then on: Oracle publishes one every few weeks and lists only the newest
three, so a pin would expire, and following them would replace every node.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from components.cloud.chosen import Chosen
from components.cloud.offers import listed
from components.errors import OfferError
from components.settings.node_pools import NodePoolSettings

# Oracle-Linux-8.10-aarch64-2026.01.29-0-OKE-1.34.2-1462, and without its last part the platform's
_NAME: Final = re.compile(
    r"Oracle-Linux-(?P<os>[0-9]+)\.[0-9]+(?P<marks>(?:-[A-Za-z][A-Za-z0-9_]*)*)"
    r"-(?P<date>[0-9]{4}\.[0-9]{2}\.[0-9]{2})-(?P<respin>[0-9]+)"
    r"(?:-OKE-(?P<kubernetes>[0-9]+\.[0-9]+\.[0-9]+)-(?P<build>[0-9]+))?"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageName:
    """What the name of an image of Oracle's says."""

    os_version: str
    architecture: str
    is_gpu: bool
    date: str
    respin: int
    kubernetes_version: str | None = None
    """None on a platform image."""
    build: int = 0

    @property
    def age(self) -> tuple[int, str, int]:
        """What sorts an older image of the same kind before a newer one."""
        return self.build, self.date, self.respin


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedImage:
    """What the image of a pool must be: its shape decides on processor and drivers."""

    os_version: str
    architecture: str
    is_gpu: bool
    kubernetes_version: str
    build: int | None
    """None for any."""

    @classmethod
    def of(cls, pool: NodePoolSettings, kubernetes_version: str) -> "WantedImage":
        """Return what the settings of `pool` ask for."""
        return cls(
            os_version=pool.image.os_version,
            architecture=pool.architecture,
            is_gpu=pool.is_gpu,
            kubernetes_version=kubernetes_version,
            build=pool.image.build,
        )

    def takes(self, image: ImageName) -> bool:
        """Return whether an image is as wanted."""
        return self.build in {None, image.build} and (
            self.os_version,
            self.architecture,
            self.is_gpu,
            self.kubernetes_version,
        ) == (image.os_version, image.architecture, image.is_gpu, image.kubernetes_version)

    def __str__(self) -> str:
        """Return it in words."""
        gpu = " with GPU drivers" if self.is_gpu else ""
        build = f", build {self.build}" if self.build else ""
        return (
            f"Oracle Linux {self.os_version} {self.architecture}{gpu} "
            f"for Kubernetes {self.kubernetes_version}{build}"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningImage:
    """The image that a machine of ours was made from."""

    id: str
    name: str


def parse_name(name: str) -> ImageName | None:
    """Return what `name` says, None if it is not that of an Oracle Linux image."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    marks = match["marks"].split("-")
    return ImageName(
        os_version=match["os"],
        architecture="aarch64" if "aarch64" in marks else "x86_64",
        is_gpu="GPU" in marks,
        date=match["date"],
        respin=int(match["respin"]),
        kubernetes_version=f"v{match['kubernetes']}" if match["kubernetes"] else None,
        build=int(match["build"] or 0),
    )


def choose_node_image(
    path: str,
    wanted: WantedImage,
    sources: Mapping[str, str],
    *,
    running: RunningImage | None = None,
) -> Chosen:
    """Return the image of a node pool.

    Args:
        path: Where the pool stands in the settings.
        wanted: Every fact is matched exactly; without a build, the newest one.
        sources: OCIDs by source name, as the region lists them.
        running: What the pool has. As long as it is as wanted, it stays, listed or not.

    Raises:
        OfferError: none fits; the error lists the candidates.
    """
    fitting = _newest_first(name for name in sources if _is(name, wanted.takes))
    if running and wanted.build is None and _is(running.name, wanted.takes):
        return _kept(running, fitting)
    if fitting:
        return Chosen(value=sources[fitting[0]], name=fitting[0])
    raise OfferError(
        f"{path}.image: matches no image, got {wanted}; "
        f"give the build, or the id, of one of {listed(_candidates(wanted, sources))}"
    )


def choose_platform_image(
    path: str, os_version: str, images: Mapping[str, str], *, running: RunningImage | None = None
) -> Chosen:
    """Return the platform image of a machine; `images` has OCIDs by display name.

    Raises:
        OfferError: there is none of that release; the error lists the names that there are.
    """
    fitting = _newest_first(
        name for name in images if _is(name, lambda image: _is_plain(image, os_version))
    )
    if running:
        return _kept(running, fitting)
    if fitting:
        return Chosen(value=images[fitting[0]], name=fitting[0])
    raise OfferError(
        f"{path}: there is no platform image of Oracle Linux {os_version}, got nothing; "
        f"give the OCID of one of {listed(sorted(images))}"
    )


def _is_plain(image: ImageName, os_version: str) -> bool:
    is_x86 = image.architecture == "x86_64" and not image.is_gpu
    return image.os_version == os_version and is_x86 and not image.kubernetes_version


def _kept(running: RunningImage, fitting: list[str]) -> Chosen:
    mine, newest = parse_name(running.name), parse_name(fitting[0]) if fitting else None
    is_newer = mine is not None and newest is not None and newest.age > mine.age
    return Chosen(value=running.id, name=running.name, newer=fitting[0] if is_newer else None)


def _is(name: str, fits: Callable[[ImageName], bool]) -> bool:
    image = parse_name(name)
    return image is not None and fits(image)


def _newest_first(names: Iterable[str]) -> list[str]:
    aged = [(image.age, name) for name in names if (image := parse_name(name))]
    return [name for _, name in sorted(aged, reverse=True)]


def _candidates(wanted: WantedImage, names: Iterable[str]) -> list[str]:
    """Return the images that differ only in what users pin: the build, else the version too."""
    parsed = {
        name: image for name in names if (image := parse_name(name)) and image.kubernetes_version
    }
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
