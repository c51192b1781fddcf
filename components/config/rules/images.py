"""Digests of images: that each is of an image that runs, in the version that runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from components import versions
from components.config.report import closest, path, show
from components.config.rules.given import Given, Rule, problem_at
from components.config.rules.mesh import reach
from components.errors import Problem
from components.settings.pins import version_of

_DIGESTS: Final = ("mesh", "registry", "digests")
_BOOKINFO: Final = (
    "productpage-v1",
    "details-v1",
    "reviews-v1",
    "reviews-v2",
    "reviews-v3",
    "ratings-v1",
)

# Of whom the chart of istiod makes images, beside those that have a digest,
# https://github.com/istio/istio/blob/master/manifests/charts/istio-control/istio-discovery/values.yaml
_OF_ISTIOD: Final = ("pilot", "proxyv2")
_OTHER_IMAGES: Final = (
    ("global", "hub"),
    ("global", "proxy", "image"),
    ("global", "proxy_init", "image"),
    ("global", "tag"),
    ("global", "variant"),
    ("hub",),
    ("image",),
    ("meshConfig", "defaultConfig", "image"),
    ("tag",),
    ("variant",),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Image:
    """An image that the program names."""

    tag: str
    is_used: bool
    use: str
    """What has it run."""
    version: str | None = None
    """The setting that the tag follows; None if it is the program's own."""


def _images(given: Given) -> Mapping[str, _Image]:
    """Return every image by the last part of its name."""
    mesh, demos = given.settings.mesh, given.settings.demos
    has_samples = mesh.enabled and mesh.samples

    def istio(*, is_used: bool, use: str) -> _Image:
        found = mesh.enabled and is_used
        return _Image(tag=mesh.istio.version, is_used=found, use=use, version="mesh.istio.version")

    def sample(tag: str) -> _Image:
        return _Image(tag=tag, is_used=has_samples, use="set mesh.samples to true")

    def demo(tag: str, name: str) -> _Image:
        is_used = getattr(demos, name) is not None
        return _Image(tag=tag, is_used=is_used, use=f"describe demos.{name}")

    return {
        "pilot": istio(is_used=True, use="set mesh.enabled to true"),
        "proxyv2": istio(is_used=True, use="set mesh.enabled to true"),
        "install-cni": istio(is_used=mesh.istio.cni, use="set mesh.istio.cni to true"),
        "examples-helloworld-v1": sample(versions.HELLOWORLD),
        "curl": sample(versions.CURL),
        **{f"examples-bookinfo-{app}": demo(versions.BOOKINFO, "bookinfo") for app in _BOOKINFO},
        "open-webui": demo(f"v{versions.OPEN_WEBUI}", "chat"),
        "sglang": demo(f"v{versions.SGLANG}", "chat"),
    }


def _digests(given: Given) -> Iterator[Problem]:
    images = _images(given)
    for name, pin in given.settings.mesh.registry.digests.items():
        location, image = (*_DIGESTS, name), images.get(name)
        if image is None:
            remedy = closest(name, images, "the images")
            yield problem_at(location, "is no image of the program", got=name, remedy=remedy)
        elif not image.is_used:
            remedy = f"remove it, or {image.use}"
            yield problem_at(location, "is of an image that nothing runs", got=pin, remedy=remedy)
        elif version_of(pin) != image.tag:
            follow = f", or set {image.version} to its version" if image.version else ""
            yield problem_at(
                location,
                f"is the digest of another version than the one that runs, {image.tag}",
                got=pin,
                remedy=f"give that of {image.tag}{follow}",
            )


def _other_images(given: Given) -> Iterator[Problem]:
    """Values of the chart would name another image than a digest, or be passed over for it."""
    mesh = given.settings.mesh
    pinned = [name for name in _OF_ISTIOD if name in mesh.registry.digests]
    for place in _OTHER_IMAGES if pinned else ():
        found = reach(mesh.istio.values, place)
        if found and found[0] == place:
            yield Problem(
                path=path(("mesh", "istio", "values", *place)),
                fault=f"names an image beside {path((*_DIGESTS, pinned[0]))}",
                got=show(found[1], *place),
                remedy="remove it and use mesh.registry.place, or remove the digest",
            )


RULES: Final[tuple[Rule, ...]] = (_digests, _other_images)
