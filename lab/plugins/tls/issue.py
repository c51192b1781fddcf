"""Writes certificates and requests with the extensions that the real plugin sets."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lab.certificates import extended_key_usage, key_usage
from lab.plugins.base.errors import PluginError
from lab.plugins.tls import keys, subjects
from sdks.values import Properties

SERIAL_BITS = 127


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Whom a certificate is issued to."""

    name: x509.Name
    public_key: keys.PublicKey
    alternative_names: x509.SubjectAlternativeName | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Issuer:
    """Who signs."""

    name: x509.Name
    key: keys.PrivateKey
    authority_key_id: x509.AuthorityKeyIdentifier | None


def certificate(holder: Holder, issuer: Issuer, inputs: Properties) -> x509.Certificate:
    """A certificate as the inputs ask for it, valid from now."""
    start = datetime.now(UTC).replace(microsecond=0)
    end = start + timedelta(hours=inputs["validityPeriodHours"])
    builder = (
        x509.CertificateBuilder()
        .serial_number(secrets.randbits(SERIAL_BITS))
        .subject_name(holder.name)
        .issuer_name(issuer.name)
        .public_key(holder.public_key)
        .not_valid_before(start)
        .not_valid_after(end)
    )
    for extension, critical in _extensions(holder, issuer, inputs):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer.key, keys.signature_hash(issuer.key))


def _extensions(
    holder: Holder, issuer: Issuer, inputs: Properties
) -> list[tuple[x509.ExtensionType, bool]]:
    is_ca = bool(inputs.get("isCaCertificate"))
    subject_key_id = None
    # RFC 5280 wants a subject key id in every authority's certificate, asked for or not.
    if is_ca or inputs.get("setSubjectKeyId"):
        subject_key_id = x509.SubjectKeyIdentifier.from_public_key(holder.public_key)
    candidates: list[tuple[x509.ExtensionType | None, bool]] = [
        (key_usage(inputs["allowedUses"]), True),
        (extended_key_usage(inputs["allowedUses"]), False),
        (x509.BasicConstraints(ca=is_ca, path_length=_path_length(inputs, is_ca=is_ca)), True),
        (subject_key_id, False),
        (issuer.authority_key_id, False),
        (holder.alternative_names, not holder.name.rdns),
    ]
    return [(item, critical) for item, critical in candidates if item is not None]


def _path_length(inputs: Properties, *, is_ca: bool) -> int | None:
    given = inputs.get("maxPathLength")
    # A negative number says "no limit" in the plugin's language.
    return int(given) if is_ca and given is not None and given >= 0 else None


def request(inputs: Properties, key: keys.PrivateKey) -> x509.CertificateSigningRequest:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        subjects.name_of(inputs.get("subject"))
    )
    names = subjects.alternative_names(inputs)
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return builder.sign(key, keys.signature_hash(key))


def holder_of_request(pem: str) -> Holder:
    try:
        asked = x509.load_pem_x509_csr(pem.encode())
    except ValueError as fault:
        raise PluginError("certRequestPem: not a certificate request in PEM") from fault
    public = asked.public_key()
    if not asked.is_signature_valid or not isinstance(public, keys.PublicKey):
        raise PluginError("certRequestPem: its signature does not match its key")
    found = [e.value for e in asked.extensions if isinstance(e.value, x509.SubjectAlternativeName)]
    return Holder(
        name=asked.subject, public_key=public, alternative_names=found[0] if found else None
    )


def issuer_of_authority(pem: str, key: keys.PrivateKey) -> Issuer:
    try:
        authority = x509.load_pem_x509_certificate(pem.encode())
    except ValueError as fault:
        raise PluginError("caCertPem: not a certificate in PEM") from fault
    if authority.public_key() != key.public_key():
        raise PluginError("caPrivateKeyPem: is not the key of caCertPem; give the pair")
    ids = [e.value for e in authority.extensions if isinstance(e.value, x509.SubjectKeyIdentifier)]
    return Issuer(
        name=authority.subject,
        key=key,
        authority_key_id=_authority_key_id(ids[0]) if ids else None,
    )


def _authority_key_id(subject: x509.SubjectKeyIdentifier) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject)


def outputs_of(issued: x509.Certificate) -> Properties:
    """The computed outputs; times as RFC 3339."""
    public = issued.public_key()
    if not isinstance(public, keys.PublicKey):
        raise PluginError("certificate: unsupported kind of key; give RSA, ECDSA or ED25519")
    return {
        "certPem": issued.public_bytes(Encoding.PEM).decode(),
        "validityStartTime": _rfc3339(issued.not_valid_before_utc),
        "validityEndTime": _rfc3339(issued.not_valid_after_utc),
    }


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
