"""Certificates of one's own and their keys: whether an istiod and its proxies would take them.

istiod verifies what it signs with when it starts, and goes on without it when that fails,
https://github.com/istio/istio/blob/master/security/pkg/pki/util/keycertbundle.go
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from components.config.report import HIDDEN, NOTHING
from components.errors import Problem
from components.settings.stack import PkiSettings, Settings

_LEAST_RSA_BITS: Final = 2048
# Go, and so istiod, verifies no signature that is made with one of these.
_BROKEN_HASHES: Final = ("md5", "sha1")
# A certificate that says what it is for allows no more to what it signs, and proxies are both.
_PURPOSES: Final = {
    ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth",
    ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth",
}


def is_private_key(pem: str) -> bool:
    """Whether `pem`, which is under no passphrase, can be read as a private key."""
    try:
        load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        return False
    return True


def faults_of_authorities(
    settings: Settings, root_key: str | None, keys: Mapping[str, str], *, now: datetime
) -> Iterator[Problem]:
    """Yield why certificates and keys that are right themselves could not be signed with.

    `keys` are those of intermediates, by cluster; `now` has a time zone.
    """
    pki = settings.pki
    if pki.root_cert_pem is None:
        return
    root = _read(pki.root_cert_pem)
    yield from _faults_of_belonging(pki, root, root_key, keys=keys)
    yield from _faults_alone("pki.rootCertPem", root, now)
    for key, pem in sorted(pki.intermediates.items()):
        # That of a cluster which is switched off goes nowhere.
        if key in settings.enabled_clusters:
            certificate = _read(pem)
            yield from _faults_alone(f"pki.intermediates.{key}", certificate, now)


def _faults_of_belonging(
    pki: PkiSettings, root: x509.Certificate, root_key: str | None, *, keys: Mapping[str, str]
) -> Iterator[Problem]:
    if root_key and not _is_pair(root, root_key):
        yield _other_key("caRootKey", "pki.rootCertPem")
    if _most_below(root) == 0:
        yield Problem(
            path="pki.rootCertPem",
            fault="allows no authority below it",
            got="pathlen:0",
            remedy="give a root that may sign the intermediates of clusters",
        )
    for key, pem in sorted(pki.intermediates.items()):
        certificate = _read(pem)
        if key in keys and not _is_pair(certificate, keys[key]):
            yield _other_key(f"caIntermediateKeys.{key}", f"pki.intermediates.{key}")
        broken = _broken_hash(certificate)
        if broken:
            yield Problem(
                path=f"pki.intermediates.{key}",
                fault="is signed with a broken hash",
                got=broken,
                remedy="let it be signed anew",
            )
        elif not _is_signed(certificate, root):
            yield Problem(
                path=f"pki.intermediates.{key}",
                fault="is not signed by pki.rootCertPem",
                got=certificate.issuer.rfc4514_string() or NOTHING,
                remedy="give the root that signed it, or a certificate below this one",
            )


def _faults_alone(path: str, certificate: x509.Certificate, now: datetime) -> Iterator[Problem]:
    """Yield why nobody would take what `certificate` has signed, whoever signed it."""
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if end <= now:
        yield Problem(
            path=path,
            fault="has expired",
            got=f"{end:%Y-%m-%d}",
            remedy="give one that is still valid",
        )
    if start > now:
        remedy = "give one that is valid now, or set the clock of this machine"
        yield Problem(
            path=path, fault="is not valid yet", got=f"{start:%Y-%m-%d %H:%M} UTC", remedy=remedy
        )
    usage = _extension(certificate, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        remedy = "give one whose keyUsage has keyCertSign"
        yield Problem(path=path, fault="may not sign certificates", got="keyUsage", remedy=remedy)
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if purposes is not None and ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE not in purposes:
        missing = [name for purpose, name in _PURPOSES.items() if purpose not in purposes]
        if missing:
            fault = f"allows no {' and no '.join(missing)} to what it signs"
            remedy = f"give one without extendedKeyUsage, or with {' and '.join(missing)}"
            yield Problem(path=path, fault=fault, got="extendedKeyUsage", remedy=remedy)
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey) and key.key_size < _LEAST_RSA_BITS:
        remedy = f"give one with at least {_LEAST_RSA_BITS} bits"
        yield Problem(
            path=path,
            fault="has a key that is too short",
            got=f"{key.key_size} bits",
            remedy=remedy,
        )


def days_valid(pem: str) -> int:
    """Return for how many days in all a certificate is valid."""
    certificate = _read(pem)
    return (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days


def _read(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def _other_key(path: str, certificate: str) -> Problem:
    remedy = "give the key that the certificate was made with"
    return Problem(path=path, fault=f"is not the key of {certificate}", got=HIDDEN, remedy=remedy)


def _is_pair(certificate: x509.Certificate, key: str) -> bool:
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    own = load_pem_private_key(key.encode(), password=None).public_key()
    return own.public_bytes(*form) == certificate.public_key().public_bytes(*form)


def _broken_hash(certificate: x509.Certificate) -> str | None:
    """Return the hash that the certificate is signed with, if nobody takes it any more."""
    found = certificate.signature_hash_algorithm
    return found.name if found is not None and found.name in _BROKEN_HASHES else None


def _is_signed(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _most_below(root: x509.Certificate) -> int | None:
    """Return how many authorities may be in a row below the root; None if any number."""
    constraints = _extension(root, x509.BasicConstraints)
    return constraints.path_length if constraints else None


_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
