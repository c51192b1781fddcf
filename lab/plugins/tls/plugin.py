"""Which resource types the `tls` plugin serves."""

from __future__ import annotations

from lab.plugins.base.provider import Provider
from lab.plugins.base.store import load_package
from lab.plugins.tls.certificates import CertRequest, LocallySignedCert, SelfSignedCert
from lab.plugins.tls.private_key import PrivateKey
from sdks.reader import Selection

SELECTION = Selection(
    package="pulumi_tls",
    resources=(
        "private_key.py",
        "self_signed_cert.py",
        "cert_request.py",
        "locally_signed_cert.py",
    ),
)
KINDS = {
    "tls:index/privateKey:PrivateKey": PrivateKey,
    "tls:index/selfSignedCert:SelfSignedCert": SelfSignedCert,
    "tls:index/certRequest:CertRequest": CertRequest,
    "tls:index/locallySignedCert:LocallySignedCert": LocallySignedCert,
}


def provider() -> Provider:
    made = Provider(load_package(SELECTION))
    for token, kind in KINDS.items():
        made.resources[token] = kind(made.schema.resources[token], made.checker)
    return made
