"""Signing in to Oracle Cloud: which settings go together."""

from collections.abc import Iterator
from typing import Final

from components.config.report import HIDDEN
from components.config.rules.given import Given, Rule, problem
from components.errors import Problem
from components.settings.oci import Auth, OciSettings

_PROFILE_AUTHS: Final = (Auth.API_KEY, Auth.SECURITY_TOKEN)


def _key_fields(oci: OciSettings) -> dict[str, str | None]:
    return {
        "tenancyId": oci.tenancy_id,
        "userId": oci.user_id,
        "fingerprint": oci.fingerprint,
        "privateKeyPath": oci.private_key_path,
    }


def _key_given_field_by_field(given: Given) -> Iterator[Problem]:
    oci, has_secret = given.settings.oci, given.secrets.private_key
    fields = _key_fields(oci)
    if oci.auth is not Auth.API_KEY or not (any(fields.values()) or has_secret):
        return
    together = "give tenancyId, userId, fingerprint and the key, or none of them"
    for name in ("tenancyId", "userId", "fingerprint"):
        if fields[name] is None:
            yield problem(
                f"oci.{name}", "is missing beside the rest of the key", got=None, remedy=together
            )
    if oci.private_key_path is None and not has_secret:
        yield problem(
            "oci.privateKeyPath",
            "is missing beside the rest of the key",
            got=None,
            remedy="give it, or `pulumi config set --secret privateKey`",
        )
    if oci.private_key_path and has_secret:
        yield problem(
            "oci.privateKeyPath",
            "is given although the secret privateKey is",
            got=oci.private_key_path,
            remedy="keep one of them",
        )
    if oci.profile:
        yield problem(
            "oci.profile",
            "is given although the key is given field by field",
            got=oci.profile,
            remedy="keep one of them",
        )


def _other_ways(given: Given) -> Iterator[Problem]:
    oci = given.settings.oci
    if oci.auth is not Auth.API_KEY:
        for name, value in _key_fields(oci).items():
            if value is not None:
                yield _unused(f"oci.{name}", value, oci.auth)
        if given.secrets.private_key:
            yield _unused("privateKey", HIDDEN, oci.auth)
    if oci.auth not in _PROFILE_AUTHS and oci.profile is not None:
        yield problem(
            "oci.profile",
            f"has no effect on auth {oci.auth}",
            got=oci.profile,
            remedy=f"remove it, or set auth to {' or '.join(_PROFILE_AUTHS)}",
        )


def _unused(location: str, value: str, auth: Auth) -> Problem:
    fault = f"has no effect on auth {auth}"
    return problem(location, fault, got=value, remedy=f"remove it, or set auth to {Auth.API_KEY}")


def _passphrase(given: Given) -> Iterator[Problem]:
    has_key = given.secrets.private_key or given.settings.oci.private_key_path
    if given.secrets.private_key_passphrase and not has_key:
        yield problem(
            "privateKeyPassphrase",
            "is of a key that is not given",
            got=HIDDEN,
            remedy="remove it, or give oci.privateKeyPath or the secret privateKey",
        )


RULES: Final[tuple[Rule, ...]] = (_key_given_field_by_field, _other_ways, _passphrase)
