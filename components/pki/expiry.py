"""Warns of a root that nears its end: it is not renewed by itself, so somebody must know."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pulumi
from cryptography import x509

# Rotating a root takes a change in every cluster, twice, with time for the proxies in between.
NOTICE: Final = timedelta(days=365)


def expiry_warning(cert_pem: str, now: datetime) -> str | None:
    """Return what to tell the user about the end of a root certificate, None if it is far off.

    Args:
        cert_pem: The certificate.
        now: With a time zone.
    """
    end = x509.load_pem_x509_certificate(cert_pem.encode()).not_valid_after_utc
    if end - now > NOTICE:
        return None
    verb = "expired" if end <= now else "expires"
    return (
        f"the mesh's root certificate {verb} on {end:%Y-%m-%d}; "
        "rotate it with both roots trusted in between, as docs/runbook.md describes"
    )


def warn_of_expiry(cert_pem: str) -> str:
    """Log the warning, if one is due now, and return the certificate unchanged."""
    warning = expiry_warning(cert_pem, datetime.now(UTC))
    if warning:
        pulumi.log.warn(warning)
    return cert_pem
