"""Whom a certificate is for: its distinguished name, alternative names and key usages."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku
from cryptography.x509.oid import NameOID, ObjectIdentifier

from lab.plugins.base.errors import Failure
from lab.plugins.base.values import Properties, Unknown

# In the order in which Go's encoder writes them, so that names compare equal byte by byte.
NAME_PARTS: tuple[tuple[str, ObjectIdentifier], ...] = (
    ("country", NameOID.COUNTRY_NAME),
    ("organization", NameOID.ORGANIZATION_NAME),
    ("organizationalUnit", NameOID.ORGANIZATIONAL_UNIT_NAME),
    ("locality", NameOID.LOCALITY_NAME),
    ("province", NameOID.STATE_OR_PROVINCE_NAME),
    ("streetAddresses", NameOID.STREET_ADDRESS),
    ("postalCode", NameOID.POSTAL_CODE),
    ("commonName", NameOID.COMMON_NAME),
    ("serialNumber", NameOID.SERIAL_NUMBER),
    ("emailAddress", NameOID.EMAIL_ADDRESS),
)
KEY_USAGES = {
    "digital_signature": "digital_signature",
    "content_commitment": "content_commitment",
    "key_encipherment": "key_encipherment",
    "data_encipherment": "data_encipherment",
    "key_agreement": "key_agreement",
    "cert_signing": "key_cert_sign",
    "crl_signing": "crl_sign",
    "encipher_only": "encipher_only",
    "decipher_only": "decipher_only",
}
EXTENDED_USAGES = {
    "any_extended": Eku.ANY_EXTENDED_KEY_USAGE,
    "server_auth": Eku.SERVER_AUTH,
    "client_auth": Eku.CLIENT_AUTH,
    "code_signing": Eku.CODE_SIGNING,
    "email_protection": Eku.EMAIL_PROTECTION,
    "ipsec_end_system": ObjectIdentifier("1.3.6.1.5.5.7.3.5"),
    "ipsec_tunnel": ObjectIdentifier("1.3.6.1.5.5.7.3.6"),
    "ipsec_user": ObjectIdentifier("1.3.6.1.5.5.7.3.7"),
    "timestamping": Eku.TIME_STAMPING,
    "ocsp_signing": Eku.OCSP_SIGNING,
    "microsoft_server_gated_crypto": ObjectIdentifier("1.3.6.1.4.1.311.10.3.3"),
    "netscape_server_gated_crypto": ObjectIdentifier("2.16.840.1.113730.4.1"),
    "microsoft_commercial_code_signing": ObjectIdentifier("1.3.6.1.4.1.311.2.1.22"),
    "microsoft_kernel_code_signing": ObjectIdentifier("1.3.6.1.4.1.311.61.1.1"),
}


def name_of(subject: Properties | None) -> x509.Name:
    given = subject or {}
    parts = [
        x509.NameAttribute(oid, text)
        for key, oid in NAME_PARTS
        for text in _as_list(given.get(key))
    ]
    return x509.Name(parts)


def alternative_names(inputs: Properties) -> x509.SubjectAlternativeName | None:
    names: list[x509.GeneralName] = [
        *(x509.DNSName(item) for item in inputs.get("dnsNames") or ()),
        *(x509.IPAddress(ipaddress.ip_address(i)) for i in inputs.get("ipAddresses") or ()),
        *(x509.UniformResourceIdentifier(item) for item in inputs.get("uris") or ()),
    ]
    return x509.SubjectAlternativeName(names) if names else None


def key_usage(uses: Sequence[str]) -> x509.KeyUsage | None:
    chosen = {KEY_USAGES[item] for item in uses if item in KEY_USAGES}
    if not chosen:
        return None
    return x509.KeyUsage(**{flag: flag in chosen for flag in KEY_USAGES.values()})


def extended_usage(uses: Sequence[str]) -> x509.ExtendedKeyUsage | None:
    chosen = [EXTENDED_USAGES[item] for item in uses if item in EXTENDED_USAGES]
    return x509.ExtendedKeyUsage(chosen) if chosen else None


def usage_faults(uses: Sequence[object]) -> list[Failure]:
    known = KEY_USAGES.keys() | EXTENDED_USAGES.keys()
    found = [
        Failure(f"allowedUses[{index}]", f"unknown use, got {use!r}; known are {_sorted(known)}")
        for index, use in enumerate(uses)
        if not isinstance(use, Unknown) and use not in known
    ]
    # RFC 5280, section 4.2.1.3: these two only say something about key agreement.
    if {"encipher_only", "decipher_only"} & {*uses} and "key_agreement" not in uses:
        found.append(Failure("allowedUses", "encipher_only and decipher_only need key_agreement"))
    return found


def address_faults(addresses: Sequence[object]) -> list[Failure]:
    return [
        Failure(f"ipAddresses[{index}]", f"must be an IP address, got {address!r}")
        for index, address in enumerate(addresses)
        if not isinstance(address, Unknown) and not _is_address(str(address))
    ]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _as_list(value: object) -> list[str]:
    if value is None or value == "":
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _sorted(names: set[str]) -> str:
    return ", ".join(sorted(names))
