"""Verifies request signatures (draft-cavage, RSA-SHA256) against the keys that the lab knows."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lab.cloud.errors import not_authenticated

SKEW_SECONDS = 300
"""How far a request's date may be from the server's clock, as at the vendor."""

_PART = re.compile(r'(\w+)="([^"]*)"')
_BODY_HEADERS = {"content-length", "content-type", "x-content-sha256"}
_METHODS_WITH_BODY = {"post", "put", "patch"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Who signed a request."""

    id: str
    """OCID of a user or of an instance."""
    public: RSAPublicKey

    @property
    def is_instance(self) -> bool:
        """Whether it is an instance, which may do what policies say and no more."""
        return self.id.startswith("ocid1.instance.")


class Keys(Protocol):
    """Whose signatures are good."""

    def find(self, key_id: str) -> Principal | None:
        """Who signs with this key id; None if nobody does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKey:
    """The key of one principal."""

    key_id: str
    """`tenancy/user/fingerprint`."""
    public: RSAPublicKey

    def find(self, key_id: str) -> Principal | None:
        """The one principal, by its own key id."""
        if key_id != self.key_id:
            return None
        return Principal(id=key_id.split("/")[1], public=self.public)


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What a good signature shows."""

    principal: Principal
    headers: frozenset[str]
    """Of the signed ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """What a signature covers."""

    method: str
    target: str
    """Path with query, as on the request line."""
    headers: Mapping[str, str]
    """With names in lower case."""


def verify_request(keys: Keys, request: Signed, body: bytes) -> Principal:
    """Who signed the request; raises 401 unless it is recent and has this body."""
    proof = verify_signature(keys, request, request.headers.get("authorization", ""))
    method = request.method.lower()
    needed = {"(request-target)", "host"}
    if method in _METHODS_WITH_BODY:
        needed |= _BODY_HEADERS
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if request.headers.get("x-content-sha256") != digest:
            raise not_authenticated("x-content-sha256 does not match the body")
    unsigned = needed - proof.headers
    if unsigned:
        raise not_authenticated(f"not signed: {', '.join(sorted(unsigned))}")
    date = request.headers.get("x-date" if "x-date" in proof.headers else "date", "")
    age = age_seconds(date)
    if age is None or abs(age) > SKEW_SECONDS:
        raise not_authenticated(f"date {date!r} is more than five minutes off")
    return proof.principal


def verify_signature(keys: Keys, request: Signed, authorization: str) -> Proof:
    """Who signed which headers, or 401."""
    parts = dict(_PART.findall(authorization))
    if not authorization.startswith("Signature ") or "signature" not in parts:
        raise not_authenticated("no Signature in the authorization header")
    if parts.get("algorithm") != "rsa-sha256":
        raise not_authenticated(f"algorithm {parts.get('algorithm')!r} is not rsa-sha256")
    principal = keys.find(parts.get("keyId", ""))
    if principal is None:
        raise not_authenticated(f"unknown key {parts.get('keyId')!r}")
    names: list[str] = parts.get("headers", "date").lower().split()
    if not {"date", "x-date"} & set(names):
        raise not_authenticated("not signed: date")
    text = "\n".join(f"{name}: {_signed_value(request, name)}" for name in names)
    try:
        signature = base64.b64decode(parts["signature"], validate=True)
        principal.public.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error):
        raise not_authenticated("the signature does not match the request") from None
    return Proof(principal=principal, headers=frozenset(names))


def age_seconds(date: str) -> float | None:
    """How long ago an HTTP date was; None for one that cannot be read."""
    try:
        return (datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds()
    except (TypeError, ValueError):
        return None


def _signed_value(request: Signed, name: str) -> str:
    if name == "(request-target)":
        return f"{request.method.lower()} {request.target}"
    value = request.headers.get(name)
    if value is None:
        raise not_authenticated(f"signed header {name} is absent")
    return value
