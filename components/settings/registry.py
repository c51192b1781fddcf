"""A registry of one's own, from which Istio and the samples come."""

from typing import Annotated, Final

from components.settings.types import Kind, Model, matching

PULL_SECRET: Final = "oke-mesh-registry"  # noqa: S105 a name, not a secret
"""Name of the Secret with which pods pull, in the namespaces of Istio and of the samples."""

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
        return f"{self.place or 'docker.io'}/{name}"
