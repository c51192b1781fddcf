"""What users paste out of files and consoles: parsed here, not only looked at.

A certificate of which a line is missing, or a key that is another one's, would otherwise show up
hundreds of resources later, or as a host that nobody can enter.
"""

import base64
import re
from collections.abc import Iterator
from typing import Annotated, Final

from cryptography import x509
from pydantic import BeforeValidator

from components.settings.types import PLACEHOLDER, Kind, fault, matching, text_or_fault

_PRIVATE: Final = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_BEGINNING: Final = "-----BEGIN CERTIFICATE-----"

# The path of a file, rather than text of another kind: it has folders or a usual ending.
_PATH: Final = re.compile(r"(?!AAAA)[^\s:]*(/[^\s:]*|\.(pub|pem|key|crt|cer))", re.ASCII)
_LONGEST_PATH: Final = 200

# What OpenSSH signs in with today; https://man.openbsd.org/sshd_config#PubkeyAcceptedAlgorithms
_SSH_KINDS: Final = re.compile(
    r"ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)"
    r"|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com"
)
_SSH_WORDS: Final = "is not a public key of SSH", "write it as ssh-ed25519 AAAA..."
_CERTIFICATE_WORDS: Final = (
    "is not one certificate in PEM form",
    f"write it as {_BEGINNING}, its lines and -----END CERTIFICATE-----",
)


def holds_private_key(text: str) -> bool:
    """Whether `text` holds the beginning of a private key in PEM form."""
    return bool(_PRIVATE.search(text))


def _is_path(text: str) -> bool:
    return len(text) <= _LONGEST_PATH and bool(_PATH.fullmatch(text.strip()))


def _ssh_key(value: object) -> str:
    text = text_or_fault(value, _SSH_WORDS)
    if _is_path(text):
        remedy = "write what the file holds, ssh-ed25519 AAAA..."
        raise fault("is a path, not the text of the key", remedy, shown=repr(text))
    if PLACEHOLDER.search(text):
        raise fault("is a placeholder", "put your own public key in its place", shown=repr(text))
    kind, blob = [*text.split(maxsplit=2), "", ""][:2]
    if not _SSH_KINDS.fullmatch(kind) or not blob.startswith("AAAA"):
        raise fault(*_SSH_WORDS)
    if len(text.strip().splitlines()) > 1:
        raise fault("has more than one line", "give one key, on one line")
    if not _is_whole(kind, blob):
        raise fault("is a public key of which letters are missing", "paste the whole line again")
    return text


def _is_whole(kind: str, blob: str) -> bool:
    """Whether the letters after a key's kind say the same kind, and have all of the key.

    What keys of security tokens carry beside the key differs, so of them the kind alone is read.
    """
    try:
        data = base64.b64decode(blob, validate=True)
        name, *fields = list(_ssh_fields(data[: 4 + len(kind)] if kind[:3] == "sk-" else data))
    except ValueError:
        return False
    return name == kind.encode() and (bool(fields) or len(data) > 4 + len(kind))


def _ssh_fields(data: bytes) -> Iterator[bytes]:
    """Yield what a public key is made of; each part has its length before it, RFC 4253."""
    while data:
        size = int.from_bytes(data[:4])
        if len(data) < 4 + size:
            raise ValueError("a part ends before its length")
        yield data[4 : 4 + size]
        data = data[4 + size :]


def _certificate(value: object) -> str:
    text = text_or_fault(value, _CERTIFICATE_WORDS).replace("\r\n", "\n")
    if _is_path(text):
        remedy = "write what the file holds, from its first line to its last"
        raise fault("is a path, not the text of the certificate", remedy)
    if holds_private_key(text):
        remedy = "make a new key, as this one has leaked, and give the certificate alone"
        raise fault("holds a private key", remedy)
    count = text.count(_BEGINNING)
    if count > 1:
        raise fault(f"holds {count} certificates", "give one alone, without those that signed it")
    if not count or not text.lstrip().startswith(_BEGINNING):
        raise fault(*_CERTIFICATE_WORDS)
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        remedy = "paste the whole file again"
        raise fault("is a certificate of which letters are missing or wrong", remedy) from None
    if not _is_authority(certificate):
        remedy = "give that of a certificate authority, which may sign others"
        raise fault("is not the certificate of an authority", remedy)
    return text


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return found.value.ca


def _file_path(value: object) -> str:
    text = text_or_fault(value, ("is not the path of a file", "write it as ~/.oci/key.pem"))
    if text.lstrip().startswith(("-----BEGIN", "ssh-", "sk-ssh-", "ecdsa-", "AAAA")):
        raise fault("is the text of a key, not the path of its file", "write where the file is")
    if not re.fullmatch(r"[^\n\0]{1,200}", text):
        raise fault("is not the path of a file", "write it as ~/.oci/oci_api_key.pem")
    return text


def _with_colons(text: str) -> str:
    return ":".join(re.findall("..", text.lower()))


FilePath = Annotated[str, BeforeValidator(_file_path), Kind("path")]

SshPublicKey = Annotated[str, BeforeValidator(_ssh_key), Kind("public key")]
"""One line of `~/.ssh/*.pub`."""

CertificatePem = Annotated[str, BeforeValidator(_certificate), Kind("certificate")]
"""One certificate of an authority, with the line ends of Unix."""

Fingerprint = Annotated[
    str,
    matching(
        r"([0-9a-f]{2}:){15}[0-9a-f]{2}",
        "the fingerprint of a key",
        "16 pairs of hexadecimal digits with colons between them",
        _with_colons,
    ),
    Kind("fingerprint"),
]
"""As the console shows it beside an API key."""
