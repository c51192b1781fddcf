"""Every certificate is checked by two verifiers that have nothing to do with its making."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pulumi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store

from components.pki.expiry import ROOT, expiry_warning, given_intermediate, made_intermediate
from components.pki.pki import Pki, PkiArgs
from components.settings.stack import PkiSettings
from tests.support import certificates
from tests.support.harness import Deployment, deploy

FILES = ["ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem"]
PRIMARIES = {"fra": "fra-cluster", "phx": "phx-cluster"}


def pki(
    primaries: Mapping[str, str] = PRIMARIES,
    *,
    protect: bool = False,
    organization: str = "oke-mesh",
    **settings: object,
) -> Deployment:
    def program() -> None:
        made = Pki(
            "pki",
            PkiArgs(
                primaries=primaries,
                settings=PkiSettings.model_validate(settings),
                organization=organization,
                root_key=pulumi.Output.secret(certificates.key_pem("own-root")),
                intermediate_keys={"fra": pulumi.Output.secret(certificates.key_pem("own-fra"))},
                protect=protect,
            ),
        )
        for key, bundle in made.bundles.items():
            pulumi.export(key, bundle.files())
        pulumi.export("root", made.root_cert_pem)

    return deploy(program)


@pytest.fixture(scope="module")
def made() -> Deployment:
    return pki()


def _workload(bundle: Mapping[str, str]) -> x509.Certificate:
    """Return what istiod would sign for a workload with this bundle."""
    authority = x509.load_pem_x509_certificate(bundle["ca-cert.pem"].encode())
    signer = serialization.load_pem_private_key(bundle["ca-key.pem"].encode(), None)
    now = datetime.now(UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=2))
        .not_valid_after(now + timedelta(hours=24))
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.UniformResourceIdentifier("spiffe://oke.local/ns/sample/sa/default"),
                    x509.DNSName("curl.sample.svc"),
                ]
            ),
            critical=True,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
                authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
            ),
            critical=False,
        )
    )
    return builder.sign(signer, hashes.SHA256())  # type: ignore[arg-type] # an RSA key


@pytest.mark.parametrize("key", PRIMARIES)
def test_the_cryptography_package_accepts_a_workload_below_every_chain(
    made: Deployment, key: str
) -> None:
    bundle = made.exports[key]
    chain = x509.load_pem_x509_certificates(bundle["cert-chain.pem"].encode())
    root = x509.load_pem_x509_certificate(bundle["root-cert.pem"].encode())
    verifier = PolicyBuilder().store(Store([root])).build_client_verifier()
    verified = verifier.verify(_workload(bundle), chain[:1])
    assert [found.subject for found in verified.chain[1:]] == [chain[0].subject, root.subject]


@pytest.mark.parametrize("key", PRIMARIES)
def test_openssl_accepts_a_workload_below_every_chain(
    made: Deployment, key: str, tmp_path: Path
) -> None:
    bundle = made.exports[key]
    for name, text in bundle.items():
        (tmp_path / name).write_text(text)
    workload = _workload(bundle).public_bytes(serialization.Encoding.PEM)
    (tmp_path / "workload.pem").write_bytes(workload)
    argv = ["openssl", "verify", "-x509_strict", "-CAfile", "root-cert.pem"]
    argv += ["-untrusted", "ca-cert.pem", "workload.pem"]
    seen = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 openssl, with arguments of ours
    assert (seen.returncode, seen.stdout, seen.stderr) == (0, "workload.pem: OK\n", "")


def test_every_primary_gets_the_four_files(made: Deployment) -> None:
    assert {key: sorted(made.exports[key]) for key in PRIMARIES} == dict.fromkeys(PRIMARIES, FILES)


def test_the_root_is_the_same_everywhere(made: Deployment) -> None:
    roots = {made.exports[key]["root-cert.pem"] for key in PRIMARIES}
    assert roots == {made.exports["root"]}


def test_the_signing_certificates_differ(made: Deployment) -> None:
    assert len({made.exports[key]["ca-cert.pem"] for key in PRIMARIES}) == len(PRIMARIES)


def test_the_signing_keys_differ(made: Deployment) -> None:
    assert len({made.exports[key]["ca-key.pem"] for key in PRIMARIES}) == len(PRIMARIES)


def test_the_chain_holds_the_intermediate_first_and_then_the_root(made: Deployment) -> None:
    for key in PRIMARIES:
        files = made.exports[key]
        assert files["cert-chain.pem"] == files["ca-cert.pem"] + files["root-cert.pem"]


def test_the_root_may_sign_one_level_of_authorities(made: Deployment) -> None:
    root = x509.load_pem_x509_certificate(made.exports["root"].encode())
    found = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert found.critical
    assert found.value == x509.BasicConstraints(ca=True, path_length=1)


def test_an_intermediate_may_sign_no_authority(made: Deployment) -> None:
    authority = x509.load_pem_x509_certificate(made.exports["fra"]["ca-cert.pem"].encode())
    found = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert found.critical
    assert found.value == x509.BasicConstraints(ca=True, path_length=0)


@pytest.mark.parametrize("file", ["ca-cert.pem", "root-cert.pem"])
def test_an_authority_may_sign_certificates(made: Deployment, file: str) -> None:
    authority = x509.load_pem_x509_certificate(made.exports["fra"][file].encode())
    usage = authority.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.key_cert_sign
    assert usage.value.digital_signature
    assert usage.value.key_encipherment
    assert usage.value.content_commitment


def test_an_intermediate_names_its_cluster_and_istiod(made: Deployment) -> None:
    authority = x509.load_pem_x509_certificate(made.exports["fra"]["ca-cert.pem"].encode())
    (locality,) = authority.subject.get_attributes_for_oid(NameOID.LOCALITY_NAME)
    names = authority.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert locality.value == "fra-cluster"
    assert names.value.get_values_for_type(x509.DNSName) == ["istiod.istio-system.svc"]


def test_every_output_with_a_key_is_secret(made: Deployment) -> None:
    assert made.secret_exports == set(PRIMARIES)


def test_every_input_with_a_key_is_secret(made: Deployment) -> None:
    leaks = [
        (resource.name, name)
        for resource in made.resources
        for name, value in resource.inputs.items()
        if "PRIVATE KEY" in str(value) and name not in resource.secrets
    ]
    assert leaks == []


def test_only_intermediates_are_renewed_before_they_end(made: Deployment) -> None:
    root = made.one("tls:index/selfSignedCert:SelfSignedCert", "pki-root-cert")
    leaf = made.one("tls:index/locallySignedCert:LocallySignedCert", "fra-intermediate-cert")
    assert root.inputs.get("earlyRenewalHours") is None
    assert leaf.inputs["earlyRenewalHours"] == 60 * 24


def test_the_root_is_protected_when_the_settings_say_so() -> None:
    guarded = pki(protect=True)
    assert {r.name for r in guarded.resources if "protect" in r.options} == {
        "pki-root-key",
        "pki-root-cert",
    }


def test_no_change_of_the_settings_makes_another_root(made: Deployment) -> None:
    before = made.one("tls:index/selfSignedCert:SelfSignedCert", "pki-root-cert")
    changed = pki(rootValidityDays=1825, organization="other").one(before.type, before.name)
    differing = {name for name in before.inputs if before.inputs[name] != changed.inputs[name]}
    # The key is another one in every run of the mocks.
    assert differing - {"privateKeyPem"} == set(before.options["ignoreChanges"])


def test_a_key_keeps_its_name_when_a_primary_is_added() -> None:
    more = pki({**PRIMARIES, "syd": "syd-cluster"})
    assert set(pki().urns()) < set(more.urns())


@pytest.fixture(scope="module")
def own_root(made: Deployment) -> str:
    asked = made.one("tls:index/selfSignedCert:SelfSignedCert", "pki-root-cert").inputs
    key = certificates.key_pem("own-root")
    answer = certificates.self_signed_cert("own-root", {**asked, "privateKeyPem": key})
    return str(answer["certPem"])


def test_a_root_of_ones_own_signs_the_intermediates(own_root: str) -> None:
    given = pki(rootCertPem=own_root)
    assert given.of("tls:index/selfSignedCert:SelfSignedCert") == []
    authority = x509.load_pem_x509_certificate(given.exports["fra"]["ca-cert.pem"].encode())
    authority.verify_directly_issued_by(x509.load_pem_x509_certificate(own_root.encode()))


def test_an_intermediate_of_ones_own_is_used_as_it_is(made: Deployment, own_root: str) -> None:
    own = made.exports["fra"]["ca-cert.pem"]
    given = pki(rootCertPem=own_root, intermediates={"fra": own})
    assert given.exports["fra"]["ca-cert.pem"] == own
    assert given.exports["fra"]["ca-key.pem"] == certificates.key_pem("own-fra")
    assert given.names("tls:index/locallySignedCert:LocallySignedCert") == ["phx-intermediate-cert"]


def test_a_root_that_ends_within_a_year_is_told_of(made: Deployment) -> None:
    root = made.exports["root"]
    end = x509.load_pem_x509_certificate(root.encode()).not_valid_after_utc
    assert expiry_warning(root, ROOT, end - timedelta(days=364)) == (
        f"the mesh's root certificate expires on {end:%Y-%m-%d}; "
        "rotate it with both roots trusted in between, as docs/runbook.md describes"
    )


def test_a_root_that_has_ended_is_told_of(made: Deployment) -> None:
    root = made.exports["root"]
    end = x509.load_pem_x509_certificate(root.encode()).not_valid_after_utc
    warning = expiry_warning(root, ROOT, end)
    assert warning is not None
    assert warning.startswith(f"the mesh's root certificate expired on {end:%Y-%m-%d}; ")


def test_a_root_with_years_to_go_is_not_told_of(made: Deployment) -> None:
    assert expiry_warning(made.exports["root"], ROOT, datetime.now(UTC)) is None


def test_an_intermediate_of_ones_own_is_told_of_while_there_is_time(made: Deployment) -> None:
    intermediate = made.exports["fra"]["ca-cert.pem"]
    end = x509.load_pem_x509_certificate(intermediate.encode()).not_valid_after_utc
    expiry = given_intermediate("fra", 60)
    assert expiry_warning(intermediate, expiry, end - timedelta(days=61)) is None
    assert expiry_warning(intermediate, expiry, end - timedelta(days=59)) == (
        f"the certificate pki.intermediates.fra expires on {end:%Y-%m-%d}; "
        "give another one below the same root"
    )


def test_an_intermediate_that_was_not_renewed_is_told_of(made: Deployment) -> None:
    intermediate = made.exports["fra"]["ca-cert.pem"]
    end = x509.load_pem_x509_certificate(intermediate.encode()).not_valid_after_utc
    expiry = made_intermediate("fra", 60)
    assert expiry_warning(intermediate, expiry, end - timedelta(days=31)) is None
    assert expiry_warning(intermediate, expiry, end - timedelta(days=29)) == (
        f"the intermediate certificate of fra expires on {end:%Y-%m-%d}; "
        "run `pulumi up --replace '**fra-intermediate-cert'`, as it was not renewed"
    )


def test_every_certificate_that_signs_is_watched(caplog: pytest.LogCaptureFixture) -> None:
    pki(rootValidityDays=300, intermediateValidityDays=25)
    told = caplog.text
    for what in ("the mesh's root certificate", "of fra", "of phx"):
        assert f"{what} expires on" in told
