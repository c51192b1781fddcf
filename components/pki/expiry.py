"""Warns of certificates that near their end and that no update renews by itself."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import pulumi
from cryptography import x509


@dataclass(frozen=True, kw_only=True, slots=True)
class Expiry:
    """How the end of a certificate is told of, and how long before it."""

    what: str
    remedy: str
    notice: timedelta


ROOT: Final = Expiry(
    what="the mesh's root certificate",
    remedy="rotate it with both roots trusted in between, as docs/runbook.md describes",
    # Rotating a root takes a change in every cluster, twice, with time for the proxies in between.
    notice=timedelta(days=365),
)


def given_intermediate(key: str, days: int) -> Expiry:
    """Return how the end of an intermediate of the user's own is told of, from `days` before it."""
    return Expiry(
        what=f"the certificate pki.intermediates.{key}",
        remedy="give another one below the same root",
        notice=timedelta(days=days),
    )


def made_intermediate(key: str, days: int) -> Expiry:
    """Return how an intermediate that outlived its renewal is told of, in the last half of it.

    https://github.com/pulumi/pulumi-tls/issues/39 has certificates that ended unrenewed.
    """
    return Expiry(
        what=f"the intermediate certificate of {key}",
        remedy=f"run `pulumi up --replace '**{key}-intermediate-cert'`, as it was not renewed",
        notice=timedelta(days=days) / 2,
    )


def expiry_warning(cert_pem: str, expiry: Expiry, now: datetime) -> str | None:
    """Return what to tell the user about the end of a certificate, None if it is far off.

    Args:
        cert_pem: The certificate.
        expiry: How it is told.
        now: With a time zone.
    """
    end = x509.load_pem_x509_certificate(cert_pem.encode()).not_valid_after_utc
    if end - now > expiry.notice:
        return None
    verb = "expired" if end <= now else "expires"
    return f"{expiry.what} {verb} on {end:%Y-%m-%d}; {expiry.remedy}"


def watched(cert_pem: pulumi.Input[str], expiry: Expiry) -> pulumi.Output[str]:
    """Return the certificate unchanged; the warning is logged if one is due now."""
    return pulumi.Output.from_input(cert_pem).apply(lambda known: _warn(known, expiry))


def _warn(cert_pem: str, expiry: Expiry) -> str:
    warning = expiry_warning(cert_pem, expiry, datetime.now(UTC))
    if warning:
        pulumi.log.warn(warning)
    return cert_pem
