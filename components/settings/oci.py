"""How the program signs in to Oracle Cloud, and where it works."""

from enum import StrEnum

from pydantic import Field

from components.settings.pasted import FilePath, Fingerprint
from components.settings.types import (
    CompartmentOcid,
    DefinedTag,
    Model,
    TenancyOcid,
    UserOcid,
)


class Auth(StrEnum):
    """Ways of signing in that the OCI provider knows."""

    API_KEY = "apiKey"
    SECURITY_TOKEN = "securityToken"  # noqa: S105 the name of a method, not a token
    INSTANCE_PRINCIPAL = "instancePrincipal"
    RESOURCE_PRINCIPAL = "resourcePrincipal"


class OciSettings(Model):
    """The document `oke-mesh:oci`."""

    auth: Auth = Auth.API_KEY
    """How to sign in."""
    profile: str | None = Field(default=None, min_length=1)
    """Of the OCI configuration file; `DEFAULT` where the key is not given field by field."""
    tenancy_id: TenancyOcid | None = None
    """The tenancy, where the key is given field by field."""
    user_id: UserOcid | None = None
    """The user whose key it is."""
    fingerprint: Fingerprint | None = None
    """The key's fingerprint."""
    private_key_path: FilePath | None = None
    """The key's file; or the secret `privateKey` holds the key itself."""
    compartment_id: CompartmentOcid = Field(examples=["ocid1.compartment.oc1..aaaa"])
    """Where everything is made, unless a cluster names its own."""
    ignore_defined_tags: tuple[DefinedTag, ...] = ()
    """Defined tags that the tenancy sets by itself, such as `Finance.Budget`: no change of theirs
    is taken back. Those of Oracle's own namespace `Oracle-Tags` are ignored anyway."""
