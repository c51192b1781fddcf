"""Each cluster's own authority and the certificates of its parts; keys are for root only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.certificates import AUTHORITY, LEAF, key_usage, pem
from lab.hosts.process import File, write_files

_YEAR = timedelta(days=365)
# Clocks of one machine agree, but a certificate of this very second is refused by some.
_EARLIER = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Whom a certificate is for."""

    file: str
    """Its file name, without ending."""
    name: str
    groups: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    """DNS names and addresses; with them it serves, without it is a client only."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and its key, by path."""

    certificate: Path
    key: Path


@dataclass(slots=True)
class Authority:
    """The authority of one cluster, in a folder of its own."""

    folder: Path
    name: str
    _pair: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None = field(default=None)

    @property
    def certificate(self) -> Path:
        """What clients of the cluster trust."""
        return self.folder / "ca.crt"

    @property
    def key(self) -> Path:
        """The key that signs."""
        return self.folder / "ca.key"

    def issue(self, subject: Subject, folder: Path | None = None) -> Credential:
        """The subject's certificate; the one that is there if it still fits."""
        credential = self._credential(subject.file, folder)
        authority, key = self._load()
        if _fits(credential, subject, authority):
            return credential
        own = ec.generate_private_key(ec.SECP256R1())
        certificate = _sign(subject, own.public_key(), (authority, key))
        self._write(credential, certificate, own)
        return credential

    def signing_key(self) -> Credential:
        """The key pair of service account tokens: a public key and a private one."""
        credential = Credential(self.folder / "sa.pub", self.folder / "sa.key")
        if not credential.key.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            public = key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            # The private half last: with it the pair is known to be whole.
            write_files(
                [
                    File(path=credential.certificate, text=public.decode()),
                    File(path=credential.key, text=pem(key).decode(), mode=0o600),
                ]
            )
        return credential

    def _credential(self, file: str, folder: Path | None = None) -> Credential:
        place = folder or self.folder
        return Credential(place / f"{file}.crt", place / f"{file}.key")

    def _load(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        if self._pair is None:
            if not self.key.exists() or not self.certificate.exists():
                key = ec.generate_private_key(ec.SECP256R1())
                self._write(self._credential("ca"), _self_sign(self.name, key), key)
            own = serialization.load_pem_private_key(self.key.read_bytes(), None)
            if not isinstance(own, ec.EllipticCurvePrivateKey):
                raise TypeError(f"{self.key}: not a key that this lab made")
            self._pair = x509.load_pem_x509_certificate(self.certificate.read_bytes()), own
        return self._pair

    def _write(
        self,
        credential: Credential,
        certificate: x509.Certificate,
        key: ec.EllipticCurvePrivateKey,
    ) -> None:
        credential.key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = certificate.public_bytes(serialization.Encoding.PEM).decode()
        write_files(
            [
                File(path=credential.key, text=pem(key).decode(), mode=0o600),
                File(path=credential.certificate, text=text),
            ]
        )


def _fits(credential: Credential, subject: Subject, authority: x509.Certificate) -> bool:
    """Whether the files hold this subject's certificate from this authority, not near its end."""
    if not credential.certificate.exists() or not credential.key.exists():
        return False
    certificate = x509.load_pem_x509_certificate(credential.certificate.read_bytes())
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return (
        certificate.subject == _name(subject)
        and _hosts(certificate) == set(subject.hosts)
        and certificate.not_valid_after_utc - datetime.now(UTC) > timedelta(days=30)
    )


def _hosts(certificate: x509.Certificate) -> set[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value) for name in names}


def _name(subject: Subject) -> x509.Name:
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in subject.groups]
    return x509.Name([*groups, x509.NameAttribute(NameOID.COMMON_NAME, subject.name)])


def _builder(
    names: tuple[x509.Name, x509.Name], key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(names[0])
        .issuer_name(names[1])
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + life)
    )


def _self_sign(name: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    public = key.public_key()
    return (
        _builder((subject, subject), public, 10 * _YEAR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(key_usage(AUTHORITY), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def _sign(
    subject: Subject,
    key: ec.EllipticCurvePublicKey,
    authority: tuple[x509.Certificate, ec.EllipticCurvePrivateKey],
) -> x509.Certificate:
    issuer, issuer_key = authority
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH]
    if subject.hosts:
        purposes.append(ExtendedKeyUsageOID.SERVER_AUTH)
    builder = (
        _builder((_name(subject), issuer.subject), key, _YEAR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(LEAF), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if subject.hosts:
        names = x509.SubjectAlternativeName(_alternatives(subject.hosts))
        builder = builder.add_extension(names, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _alternatives(hosts: Iterable[str]) -> list[x509.GeneralName]:
    return [
        x509.IPAddress(ip_address(host)) if _is_address(host) else x509.DNSName(host)
        for host in hosts
    ]


def _is_address(host: str) -> bool:
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True
