"""How the program signs in to Oracle Cloud, and where it works."""

from enum import StrEnum

from components.settings.types import CompartmentOcid, Model, Region, TenancyOcid, UserOcid


class Auth(StrEnum):
    """Ways of signing in that the OCI provider knows."""

    API_KEY = "apiKey"
    SECURITY_TOKEN = "securityToken"  # noqa: S105 the name of a method, not a token
    INSTANCE_PRINCIPAL = "instancePrincipal"
    RESOURCE_PRINCIPAL = "resourcePrincipal"


class OciSettings(Model):
    """The document `oke-mesh:oci`."""

    auth: Auth = Auth.API_KEY
    profile: str | None = None
    """Of the OCI configuration file; `DEFAULT` where the key is not given field by field."""
    tenancy_id: TenancyOcid | None = None
    user_id: UserOcid | None = None
    fingerprint: str | None = None
    private_key_path: str | None = None
    home_region: Region
    compartment_id: CompartmentOcid
