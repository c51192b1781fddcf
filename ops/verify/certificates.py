"""Judges certificates: the same root everywhere, and none near its end; pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from ops.verify.checks import Check, Kind, failed, judged, passed
from ops.verify.document import Cluster

# An intermediate is renewed by an `up` long before that, so this is one that nobody looked after.
MARGIN: Final = timedelta(days=30)
_SHOWN: Final = 16


def parse(pem: str) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM text; none if it is not one."""
    try:
        return tuple(x509.load_pem_x509_certificates(pem.encode()))
    except ValueError:
        return ()


def fingerprints(pem: str) -> frozenset[str]:
    """Return the SHA-256 of each certificate in a PEM text."""
    return frozenset(certificate.fingerprint(SHA256()).hex() for certificate in parse(pem))


def judge_root(cluster: Cluster, *, trusted: str, expected: str) -> Check:
    """Return whether a cluster trusts the root of the outputs.

    Args:
        cluster: The cluster.
        trusted: What its proxies trust; more than one while the root is rotated.
        expected: The root of the outputs.
    """
    found, wanted = fingerprints(trusted), fingerprints(expected)
    if wanted and wanted <= found:
        return passed(Kind.ROOT, cluster.key)
    have = _short(found) or "no certificate"
    return failed(
        Kind.ROOT,
        cluster.key,
        seen=f"the outputs have {_short(wanted) or 'no certificate'}, proxies trust {have}",
        remedy=(
            f"compare the Secret cacerts of {cluster.name}, or of its primary, with the outputs; "
            "an istiod that started before it was there made a root of its own and needs a restart"
        ),
    )


def judge_expiry(subject: str, certificates: Mapping[str, str], *, now: datetime) -> Check:
    """Return whether no certificate ends soon.

    Args:
        subject: Whose they are.
        certificates: PEM texts by the name to show.
        now: With a time zone.
    """
    faults: list[str] = []
    for name, pem in certificates.items():
        found = parse(pem)
        faults += [] if found else [f"{name} is no certificate"]
        for certificate in found:
            end = certificate.not_valid_after_utc
            if end - now < MARGIN:
                faults.append(f"{name} {'ended' if end <= now else 'ends'} on {end:%Y-%m-%d}")
    return judged(
        Kind.EXPIRY,
        subject,
        faults,
        remedy="`pulumi up` renews an intermediate; a root is rotated as docs/runbook.md describes",
    )


def _short(found: frozenset[str]) -> str:
    return ", ".join(sorted(fingerprint[:_SHOWN] for fingerprint in found))
