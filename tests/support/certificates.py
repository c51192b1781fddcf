"""Real keys and certificates for the mocks of the tls provider, but for the keys' kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificateIssuerPublicKeyTypes,
    PrivateKeyTypes,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Inputs = Mapping[str, Any]
Maker = Callable[[str, dict[str, Any]], dict[str, Any]]

_NAMES = {
    "organization": NameOID.ORGANIZATION_NAME,
    "locality": NameOID.LOCALITY_NAME,
    "commonName": NameOID.COMMON_NAME,
}
# Uses by the provider's names; what the program never asks for is not allowed.
_USES = {
    "digital_signature": "digital_signature",
    "content_commitment": "content_commitment",
    "key_encipherment": "key_encipherment",
    "cert_signing": "key_cert_sign",
    "crl_signing": "crl_sign",
}
_SERVER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
_NEVER = ("data_encipherment", "key_agreement", "encipher_only", "decipher_only")


@cache
def key_pem(name: str) -> str:
    """Return the private key of that name, always the same one."""
    # An RSA key of the wanted 4096 bits takes seconds to find, and each loading checks it anew.
    key = ec.generate_private_key(ec.SECP256R1())
    form = PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


@cache
def _once(make: Maker, name: str, inputs: str) -> dict[str, Any]:
    return make(name, json.loads(inputs))


def stable(make: Maker) -> Callable[[str, Inputs], dict[str, Any]]:
    """Return `make` with the same answer to the same question, as a provider's state has it."""
    return lambda name, inputs: _once(make, name, json.dumps(dict(inputs), sort_keys=True))


def private_key(name: str, _: Inputs) -> dict[str, Any]:
    """Answer for tls.PrivateKey."""
    public = _load(key_pem(name)).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {"privateKeyPem": key_pem(name), "publicKeyPem": pem}


def cert_request(name: str, inputs: Inputs) -> dict[str, Any]:
    """Answer for tls.CertRequest."""
    names = x509.SubjectAlternativeName([x509.DNSName(item) for item in inputs["dnsNames"]])
    builder = x509.CertificateSigningRequestBuilder(_name(inputs)).add_extension(
        names, critical=False
    )
    request = builder.sign(_load(inputs["privateKeyPem"]), SHA256())
    return {"certRequestPem": request.public_bytes(Encoding.PEM).decode()}


def self_signed_cert(name: str, inputs: Inputs) -> dict[str, Any]:
    """Answer for tls.SelfSignedCert."""
    key = _load(inputs["privateKeyPem"])
    builder = _builder(inputs, key.public_key()).subject_name(_name(inputs))
    if inputs.get("setAuthorityKeyId"):
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
        builder = builder.add_extension(own, critical=False)
    return _issued(builder.issuer_name(_name(inputs)).sign(key, SHA256()))


def locally_signed_cert(name: str, inputs: Inputs) -> dict[str, Any]:
    """Answer for tls.LocallySignedCert."""
    request = x509.load_pem_x509_csr(inputs["certRequestPem"].encode())
    authority = x509.load_pem_x509_certificate(inputs["caCertPem"].encode())
    # A root of one's own may lack the extension that names its key.
    own = x509.AuthorityKeyIdentifier.from_issuer_public_key(
        cast(CertificateIssuerPublicKeyTypes, authority.public_key())
    )
    builder = (
        _builder(inputs, request.public_key())
        .subject_name(request.subject)
        .issuer_name(authority.subject)
        .add_extension(own, critical=False)
    )
    for extension in request.extensions:
        builder = builder.add_extension(extension.value, critical=extension.critical)
    return _issued(builder.sign(_load(inputs["caPrivateKeyPem"]), SHA256()))


def _load(pem: str) -> Any:
    key: PrivateKeyTypes = load_pem_private_key(pem.encode(), None)
    return key


def _name(inputs: Inputs) -> x509.Name:
    subject = inputs["subject"]
    return x509.Name([x509.NameAttribute(_NAMES[part], subject[part]) for part in subject])


def _builder(inputs: Inputs, public_key: Any) -> x509.CertificateBuilder:
    start = datetime.now(UTC).replace(microsecond=0)
    length = inputs.get("maxPathLength")
    uses = {flag: use in inputs["allowedUses"] for use, flag in _USES.items()}
    builder = (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .public_key(public_key)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(hours=inputs["validityPeriodHours"]))
        .add_extension(x509.KeyUsage(**uses, **dict.fromkeys(_NEVER, False)), critical=True)
        .add_extension(
            x509.BasicConstraints(
                ca=inputs["isCaCertificate"], path_length=None if length is None else int(length)
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
    if "server_auth" in inputs["allowedUses"]:
        builder = builder.add_extension(_SERVER, critical=False)
    return builder


def _issued(certificate: x509.Certificate) -> dict[str, Any]:
    form = "%Y-%m-%dT%H:%M:%SZ"
    return {
        "certPem": certificate.public_bytes(Encoding.PEM).decode(),
        "validityStartTime": certificate.not_valid_before_utc.strftime(form),
        "validityEndTime": certificate.not_valid_after_utc.strftime(form),
    }
