"""Certificate authorities of a user's own, as openssl would make them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """A certificate and its key, as the text of their files."""

    cert_pem: str
    key_pem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """What else a certificate says."""

    starts: int = 0
    """In how many days it becomes valid."""
    extra: tuple[x509.ExtensionType, ...] = ()


@cache
def key_pem(name: str) -> str:
    """Return the private key of that name, in the form that openssl calls traditional."""
    key = ec.generate_private_key(ec.SECP256R1())
    form = Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    return key.private_bytes(*form).decode()


@cache
def authority(
    name: str,
    *,
    below: str | None = None,
    days: int = 7300,
    may_sign: bool = True,
    depth: int = 1,
    form: Form = Form(),
) -> Authority:
    """Return the authority of that name; `below` is the name of the one that signed it.

    `depth` is how many more may be below a root.
    """
    now = datetime.now(UTC) + timedelta(days=form.starts)
    key = load_pem_private_key(key_pem(name).encode(), password=None)
    signer = load_pem_private_key(key_pem(below or name).encode(), password=None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    length = None if not may_sign else 0 if below else depth
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(below or name))
        .public_key(key.public_key())  # type: ignore[arg-type]  # it is one of the kinds that sign
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=may_sign, path_length=length), critical=True)
    )
    for extension in form.extra:
        builder = builder.add_extension(extension, critical=False)
    certificate = builder.sign(signer, hashes.SHA256())
    return Authority(
        cert_pem=certificate.public_bytes(Encoding.PEM).decode(), key_pem=key_pem(name)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
