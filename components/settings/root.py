"""The settings as a whole: every document of the stack's configuration, checked field by field."""

from typing import Annotated

from pydantic import Field, model_validator

from components.settings.cluster import ClusterSettings
from components.settings.identity import OciSettings
from components.settings.mesh import MeshSettings, Version
from components.settings.types import Cidr, Model, Positive

# Long enough for `<project>-<stack>-<key>-<role>` within the limits of `components.naming`.
KEY_LIMIT = 20

ClusterKey = Annotated[
    str, Field(strict=True, pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=KEY_LIMIT)
]


class AccessSettings(Model):
    """The document `oke-mesh:access`: the operator host and the way through it."""

    cluster: str | None = None
    """Key of the cluster whose VCN holds the operator host; none means no such host."""
    allowed_cidrs: tuple[Cidr, ...] = ()
    ssh_public_key: str | None = None
    ssh_private_key_path: str | None = None
    socks_port: int = Field(default=10080, strict=True, ge=1024, le=65535)
    istioctl: Version | None = None
    """Version installed on the operator host; the mesh's if not given."""


class PkiSettings(Model):
    """The document `oke-mesh:pki`."""

    root_validity_days: Positive = 3650
    intermediate_validity_days: Positive = 730
    early_renewal_days: Positive = 60
    root_cert_pem: str | None = None
    """A root of one's own; its key is the secret `caRootKey`."""
    intermediates: dict[str, str] = Field(default_factory=dict)
    """Certificates of one's own by cluster key; their keys are in `caIntermediateKeys`."""


class VerificationSettings(Model):
    """The document `oke-mesh:verification`."""

    enabled: bool = Field(default=True, strict=True)
    requests: Positive = 100


class Settings(Model):
    """Every document of the stack's configuration but the secrets."""

    oci: OciSettings
    mesh: MeshSettings = MeshSettings()
    clusters: dict[ClusterKey, ClusterSettings] = Field(min_length=1)
    access: AccessSettings = AccessSettings()
    pki: PkiSettings = PkiSettings()
    verification: VerificationSettings = VerificationSettings()
    protection: bool = Field(default=True, strict=True)
    tags: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _name_clusters(cls, documents: object) -> object:
        """Fill in what a cluster takes from its key."""
        match documents:
            case {"clusters": dict(clusters), **rest}:
                named = {key: _named(key, cluster) for key, cluster in clusters.items()}
                return {**rest, "clusters": named}
        return documents


def _named(key: object, cluster: object) -> object:
    """Return the entry with the names that default to its key."""
    if not isinstance(cluster, dict) or not isinstance(key, str):
        return cluster
    names = {"name": f"{key}-cluster", "network": f"{key}-network", "sampleVersion": key}
    return {**names, **cluster}
