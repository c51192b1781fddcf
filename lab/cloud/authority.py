"""The lab's certificate authority, server certificate, API key and OCI configuration file.

Made once under the state folder and kept: clients that trusted it go on trusting it. The key of
the authority is used once and kept nowhere, and what it might sign is bound to the lab's names.
"""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from oci.regions_definitions import REGION_REALMS

from lab.certificates import AUTHORITY, builder, key_usage, new_key, pem
from lab.cloud.ids import TENANCY_ID, USER_ID
from lab.cloud.signing import ApiKey
from lab.errors import LabError
from lab.paths import MANAGEMENT_ADDRESS

VALIDITY = timedelta(days=3650)
DOMAIN = "oraclecloud.com"
ADDRESSES = ("127.0.0.1", MANAGEMENT_ADDRESS)
"""Where the lab's servers are asked by address."""
SYSTEM_TRUST = Path("/etc/ssl/certs/ca-certificates.crt")
REGIONS = tuple(sorted(region for region, realm in REGION_REALMS.items() if realm == "oc1"))
"""The vendor's public regions, as its SDK lists them."""
SITES = ("dl.k8s.io", "github.com", "pypi.org", "files.pythonhosted.org")
"""Where a computer gets its programs from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthorityFiles:
    """Where the authority's parts lie."""

    folder: Path
    """Keys and certificates of the lab's servers; readable by the owner only."""
    ca: Path
    trust: Path
    oci_config: Path

    @property
    def server(self) -> Path:
        """Certificate and key of the API and of the webhook, in one file."""
        return self.folder / "server.pem"

    @property
    def sites(self) -> Path:
        """The same of the lab's internet, as computers see it; of one run."""
        return self.folder / "sites.pem"

    @property
    def api_key(self) -> Path:
        return self.oci_config.parent / "api-key.pem"


def ensure(files: AuthorityFiles, home_region: str) -> ApiKey:
    """Makes what is missing; returns the key that requests are verified with."""
    files.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Of an earlier lab, which kept it, and whose authority could sign for any name.
    old_key = files.folder / "ca.key"
    if old_key.exists() or not (files.ca.exists() and files.server.exists()):
        _make_certificates(files)
        old_key.unlink(missing_ok=True)
    system = SYSTEM_TRUST.read_text(encoding="ascii") if SYSTEM_TRUST.exists() else ""
    _write(files.trust, (system + files.ca.read_text(encoding="ascii")).encode(), mode=0o644)
    if not files.api_key.exists():
        files.api_key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # the vendor's clients warn about a key that does not end with this label
        _write(files.api_key, pem(new_key()) + b"OCI_API_KEY\n")
    private = _load_key(files.api_key)
    print_ = fingerprint(private.public_key())
    _write(
        files.oci_config,
        (
            "[DEFAULT]\n"
            f"user={USER_ID}\nfingerprint={print_}\ntenancy={TENANCY_ID}\n"
            f"region={home_region}\nkey_file={files.api_key}\n"
        ).encode(),
    )
    return ApiKey(key_id=f"{TENANCY_ID}/{USER_ID}/{print_}", public=private.public_key())


def server_context(files: AuthorityFiles) -> ssl.SSLContext:
    """TLS for the lab's servers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.server)
    return context


def sites_context(files: AuthorityFiles) -> tuple[ssl.SSLContext, str]:
    """TLS for the lab's internet, and the authority of it, which computers alone are told of.

    It signs for names of others. So it is another one at each run, and its key is kept nowhere.
    """
    ca_key, key = new_key(), new_key()
    ca_name, name = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"oke-mesh lab {what}")])
        for what in ("internet authority", "internet")
    )
    usage = x509.BasicConstraints(ca=True, path_length=0)
    ca = builder(ca_name, ca_name, ca_key, validity=VALIDITY).add_extension(usage, critical=True)
    names: list[x509.GeneralName] = [x509.DNSName(n) for n in (*SITES, *endpoint_names())]
    server = (
        builder(name, ca_name, key, validity=VALIDITY)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    _write(files.sites, server.public_bytes(serialization.Encoding.PEM) + pem(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.sites)
    certificate = ca.add_extension(key_usage(AUTHORITY), critical=True).sign(
        ca_key, hashes.SHA256()
    )
    return context, certificate.public_bytes(serialization.Encoding.PEM).decode()


def fingerprint(key: rsa.RSAPublicKey) -> str:
    """The vendor's name of a public key: the MD5 of its DER form, in pairs."""
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    digest = hashlib.md5(der, usedforsecurity=False).hexdigest()
    return ":".join(digest[n : n + 2] for n in range(0, len(digest), 2))


def endpoint_zones() -> list[str]:
    """Where the vendor's endpoints of each region are; newer services have `.oci` in it."""
    return [f"{region}{middle}.{DOMAIN}" for region in REGIONS for middle in ("", ".oci")]


def endpoint_names() -> list[str]:
    """Host names of the vendor's endpoints, with wildcards for the services of a region."""
    return [f"*.{zone}" for zone in endpoint_zones()]


def _make_certificates(files: AuthorityFiles) -> None:
    ca_key, key = new_key(), new_key()
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "oke-mesh lab authority")])
    usage = x509.BasicConstraints(ca=True, path_length=0)
    ca = (
        builder(ca_name, ca_name, ca_key, validity=VALIDITY)
        .add_extension(usage, critical=True)
        .add_extension(key_usage(AUTHORITY), critical=True)
        .add_extension(_constraints(), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in endpoint_names()]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES]
    server_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "oke-mesh lab cloud")])
    server = (
        builder(server_name, ca_name, key, validity=VALIDITY)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    files.ca.parent.mkdir(parents=True, exist_ok=True)
    _write(files.ca, ca.public_bytes(serialization.Encoding.PEM), mode=0o644)
    _write(files.server, server.public_bytes(serialization.Encoding.PEM) + pem(key))


def _constraints() -> x509.NameConstraints:
    """Nobody who trusts the lab's authority trusts it with a name that the lab does not serve."""
    names: list[x509.GeneralName] = [x509.DNSName(DOMAIN)]
    names += [x509.IPAddress(ipaddress.ip_network(address)) for address in ADDRESSES]
    return x509.NameConstraints(permitted_subtrees=names, excluded_subtrees=None)


def _load_key(file: Path) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except ValueError as fault:
        raise LabError(
            f"{file}: not a private key ({fault}); remove it to have a new one made"
        ) from fault
    if not isinstance(key, rsa.RSAPrivateKey):
        raise LabError(f"{file}: not an RSA key; remove it to have a new one made")
    return key


def _write(file: Path, content: bytes, mode: int = 0o600) -> None:
    """Writes with its mode from the start, so that a key is never readable by others."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=mode)
    fresh.write_bytes(content)
    fresh.replace(file)
