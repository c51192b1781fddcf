"""Keys and certificates of the `tls` plugin, checked by a second implementation."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lab.plugins.base.values import Secret
from lab.plugins.tls import provider
from sdks.values import UNKNOWN, Properties
from tests.lab_unit.plugin_engine import Engine, Kept, refused, serving

KEY = "tls:index/privateKey:PrivateKey"
ROOT = "tls:index/selfSignedCert:SelfSignedCert"
REQUEST = "tls:index/certRequest:CertRequest"
SIGNED = "tls:index/locallySignedCert:LocallySignedCert"
CA_USES = ["digital_signature", "content_commitment", "key_encipherment", "cert_signing"]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with serving(provider()) as started:
        yield started


@pytest.fixture(scope="module")
def key(engine: Engine) -> Kept:
    return engine.create(KEY, {"algorithm": "RSA", "rsaBits": 2048})


@pytest.fixture(scope="module")
def root(engine: Engine, key: Kept) -> Kept:
    return engine.create(ROOT, root_inputs(key))


def root_inputs(key: Kept, **more: Any) -> Properties:
    return {
        "privateKeyPem": key.outputs["privateKeyPem"],
        "allowedUses": CA_USES,
        "isCaCertificate": True,
        "setAuthorityKeyId": True,
        "validityPeriodHours": 87600,
        "subject": {"organization": "Istio", "commonName": "Root CA"},
        **more,
    }


def signed_inputs(engine: Engine, key: Kept, root: Kept) -> Properties:
    asked = engine.create(
        REQUEST,
        {
            "privateKeyPem": key.outputs["privateKeyPem"],
            "subject": {"organization": "Istio", "locality": "primary"},
            "dnsNames": ["istiod.istio-system.svc"],
        },
    )
    return {
        "certRequestPem": asked.outputs["certRequestPem"],
        "caPrivateKeyPem": key.outputs["privateKeyPem"],
        "caCertPem": root.outputs["certPem"],
        "allowedUses": ["cert_signing"],
        "isCaCertificate": True,
        "maxPathLength": 0,
        "validityPeriodHours": 100,
    }


def certificate(kept: Kept) -> x509.Certificate:
    return x509.load_pem_x509_certificate(kept.outputs["certPem"].encode())


def extension(kept: Kept, kind: type[x509.ExtensionType]) -> tuple[Any, bool]:
    found = certificate(kept).extensions.get_extension_for_class(kind)
    return found.value, found.critical


def test_a_key_and_its_public_part_belong_together(key: Kept) -> None:
    private = key.outputs["privateKeyPem"].value
    assert private.splitlines()[0] == "-----BEGIN RSA PRIVATE KEY-----"
    public = serialization.load_pem_private_key(private.encode(), None).public_key()
    pem = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    assert public.public_bytes(*pem).decode() == key.outputs["publicKeyPem"]


def test_a_private_key_is_secret(key: Kept) -> None:
    secret = {name for name, value in key.outputs.items() if isinstance(value, Secret)}
    assert secret == {"privateKeyPem"}


def test_any_change_of_a_key_replaces_it(engine: Engine, key: Kept) -> None:
    planned = engine.diff(key, {"algorithm": "RSA", "rsaBits": 4096})
    assert planned.changes == {"rsaBits": "UPDATE_REPLACE"}


@pytest.mark.parametrize(
    ("inputs", "faults"),
    [
        (
            {"algorithm": "ECDSA"},
            {"algorithm": "the lab's plugin makes RSA keys only, got 'ECDSA'"},
        ),
        ({"algorithm": "RSA", "rsaBits": 512}, {"rsaBits": "must be at least 1024, got 512"}),
    ],
)
def test_a_wrong_key_is_refused(
    engine: Engine, inputs: Properties, *, faults: dict[str, str]
) -> None:
    assert engine.faults(KEY, inputs) == faults


def test_a_root_is_a_critical_authority_with_its_usages(root: Kept) -> None:
    constraints = extension(root, x509.BasicConstraints)
    assert constraints == (x509.BasicConstraints(ca=True, path_length=None), True)
    usage, critical = extension(root, x509.KeyUsage)
    assert critical
    assert (usage.key_cert_sign, usage.digital_signature, usage.content_commitment) == (True,) * 3
    assert usage.crl_sign is False


def test_a_root_names_itself_as_its_authority(root: Kept) -> None:
    own, _ = extension(root, x509.SubjectKeyIdentifier)
    authority, _ = extension(root, x509.AuthorityKeyIdentifier)
    assert authority.key_identifier == own.digest


def test_a_root_is_valid_for_the_hours_asked_from_now(root: Kept) -> None:
    start = datetime.fromisoformat(root.outputs["validityStartTime"])
    end = datetime.fromisoformat(root.outputs["validityEndTime"])
    assert end - start == timedelta(hours=87600)
    assert abs(datetime.now(UTC) - start) < timedelta(minutes=1)


def test_a_name_is_written_in_the_order_of_the_real_plugin(root: Kept) -> None:
    names = [item.oid for item in certificate(root).subject]
    assert names == [NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME]


def test_an_intermediate_verifies_with_openssl(
    engine: Engine, key: Kept, root: Kept, *, tmp_path: Path
) -> None:
    made = engine.create(SIGNED, signed_inputs(engine, key, root))
    files = {"root.pem": root.outputs["certPem"], "made.pem": made.outputs["certPem"]}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    ran = subprocess.run(
        ["/usr/bin/openssl", "verify", "-x509_strict", "-CAfile", "root.pem", "made.pem"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.strip() == "made.pem: OK"


def test_an_intermediate_takes_its_names_from_its_request(
    engine: Engine, key: Kept, root: Kept
) -> None:
    made = engine.create(SIGNED, signed_inputs(engine, key, root))
    assert certificate(made).subject.rfc4514_string() == "L=primary,O=Istio"
    names, critical = extension(made, x509.SubjectAlternativeName)
    assert [str(item.value) for item in names] == ["istiod.istio-system.svc"]
    assert critical is False


def test_an_intermediate_has_its_path_length(engine: Engine, key: Kept, root: Kept) -> None:
    made = engine.create(SIGNED, signed_inputs(engine, key, root))
    assert extension(made, x509.BasicConstraints)[0].path_length == 0


def test_an_authority_may_have_a_key_of_another_kind(engine: Engine) -> None:
    """A user's own, which the plugin signs with and never makes."""
    own = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    inputs = {
        "privateKeyPem": own.decode(),
        "allowedUses": CA_USES,
        "validityPeriodHours": 1,
    }
    made = engine.create(ROOT, inputs)
    assert made.outputs["keyAlgorithm"] == "ECDSA"


def test_an_intermediate_names_its_issuer_by_key(engine: Engine, key: Kept, root: Kept) -> None:
    made = engine.create(SIGNED, signed_inputs(engine, key, root))
    authority, _ = extension(made, x509.AuthorityKeyIdentifier)
    assert authority.key_identifier == extension(root, x509.SubjectKeyIdentifier)[0].digest


def test_the_authoritys_key_stays_secret(engine: Engine, key: Kept, root: Kept) -> None:
    made = engine.create(SIGNED, signed_inputs(engine, key, root))
    assert isinstance(made.outputs["caPrivateKeyPem"], Secret)


def test_a_key_of_another_authority_is_refused(engine: Engine, key: Kept, root: Kept) -> None:
    other = engine.create(KEY, {"algorithm": "RSA", "rsaBits": 1024})
    inputs = signed_inputs(engine, key, root)
    with refused() as told:
        engine.create(SIGNED, {**inputs, "caPrivateKeyPem": other.outputs["privateKeyPem"]})
    assert told == ["caPrivateKeyPem: is not the key of caCertPem; give the pair"]


def test_an_unreadable_key_is_refused_without_its_value(engine: Engine, key: Kept) -> None:
    with refused() as told:
        engine.create(ROOT, root_inputs(key, privateKeyPem=Secret("hunter2")))
    assert told == ["privateKeyPem: not a private key in PEM; give an unencrypted one"]


@pytest.mark.parametrize(
    ("more", "property_", "reason"),
    [
        (
            {"allowedUses": ["code_signing"]},
            "allowedUses[0]",
            "the lab's plugin has no such use, got 'code_signing'; cert_signing, ",
        ),
        (
            {"allowedUses": ["encipher_only"]},
            "allowedUses",
            "encipher_only and decipher_only need key_agreement",
        ),
        ({"ipAddresses": ["10.0.0.1"]}, "ipAddresses", "the lab's plugin does not serve it"),
        (
            {"subject": {"country": "FR"}},
            "subject.country",
            "the lab's plugin writes only organization, locality, commonName",
        ),
        ({"validityPeriodHours": -1}, "validityPeriodHours", "must not be negative, got -1"),
        ({"privateKeyPem": None}, "privateKeyPem", "required argument is missing"),
    ],
)
def test_a_wrong_certificate_is_refused(
    more: Properties, property_: str, reason: str, *, engine: Engine, key: Kept
) -> None:
    faults = engine.faults(ROOT, root_inputs(key, **more))
    assert list(faults) == [property_]
    assert faults[property_].startswith(reason)


def test_a_preview_knows_the_defaults_and_not_the_certificate(engine: Engine, key: Kept) -> None:
    planned = engine.preview(ROOT, root_inputs(key, privateKeyPem=UNKNOWN))
    assert planned["certPem"] is UNKNOWN
    assert (planned["earlyRenewalHours"], planned["readyForRenewal"]) == (0, False)


def test_a_certificate_far_from_its_end_stays(engine: Engine, root: Kept) -> None:
    assert engine.diff(root, root.inputs).changes == {}


def test_early_renewal_alone_is_changed_in_place(engine: Engine, root: Kept) -> None:
    planned = engine.diff(root, {**root.inputs, "earlyRenewalHours": 24})
    assert planned.changes == {"earlyRenewalHours": "ADD"}


def test_a_certificate_in_its_renewal_window_is_replaced(engine: Engine, key: Kept) -> None:
    made = engine.create(ROOT, root_inputs(key, validityPeriodHours=48, earlyRenewalHours=24))
    assert made.outputs["readyForRenewal"] is False
    planned = engine.diff(made, {**made.inputs, "earlyRenewalHours": 49})
    assert planned.changes == {"earlyRenewalHours": "UPDATE", "readyForRenewal": "UPDATE_REPLACE"}


def test_a_refresh_tells_that_renewal_is_due(engine: Engine, key: Kept) -> None:
    made = engine.create(ROOT, root_inputs(key, validityPeriodHours=48, earlyRenewalHours=24))
    made.outputs["validityEndTime"] = "2026-01-01T00:00:00Z"
    read = engine.refresh(made)
    assert read is not None
    assert read.outputs["readyForRenewal"] is True


def test_another_validity_issues_the_certificate_anew(engine: Engine, root: Kept) -> None:
    planned = engine.diff(root, {**root.inputs, "validityPeriodHours": 1})
    assert planned.replaces == ("validityPeriodHours",)
