"""Certificates of one's own and their keys: whether they belong together."""

from collections.abc import Iterator, Mapping

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from components.config.report import HIDDEN, NOTHING
from components.errors import Problem
from components.settings.stack import PkiSettings


def is_private_key(pem: str) -> bool:
    """Whether `pem`, which is under no passphrase, can be read as a private key."""
    try:
        load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        return False
    return True


def faults_of_authorities(
    pki: PkiSettings, root_key: str | None, keys: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield what does not belong together among certificates and keys that are right themselves.

    `keys` are those of intermediates, by cluster.
    """
    if pki.root_cert_pem is None:
        return
    root = _read(pki.root_cert_pem)
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
        if not _is_signed(certificate, root):
            yield Problem(
                path=f"pki.intermediates.{key}",
                fault="is not signed by pki.rootCertPem",
                got=certificate.issuer.rfc4514_string() or NOTHING,
                remedy="give the root that signed it, or a certificate below this one",
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


def _is_signed(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _most_below(root: x509.Certificate) -> int | None:
    """Return how many authorities may be in a row below the root; None if any number."""
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
    return constraints.value.path_length
