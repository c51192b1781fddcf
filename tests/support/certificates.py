"""Real keys and certificates for the mocks of the tls provider, but for the keys' kind.

They come from the lab's stand-in of that provider; tests verify them with other implementations.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lab.plugins.tls import issue, keys, subjects

Inputs = Mapping[str, Any]
Maker = Callable[[str, dict[str, Any]], dict[str, Any]]


@cache
def key_pem(name: str) -> str:
    """Return the private key of that name, always the same one."""
    # An RSA key of the wanted 4096 bits takes seconds to find, and each loading checks it anew.
    return keys.private_pem(keys.generate("ECDSA", curve="P256", bits=0))


@cache
def _once(make: Maker, name: str, inputs: str) -> dict[str, Any]:
    return make(name, json.loads(inputs))


def stable(make: Maker) -> Callable[[str, Inputs], dict[str, Any]]:
    """Return `make` with the same answer to the same question, as a provider's state has it."""
    return lambda name, inputs: _once(make, name, json.dumps(dict(inputs), sort_keys=True))


def private_key(name: str, _: Inputs) -> dict[str, Any]:
    """Answer for tls.PrivateKey."""
    key = keys.load_private(key_pem(name), what=name)
    return {"privateKeyPem": key_pem(name), "publicKeyPem": keys.public_pem(key.public_key())}


def cert_request(name: str, inputs: Inputs) -> dict[str, Any]:
    """Answer for tls.CertRequest."""
    key = keys.load_private(inputs["privateKeyPem"], what=name)
    request = issue.request(dict(inputs), key)
    return {"certRequestPem": request.public_bytes(Encoding.PEM).decode()}


def self_signed_cert(name: str, inputs: Inputs) -> dict[str, Any]:
    """Answer for tls.SelfSignedCert."""
    key = keys.load_private(inputs["privateKeyPem"], what=name)
    public = key.public_key()
    own = x509.AuthorityKeyIdentifier.from_issuer_public_key(public)
    subject = subjects.name_of(inputs["subject"])
    holder = issue.Holder(
        name=subject, public_key=public, alternative_names=subjects.alternative_names(dict(inputs))
    )
    issuer = issue.Issuer(
        name=subject, key=key, authority_key_id=own if inputs.get("setAuthorityKeyId") else None
    )
    return dict(issue.outputs_of(issue.certificate(holder, issuer, dict(inputs))))


def locally_signed_cert(name: str, inputs: Inputs) -> dict[str, Any]:
    """Answer for tls.LocallySignedCert."""
    key = keys.load_private(inputs["caPrivateKeyPem"], what=name)
    holder = issue.holder_of_request(inputs["certRequestPem"])
    issuer = issue.issuer_of_authority(inputs["caCertPem"], key)
    return dict(issue.outputs_of(issue.certificate(holder, issuer, dict(inputs))))
