"""A registry of one's own, from which Istio and the samples come."""

from typing import Annotated, Final

from pydantic import Field

from components.settings.pins import Pin, digest_of
from components.settings.types import Kind, Model, matching

PULL_SECRET: Final = "oke-mesh-registry"  # noqa: S105 a name, not a secret
"""Name of the Secret with which pods pull, in the namespaces of Istio and of the samples."""

# Where the Istio project has its images since 2026-03. Whether those of every older release are
# there is not said.
_ISTIO_HUB: Final = "registry.istio.io/release"

RegistryPlace = Annotated[
    str,
    matching(
        r"(?=.{1,255}$)[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*",
        "a registry and a folder in it, without a scheme",
        "fra.ocir.io/mytenancy/mirror",
    ),
    Kind("registry"),
]


class RegistrySettings(Model):
    """Where Istio and the samples come from, in place of the registries of their projects.

    cert-manager, observability and the demos keep theirs: the first two have places and values of
    their own.
    Below the place lie `istio/pilot`, `istio/proxyv2`, `istio/install-cni`,
    `istio/examples-helloworld-v1` and `curlimages/curl`, and the charts as `charts/base` and so on.
    """

    place: RegistryPlace | None = None
    """The registry and a folder in it."""
    username: str | None = None
    """Who pulls images, with the secret `registryToken`; in OCIR `<namespace>/<user>`. None if the
    registry asks nobody. Charts are pulled by whoever deploys, after `helm registry login`."""

    digests: dict[str, Pin] = Field(default_factory=dict)
    """By which digest an image is pulled: the last part of its name, its tag and the digest. Charts
    are pinned by version only."""

    @property
    def hub(self) -> str | None:
        """What stands before the names of Istio's images; None leaves it to the charts."""
        return f"{self.place}/istio" if self.place else None

    @property
    def pull_secrets(self) -> tuple[str, ...]:
        """Names of the Secrets with which pods pull."""
        return (PULL_SECRET,) if self.username else ()

    def image(self, name: str) -> str:
        """Return the image `name`, such as `curlimages/curl:8.16.0`, in full.

        OKE nodes from Kubernetes 1.34 on take fully qualified names only.
        """
        return self.pinned(f"{self.place or 'docker.io'}/{name}")

    def istio_image(self, name: str, version: str) -> str | None:
        """Return the image `name` of Istio in full; None without a digest, as charts have it.

        What charts take for their registry differs from release to release; with a digest it does
        not matter where an image is from.
        """
        if name not in self.digests:
            return None
        return self.pinned(f"{self.hub or _ISTIO_HUB}/{name}:{version}")

    def pinned(self, image: str) -> str:
        """Return `image`, which ends with its tag, with the digest behind it where it has one."""
        pin = self.digests.get(image.rpartition("/")[2].partition(":")[0])
        return f"{image}@{digest_of(pin)}" if pin else image
