"""What certificates may be used for, and the forms of keys; for all that the lab signs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

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
"""Each use by the name that a program gives it: what `cryptography` calls it."""
EXTENDED_USAGES = {
    "server_auth": ExtendedKeyUsageOID.SERVER_AUTH,
    "client_auth": ExtendedKeyUsageOID.CLIENT_AUTH,
}
"""Likewise those that say in which protocols."""
AUTHORITY = ("digital_signature", "cert_signing", "crl_signing")
LEAF = ("digital_signature",)


def key_usage(uses: Collection[str]) -> x509.KeyUsage:
    """The extension that allows these uses and no other."""
    return x509.KeyUsage(**{flag: use in uses for use, flag in KEY_USAGES.items()})


def extended_key_usage(uses: Collection[str]) -> x509.ExtendedKeyUsage | None:
    """The extension that names the protocols; none where they name none."""
    found = [identifier for use, identifier in EXTENDED_USAGES.items() if use in uses]
    return x509.ExtendedKeyUsage(found) if found else None


def new_key() -> rsa.RSAPrivateKey:
    """A key as the vendor's clients and servers have it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, *, validity: timedelta
) -> x509.CertificateBuilder:
    """A certificate for a key, but for what it may be used for and its signature."""
    start = datetime.now(UTC) - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + validity)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as PKCS#8, without a passphrase."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
