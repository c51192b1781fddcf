"""Instance principals: the certificate that an instance has, and the tokens that it gets for it.

As at the vendor an instance reads certificate and key from its metadata service, proves them to
the auth service, and gets a token for a key of its own making, with which it signs its requests.
Authority and tokens are of one run of the cloud; clients fetch a new token when one is refused.
"""

from __future__ import annotations

import base64
import json
import time
from datetime import timedelta
from http import HTTPStatus
from threading import Lock

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from lab.certificates import builder, new_key, pem
from lab.cloud.errors import not_authenticated, unreadable
from lab.cloud.ids import COMPARTMENT_ID, TENANCY_ID
from lab.cloud.router import Reply
from lab.cloud.signing import ApiKey, Principal, Signed, verify_signature

TOKEN_SECONDS = 20 * 60
_PREFIX = "ST$"
_OWNER = "opc-instance:"
_ALGORITHM = "RS256"
VALIDITY = timedelta(days=30)


class Principals:
    """Knows the one user by an API key, and each instance by its token."""

    def __init__(self, key: ApiKey) -> None:
        self._user = key
        self._key = new_key()
        """Signs certificates and tokens."""
        name = _name("oke-mesh lab instances")
        self._authority = _certificate(name, self._key, (name, self._key))
        self._identities: dict[str, dict[str, str]] = {}
        self._lock = Lock()

    def identity(self, instance_id: str) -> dict[str, str]:
        """The documents of an instance's metadata service that prove who it is."""
        with self._lock:
            if instance_id not in self._identities:
                self._identities[instance_id] = self._issue(instance_id)
            return self._identities[instance_id]

    def _issue(self, instance_id: str) -> dict[str, str]:
        key = new_key()
        certificate = _certificate(
            _name(
                "oke-mesh lab instance",
                f"{_OWNER}{instance_id}",
                f"opc-compartment:{COMPARTMENT_ID}",
                f"opc-tenant:{TENANCY_ID}",
            ),
            key,
            (self._authority.subject, self._key),
        )
        return {
            "identity/cert.pem": _text(certificate),
            "identity/key.pem": pem(key).decode(),
            "identity/intermediate.pem": _text(self._authority),
        }

    def find(self, key_id: str) -> Principal | None:
        """Who signs with this key id; None if nobody does, or not any more."""
        if not key_id.startswith(_PREFIX):
            return self._user.find(key_id)
        try:
            claims = self._claims(key_id.removeprefix(_PREFIX))
            public = serialization.load_pem_public_key(str(claims["key"]).encode())
        except (ValueError, KeyError, InvalidSignature):
            return None
        return Principal(id=str(claims["sub"]), public=_rsa(public))

    def _claims(self, token: str) -> dict[str, object]:
        """What a token of this run says, which must not be past."""
        signed, _, signature = token.rpartition(".")
        self._key.public_key().verify(
            _decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        claims: dict[str, object] = json.loads(_decoded(signed.partition(".")[2]))
        if float(str(claims["exp"])) < time.time():
            raise ValueError("the token is past")
        return claims

    def _token(self, claims: dict[str, object]) -> str:
        """A JSON Web Token, RFC 7519, as the vendor's client reads it."""
        header = {"alg": _ALGORITHM, "typ": "JWT"}
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_encoded(signature)}"

    def federate(self, request: Signed, body: bytes) -> Reply:
        """The auth service: a token for an instance that proves its certificate."""
        try:
            wanted = json.loads(body)
            certificate = x509.load_der_x509_certificate(base64.b64decode(wanted["certificate"]))
            public = serialization.load_der_public_key(base64.b64decode(wanted["publicKey"]))
        except (ValueError, KeyError, TypeError) as fault:
            raise unreadable(f"No certificate and public key: {fault}.") from fault
        instance_id = self._prove(certificate, request)
        now = int(time.time())
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        text = _rsa(public).public_bytes(serialization.Encoding.PEM, form).decode()
        claims: dict[str, object] = {
            "sub": instance_id,
            "opc-tenant": TENANCY_ID,
            "opc-compartment": COMPARTMENT_ID,
            "ptype": "instance",
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "key": text,
        }
        return Reply(status=HTTPStatus.OK, body={"token": self._token(claims)})

    def _prove(self, certificate: x509.Certificate, request: Signed) -> str:
        """The instance whose certificate this is, if it was issued here and signs the request."""
        try:
            certificate.verify_directly_issued_by(self._authority)
        except (ValueError, TypeError, InvalidSignature):
            raise not_authenticated("the certificate is not an instance's of this cloud") from None
        public = certificate.public_key()
        digest = certificate.fingerprint(hashes.SHA1())  # noqa: S303 the vendor's name of it
        name = ":".join(f"{part:02X}" for part in digest)
        key = ApiKey(key_id=f"{TENANCY_ID}/fed-x509/{name}", public=_rsa(public))
        verify_signature(key, request, request.headers.get("authorization", ""))
        units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        return next(str(u.value).removeprefix(_OWNER) for u in units if _OWNER in str(u.value))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _rsa(key: object) -> rsa.RSAPublicKey:
    """A public key, which must be of RSA: the vendor signs with nothing else."""
    if not isinstance(key, rsa.RSAPublicKey):
        raise unreadable("The public key is not an RSA key.")
    return key


def _name(common: str, *units: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    parts += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
    return x509.Name(parts)


def _certificate(
    subject: x509.Name, key: rsa.RSAPrivateKey, issuer: tuple[x509.Name, rsa.RSAPrivateKey]
) -> x509.Certificate:
    name, signing = issuer
    constraints = x509.BasicConstraints(ca=key is signing, path_length=None)
    built = builder(subject, name, key, validity=VALIDITY).add_extension(constraints, critical=True)
    return built.sign(signing, hashes.SHA256())


def _text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
