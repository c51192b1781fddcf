"""Certificates of one's own that istiod, or its proxies, would not take."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from components.config.authorities import faults_of_authorities
from tests.config.test_load import failure, loaded
from tests.config.wrong import ROOT, error_text
from tests.support.authority import Authority, Form, authority
from tests.support.documents import documents, settings

SIGNS_NOTHING = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=True,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
FOR_SERVERS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
FOR_BOTH = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


def day(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def told_of(own: Authority, *, key: str = "primary") -> list[str]:
    """Return what is said of an intermediate of the user's own."""
    config = documents(pki={"rootCertPem": ROOT.cert_pem, "intermediates": {key: own.cert_pem}})
    keys = {"caRootKey": ROOT.key_pem, "caIntermediateKeys": json.dumps({key: own.key_pem})}
    return failure(config, keys).splitlines()[1:]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (Form(starts=-7310), f"has expired, got {day(-10)}; give one that is still valid"),
        (Form(starts=1), f"is not valid yet, got {day(1)} "),
        (
            Form(extra=(SIGNS_NOTHING,)),
            "may not sign certificates, got keyUsage; give one whose keyUsage has keyCertSign",
        ),
        (
            Form(extra=(FOR_SERVERS,)),
            "allows no clientAuth to what it signs, got extendedKeyUsage; give one without ",
        ),
    ],
    ids=["expired", "of tomorrow", "keyUsage", "extendedKeyUsage"],
)
def test_an_intermediate_that_nobody_would_take_has_one_line(form: Form, told: str) -> None:
    (line,) = told_of(authority("primary", below="root", form=form))
    assert line.startswith(f"  pki.intermediates.primary: {told}")


# Made with `openssl x509 -req -sha1`, which no library of ours would do any more.
SHA1_ROOT = """-----BEGIN CERTIFICATE-----
MIIBdTCCARygAwIBAgIUCiQKnU3NoyF3I5AIHa8Nbqtpp4MwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEcm9vdDAeFw0yNjExMjYxODU1NDFaFw00NjExMjExODU1NDFa
MA8xDTALBgNVBAMMBHJvb3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARyoT7W
7UmhyRoyLiJM/bOf/lJc24OiF7eQswND3JwCUgBGEgXowBBnFqgNdU8qkuJ6ujta
6WIHnYANIURyU7Tto1YwVDAdBgNVHQ4EFgQUCAt9N+GHkthTt1NrKN6PVSRT0SUw
HwYDVR0jBBgwFoAUCAt9N+GHkthTt1NrKN6PVSRT0SUwEgYDVR0TAQH/BAgwBgEB
/wIBATAKBggqhkjOPQQDAgNHADBEAiA/n4fedwqmNzdQIOf0eo6B+7QUOKXrZc3I
eyujW/n1uQIgWKixTL0bw1iNZAIckWFg+J3vecH6Z7meoVOVTnIueuI=
-----END CERTIFICATE-----
"""
SHA1_INTERMEDIATE = """-----BEGIN CERTIFICATE-----
MIIBdzCCAR6gAwIBAgIUGvATnQpXItXXjJQP+GQAhAVY784wCQYHKoZIzj0EATAP
MQ0wCwYDVQQDDARyb290MB4XDTI2MTEyNjE4NTU0MloXDTQ2MDEyNTE4NTU0Mlow
EjEQMA4GA1UEAwwHcHJpbWFyeTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPF/
ZJvDXjSeAChWMZtLdnbcBKVdkEseesVM/uR34Y8V8hCshcw+RsRWzUWn5YL9jfOf
kbHQaP7sOnRPaFpdV1yjVjBUMBIGA1UdEwEB/wQIMAYBAf8CAQAwHQYDVR0OBBYE
FLRM5R6eHdzXXcrlrtJL05o6aqLqMB8GA1UdIwQYMBaAFAgLfTfhh5LYU7dTayje
j1UkU9ElMAkGByqGSM49BAEDSAAwRQIhAN/BdLo+7iTkyOwSyqyImmm09Iufn/W+
4BwoDUaZXt/nAiBBTv5Lv2LDDKndUZbl8PNW8Lx++P91Re/gcYiKODig2w==
-----END CERTIFICATE-----
"""


def test_an_intermediate_that_is_signed_with_a_broken_hash_is_told_so_and_no_more() -> None:
    pki = {"rootCertPem": SHA1_ROOT, "intermediates": {"primary": SHA1_INTERMEDIATE}}
    found = faults_of_authorities(settings(pki=pki), None, {}, now=datetime.now(UTC))
    assert list(map(str, found)) == [
        "pki.intermediates.primary: is signed with a broken hash, got sha1; let it be signed anew"
    ]


def test_a_root_that_has_expired_is_refused() -> None:
    own = authority("old", days=790, form=Form(starts=-800))
    config = documents(pki={"rootCertPem": own.cert_pem, "intermediateValidityDays": 700})
    assert failure(config, {"caRootKey": own.key_pem}) == error_text(
        f"pki.rootCertPem: has expired, got {day(-10)}; give one that is still valid"
    )


def test_a_root_with_a_short_key_is_refused() -> None:
    own = short()
    assert failure(documents(pki={"rootCertPem": own.cert_pem}), {"caRootKey": own.key_pem}) == (
        error_text(
            "pki.rootCertPem: has a key that is too short, got 1024 bits; give one with at least "
            "2048 bits"
        )
    )


def short() -> Authority:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 too short
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "short")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=7300))
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    return Authority(
        cert_pem=certificate.public_bytes(form).decode(),
        key_pem=key.private_bytes(
            form, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ).decode(),
    )


def test_a_cluster_that_is_switched_off_may_have_an_old_certificate() -> None:
    own = authority("secondary", below="root", form=Form(starts=-7310))
    config = documents(
        clusters__secondary__enabled=False,
        pki={"rootCertPem": ROOT.cert_pem, "intermediates": {"secondary": own.cert_pem}},
    )
    keys = {"caRootKey": ROOT.key_pem, "caIntermediateKeys": json.dumps({"secondary": own.key_pem})}
    assert loaded(config, keys)


def test_a_certificate_that_names_both_purposes_is_taken() -> None:
    own = authority("primary", below="root", form=Form(extra=(FOR_BOTH,)))
    config = documents(
        pki={"rootCertPem": ROOT.cert_pem, "intermediates": {"primary": own.cert_pem}}
    )
    keys = {"caRootKey": ROOT.key_pem, "caIntermediateKeys": json.dumps({"primary": own.key_pem})}
    assert loaded(config, keys)
