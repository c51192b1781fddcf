"""Certificates of one's own and how long those made here live.

Nothing here looks at a clock or into a certificate: `components/config/authorities.py` does.
"""

from collections.abc import Iterator
from typing import Final

from components.config.authorities import days_valid
from components.config.report import HIDDEN, closest
from components.config.rules.given import Given, Rule, problem
from components.errors import Problem
from components.settings.clusters import Role


def _primaries(given: Given) -> list[str]:
    return [key for key, cluster in given.clusters.items() if cluster.role is Role.PRIMARY]


def _is_disabled_primary(key: str, given: Given) -> bool:
    """Whether `key` is a primary that is switched off, perhaps for a while."""
    cluster = given.settings.clusters.get(key)
    return cluster is not None and not cluster.enabled and cluster.role is Role.PRIMARY


def _validities(given: Given) -> Iterator[Problem]:
    pki = given.settings.pki
    if pki.early_renewal_days >= pki.intermediate_validity_days:
        yield problem(
            "pki.earlyRenewalDays",
            f"is not less than pki.intermediateValidityDays ({pki.intermediate_validity_days})",
            got=pki.early_renewal_days,
            remedy="choose fewer days, or every update would renew",
        )
    root = ("pki.rootValidityDays", pki.root_validity_days)
    if pki.root_cert_pem:
        root = ("the days of pki.rootCertPem", days_valid(pki.root_cert_pem))
    if pki.intermediate_validity_days >= root[1]:
        yield problem(
            "pki.intermediateValidityDays",
            f"is not less than {root[0]} ({root[1]})",
            got=pki.intermediate_validity_days,
            remedy="choose fewer days, as no certificate outlives its root",
        )
    if pki.root_cert_pem and "root_validity_days" in pki.model_fields_set:
        yield problem(
            "pki.rootValidityDays",
            "has no effect beside pki.rootCertPem",
            got=pki.root_validity_days,
            remedy="remove it; the certificate has an end of its own",
        )


def _root(given: Given) -> Iterator[Problem]:
    pki = given.settings.pki
    has_key = given.secrets.ca_root_key
    # A root whose key stays offline is enough where nothing is left to be signed.
    signs = bool(set(_primaries(given)) - set(pki.intermediates))
    if pki.root_cert_pem and not has_key and signs:
        yield problem(
            "caRootKey",
            "is missing beside pki.rootCertPem",
            got=None,
            remedy="`pulumi config set --secret caRootKey`, or give every primary an intermediate",
        )
    if has_key and not pki.root_cert_pem:
        yield problem(
            "pki.rootCertPem",
            "is missing beside the secret caRootKey",
            got=None,
            remedy="give the certificate of the key, or remove the key",
        )


def _intermediates(given: Given) -> Iterator[Problem]:
    pki, keys = given.settings.pki, given.secrets.ca_intermediate_keys
    if pki.intermediates and not pki.root_cert_pem:
        yield problem(
            "pki.rootCertPem",
            "is missing beside pki.intermediates",
            got=None,
            remedy="give the root that signed them",
        )
    for key, certificate in pki.intermediates.items():
        if _is_disabled_primary(key, given):
            continue
        if key not in _primaries(given):
            yield problem(
                f"pki.intermediates.{key}",
                "is for no enabled primary",
                got=certificate,
                remedy=closest(key, _primaries(given), "the enabled primaries"),
            )
        elif key not in keys:
            yield problem(
                f"caIntermediateKeys.{key}",
                f"is missing beside pki.intermediates.{key}",
                got=None,
                remedy=f"`pulumi config set --secret --path caIntermediateKeys.{key}`",
            )
    for key in sorted(keys - set(pki.intermediates)):
        yield problem(
            f"caIntermediateKeys.{key}",
            "is the key of no certificate in pki.intermediates",
            got=HIDDEN,
            remedy=f"give pki.intermediates.{key}, or remove the key",
        )


RULES: Final[tuple[Rule, ...]] = (_validities, _root, _intermediates)
