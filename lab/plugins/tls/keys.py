"""Private keys: making, reading and writing them in the forms of the real plugin."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from lab.plugins.base.errors import PluginError

# An authority that a user brings may have a key of any of these.
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


def load_private(pem: str, *, what: str) -> PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as fault:
        # The value is a secret: the fault names the property only.
        raise PluginError(f"{what}: not a private key in PEM; give an unencrypted one") from fault
    if not isinstance(key, PrivateKey):
        raise PluginError(f"{what}: unsupported kind of key; give RSA, ECDSA or ED25519")
    return key


def algorithm_of(key: PrivateKey | PublicKey) -> str:
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return "RSA"
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return "ECDSA"
    return "ED25519"


def signature_hash(key: PrivateKey) -> SHA256 | None:
    """The digest to sign with; ED25519 has its own."""
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()


def private_pem(key: rsa.RSAPrivateKey) -> str:
    """PKCS#1, as the real plugin writes it."""
    form = PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def public_pem(key: PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_id(key: PublicKey) -> str:
    """The id of resources that are a key: SHA1 of its public part."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha1(der, usedforsecurity=False).hexdigest()
