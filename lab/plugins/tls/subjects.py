"""Whom a certificate is for, and what it may be used for."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from lab.certificates import EXTENDED_USAGES, KEY_USAGES
from sdks.checking import Failure
from sdks.values import Properties, Unknown

# In the order in which Go's encoder writes them, so that names compare equal byte by byte.
NAME_PARTS: tuple[tuple[str, ObjectIdentifier], ...] = (
    ("organization", NameOID.ORGANIZATION_NAME),
    ("locality", NameOID.LOCALITY_NAME),
    ("commonName", NameOID.COMMON_NAME),
)


def name_of(subject: Properties | None) -> x509.Name:
    given = subject or {}
    return x509.Name([x509.NameAttribute(o, given[n]) for n, o in NAME_PARTS if given.get(n)])


def alternative_names(inputs: Properties) -> x509.SubjectAlternativeName | None:
    names = [x509.DNSName(item) for item in inputs.get("dnsNames") or ()]
    return x509.SubjectAlternativeName(names) if names else None


def subject_faults(subject: object) -> list[Failure]:
    """A part of a name that would be left out without a word."""
    known = [name for name, _ in NAME_PARTS]
    given = subject if isinstance(subject, dict) else {}
    return [
        Failure(f"subject.{name}", f"the lab's plugin writes only {', '.join(known)}")
        for name in given
        if name not in known
    ]


def usage_faults(uses: Sequence[object]) -> list[Failure]:
    served = {*KEY_USAGES, *EXTENDED_USAGES}
    known = ", ".join(sorted(served))
    found = [
        Failure(f"allowedUses[{index}]", f"the lab's plugin has no such use, got {use!r}; {known}")
        for index, use in enumerate(uses)
        if not isinstance(use, Unknown) and use not in served
    ]
    # RFC 5280, section 4.2.1.3: these two only say something about key agreement.
    if {"encipher_only", "decipher_only"} & {*uses} and "key_agreement" not in uses:
        found.append(Failure("allowedUses", "encipher_only and decipher_only need key_agreement"))
    return found
