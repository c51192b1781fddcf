"""Private keys: making, reading and writing them in the forms of the real plugin."""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from lab.plugins.base.errors import PluginError

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

CURVES: dict[str, type[ec.EllipticCurve]] = {
    "P224": ec.SECP224R1,
    "P256": ec.SECP256R1,
    "P384": ec.SECP384R1,
    "P521": ec.SECP521R1,
}
SIGNATURE_HASHES: dict[str, type[SHA256 | SHA384 | SHA512]] = {
    "secp224r1": SHA256,
    "secp256r1": SHA256,
    "secp384r1": SHA384,
    "secp521r1": SHA512,
}


def generate(algorithm: str, *, curve: str, bits: int) -> PrivateKey:
    if algorithm == "RSA":
        return rsa.generate_private_key(public_exponent=65537, key_size=bits)
    if algorithm == "ECDSA":
        return ec.generate_private_key(CURVES[curve]())
    return ed25519.Ed25519PrivateKey.generate()


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


def signature_hash(key: PrivateKey) -> SHA256 | SHA384 | SHA512 | None:
    """The digest to sign with, by the key's strength."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return SIGNATURE_HASHES[key.curve.name]()
    return SHA256() if isinstance(key, rsa.RSAPrivateKey) else None


def private_pem(key: PrivateKey) -> str:
    """PKCS#1 for RSA, SEC 1 for ECDSA, PKCS#8 for ED25519, which has no form of its own."""
    own = not isinstance(key, ed25519.Ed25519PrivateKey)
    form = PrivateFormat.TraditionalOpenSSL if own else PrivateFormat.PKCS8
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def private_pkcs8(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def private_openssh(key: PrivateKey) -> str:
    if not _openssh_knows(key):
        return ""
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def public_pem(key: PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public_openssh(key: PrivateKey) -> str:
    if not _openssh_knows(key):
        return ""
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return line.decode() + "\n"


def fingerprints(key: PrivateKey) -> tuple[str, str]:
    """MD5 in colons and SHA256 in base64, as ssh-keygen prints them."""
    line = public_openssh(key)
    if not line:
        return "", ""
    blob = base64.b64decode(line.split()[1])
    md5 = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    colons = ":".join(md5[index : index + 2] for index in range(0, len(md5), 2))
    sha = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return colons, f"SHA256:{sha}"


def key_id(key: PublicKey) -> str:
    """The id of resources that are a key: SHA1 of its public part."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha1(der, usedforsecurity=False).hexdigest()


def _openssh_knows(key: PrivateKey) -> bool:
    return not (isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == "secp224r1")
