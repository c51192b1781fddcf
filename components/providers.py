"""The providers of the program, all of them explicit; the default ones are switched off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_command as command
import pulumi_oci as oci
import pulumi_tls as tls

from components.config.secrets import Secrets
from components.plan.plan import Plan
from components.settings.oci import Auth, OciSettings

# The spelling of the OCI provider.
_AUTH = {
    Auth.API_KEY: "ApiKey",
    Auth.SECURITY_TOKEN: "SecurityToken",
    Auth.INSTANCE_PRINCIPAL: "InstancePrincipal",
    Auth.RESOURCE_PRINCIPAL: "ResourcePrincipal",
}

# Tenancies tag what is created by themselves; those tags are not this program's.
_ORACLES_TAGS: Final = ("Oracle-Tags.CreatedBy", "Oracle-Tags.CreatedOn")


@dataclass(frozen=True, kw_only=True, slots=True)
class Providers:
    """One OCI provider per region, and one for each kind of local work."""

    oci: Mapping[str, oci.Provider]
    """By region, also of one that has no cluster where something else is managed there."""
    tls: tls.Provider
    command: command.Provider


def create_providers(
    plan: Plan, settings: OciSettings, secrets: Secrets, *, besides: Iterable[str] = ()
) -> Providers:
    """Return providers for every region of the plan, and for those `besides`."""
    regions = sorted({*plan.regions, *besides})
    return Providers(
        oci={region: _oci(region, settings, secrets, name=region) for region in regions},
        tls=tls.Provider("tls"),
        command=command.Provider("command"),
    )


def create_home_provider(
    settings: OciSettings, secrets: Secrets, region: pulumi.Input[str]
) -> oci.Provider:
    """Return the provider of the home region, which may be that of a cluster or none of them."""
    return _oci(region, settings, secrets, name="home")


def _oci(
    region: pulumi.Input[str], settings: OciSettings, secrets: Secrets, *, name: str
) -> oci.Provider:
    return oci.Provider(
        f"oci-{name}",
        region=region,
        auth=_AUTH[settings.auth],
        config_file_profile=settings.profile,
        tenancy_ocid=settings.tenancy_id,
        user_ocid=settings.user_id,
        fingerprint=settings.fingerprint,
        private_key=secrets.private_key,
        private_key_password=secrets.private_key_passphrase,
        private_key_path=settings.private_key_path,
        ignore_defined_tags=[*_ORACLES_TAGS, *settings.ignore_defined_tags],
    )
