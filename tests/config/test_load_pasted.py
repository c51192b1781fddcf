"""What a stack's file and its secrets hold by mistake, and what a folder of charts does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.config.test_load import failure, known
from tests.config.wrong import PRIVATE_KEY, ROOT, error_text
from tests.support.authority import authority
from tests.support.documents import DROP, documents
from tests.support.program import run

OWN_ROOT = {"pki__rootCertPem": ROOT.cert_pem}
PRIMARY, SECONDARY = authority("primary", below="root"), authority("secondary", below="root")
OWN_INTERMEDIATES: dict[str, Any] = {
    **OWN_ROOT,
    "pki__intermediates": {"primary": PRIMARY.cert_pem, "secondary": SECONDARY.cert_pem},
}
BODY = PRIVATE_KEY.splitlines()[1]


def keys(**changes: str) -> dict[str, str]:
    """Return the secret with the keys of both intermediates."""
    own = {"primary": PRIMARY.key_pem, "secondary": SECONDARY.key_pem}
    return {"caIntermediateKeys": json.dumps({**own, **changes})}


def test_a_path_that_was_set_as_a_key_is_told_so() -> None:
    config = {**documents(), "clusters.primary.region": "us-sanjose-1"}
    assert failure(config) == error_text(
        "clusters.primary.region: was set without --path, as a key of its own, got "
        "'clusters.primary.region'; `pulumi config rm 'oke-mesh:clusters.primary.region'`, and "
        "set it again with --path"
    )


def test_what_is_missing_because_it_was_set_as_a_key_has_one_line() -> None:
    config = {
        **documents(oci__compartmentId=DROP, clusters__primary__allowedCidrs=[]),
        "oci.compartmentId": "ocid1.compartment.oc1..aaaa",
    }
    assert failure(config) == error_text(
        "oci.compartmentId: is missing here, for it was set without --path, as a key of its own, "
        "got 'oci.compartmentId'; `pulumi config rm 'oke-mesh:oci.compartmentId'`, and set it "
        "again with --path"
    )


def test_an_entry_of_a_list_that_was_set_as_a_key_is_told_so() -> None:
    text = failure({**documents(), "access.allowedCidrs[0]": "198.51.100.7/32"})
    assert "access.allowedCidrs[0]: is missing here, for it was set without --path" in text


@pytest.mark.parametrize("name", ["privateKey", "privateKeyPassphrase", "caRootKey"])
def test_a_secret_in_a_document_has_leaked(name: str) -> None:
    text = failure(documents(**{f"oci__{name}": PRIVATE_KEY}))
    assert text == error_text(
        f"oci.{name}: is a secret, which has leaked into this document, got <hidden>; make a new "
        f"one, and `pulumi config set --secret {name}`"
    )


def test_keys_of_intermediates_in_a_document_have_leaked() -> None:
    config = documents(pki__caIntermediateKeys={"primary": PRIVATE_KEY})
    assert failure(config) == error_text(
        "pki.caIntermediateKeys: is a secret, which has leaked into this document, got <hidden>; "
        "make a new one, and `pulumi config set --secret caIntermediateKeys`"
    )


@pytest.mark.parametrize(
    "place",
    [
        "oci__privateKeyPath",
        "mesh__istio__values__env__KEY",
        "tags__note",
        "clusters__primary__name",
    ],
)
def test_a_private_key_has_leaked_wherever_it_stands(place: str) -> None:
    text = failure(documents(**{place: PRIVATE_KEY}))
    assert f"{place.replace('__', '.')}: is a secret, which has leaked into this document" in text
    assert BODY not in text
    assert text.count("\n") == 1


@pytest.mark.parametrize(
    ("pem", "fault"),
    [
        (
            "-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----\n" + PRIVATE_KEY,
            "has a block EC PARAMETERS beside the private key",
        ),
        (ROOT.cert_pem + PRIVATE_KEY, "has a block CERTIFICATE beside the private key"),
        (PRIVATE_KEY.replace(" EC ", " OPENSSH "), "is a private key in the form of OpenSSH"),
        (
            PRIVATE_KEY.replace(BODY, BODY[4:]),
            "is a private key of which letters are missing or wrong",
        ),
        (ROOT.cert_pem, "is not a private key in PEM form"),
        ("root.key", "is not a private key in PEM form"),
    ],
    ids=["EC PARAMETERS", "certificate and key", "OpenSSH", "cut short", "certificate", "path"],
)
def test_a_key_that_openssl_and_terminals_left_their_mark_on(pem: str, fault: str) -> None:
    text = failure(documents(**OWN_ROOT), {"caRootKey": pem})
    assert text.splitlines()[1].startswith(f"  caRootKey: {fault}, got <hidden>; ")
    assert text.count("\n") == 1


def test_a_key_with_the_line_ends_of_windows_is_taken() -> None:
    secrets = {"caRootKey": PRIVATE_KEY.replace("\n", "\r\n")}
    assert set(known(secrets, documents(**OWN_ROOT))) == {"root"}


def test_the_key_of_another_root_is_refused() -> None:
    assert failure(documents(**OWN_ROOT), {"caRootKey": PRIMARY.key_pem}) == error_text(
        "caRootKey: is not the key of pki.rootCertPem, got <hidden>; give the key that the "
        "certificate was made with"
    )


def test_keys_of_intermediates_that_are_mixed_up_are_refused() -> None:
    secrets = keys(primary=SECONDARY.key_pem, secondary=PRIMARY.key_pem)
    assert failure(documents(**OWN_INTERMEDIATES), secrets) == error_text(
        "caIntermediateKeys.primary: is not the key of pki.intermediates.primary, got <hidden>; "
        "give the key that the certificate was made with",
        "caIntermediateKeys.secondary: is not the key of pki.intermediates.secondary, got "
        "<hidden>; give the key that the certificate was made with",
    )


def test_an_intermediate_below_another_root_is_refused() -> None:
    other = authority("other-root")
    config = documents(**{**OWN_INTERMEDIATES, "pki__rootCertPem": other.cert_pem})
    assert [line.split(",")[0] for line in failure(config, keys()).splitlines()[1:]] == [
        "  pki.intermediates.primary: is not signed by pki.rootCertPem",
        "  pki.intermediates.secondary: is not signed by pki.rootCertPem",
    ]


def test_a_root_that_may_sign_no_authority_is_refused() -> None:
    shallow = authority("shallow", depth=0)
    config = documents(pki__rootCertPem=shallow.cert_pem)
    assert failure(config, {"caRootKey": shallow.key_pem}) == error_text(
        "pki.rootCertPem: allows no authority below it, got pathlen:0; give a root that may sign "
        "the intermediates of clusters"
    )


@pytest.mark.parametrize("is_enabled", [True, False], ids=["enabled", "switched off"])
def test_intermediates_of_ones_own_run_to_the_end(is_enabled: bool) -> None:
    config = documents(**OWN_INTERMEDIATES, clusters__secondary__enabled=is_enabled)
    assert run(config, secrets=keys()).resources


def test_a_root_of_ones_own_with_the_line_ends_of_windows_runs_to_the_end() -> None:
    config = documents(pki__rootCertPem=ROOT.cert_pem.replace("\n", "\r\n"))
    deployment = run(config, secrets={"caRootKey": ROOT.key_pem.replace("\n", "\r\n")})
    assert "\r" not in deployment.exports["mesh"]["rootCaPem"]


def charts(folder: Path, version: str = "1.31.4", *, without: str = "") -> Path:
    for name in {"base", "istiod", "gateway"} - {without}:
        (folder / name).mkdir()
        (folder / name / "Chart.yaml").write_text(f"name: {name}\nversion: {version}\n")
    return folder


def test_charts_of_a_folder_that_are_those_of_the_release_are_taken(tmp_path: Path) -> None:
    config = documents(mesh__istio={"version": "1.31.4", "charts": str(charts(tmp_path))})
    assert run(config).resources


def test_charts_of_another_release_are_refused(tmp_path: Path) -> None:
    config = documents(mesh__istio={"version": "1.30.8", "charts": str(charts(tmp_path))})
    lines = failure(config).splitlines()[1:]
    assert lines == [
        f"  mesh.istio.charts: has {name} 1.31.4, not mesh.istio.version (1.30.8), got "
        f"'{tmp_path}'; set mesh.istio.version to 1.31.4, or give the charts of 1.30.8"
        for name in ("base", "gateway", "istiod")
    ]


def test_a_folder_without_one_of_the_charts_is_refused(tmp_path: Path) -> None:
    folder = charts(tmp_path, without="gateway")
    config = documents(mesh__istio={"version": "1.31.4", "charts": str(folder)})
    assert failure(config) == error_text(
        f"mesh.istio.charts: has no chart gateway, got '{folder}'; put Istio's chart there, so "
        f"that {folder}/gateway/Chart.yaml has its version"
    )


def test_the_chart_of_a_plugin_that_is_asked_for_counts_too(tmp_path: Path) -> None:
    folder = charts(tmp_path)
    config = documents(
        mesh__istio={"version": "1.31.4", "charts": str(folder), "cni": True},
    )
    assert "has no chart cni" in failure(config)


@pytest.mark.parametrize(
    ("location", "remedy"),
    [
        (
            "charts.example.com/istio",
            "write https://charts.example.com/istio or oci://charts.example.com/istio",
        ),
        (
            "./chrats",
            "write the path of the folder from where the program is, https://... or oci://...",
        ),
    ],
)
def test_a_folder_that_is_not_there_is_refused(location: str, remedy: str) -> None:
    assert failure(documents(mesh__istio__charts=location)) == error_text(
        f"mesh.istio.charts: is not a folder here, got '{location}'; {remedy}"
    )


def test_no_charts_are_looked_for_without_a_mesh() -> None:
    config = documents(mesh__enabled=False, mesh__istio={"charts": "./chrats"})
    assert run(config).resources


def with_cert_manager(folder: str, **changes: object) -> dict[str, Any]:
    host = {"service": "shop/frontend", "port": 80}
    https = {"issuer": "selfSigned", "certManager": {"charts": folder, **changes}}
    return documents(mesh__ingress={"hosts": {"shop": host}, "https": https})


def test_the_chart_of_cert_manager_is_taken_from_a_folder_too(tmp_path: Path) -> None:
    (tmp_path / "cert-manager").mkdir()
    (tmp_path / "cert-manager" / "Chart.yaml").write_text("version: v1.21.2\n")
    assert run(with_cert_manager(str(tmp_path))).resources
    assert failure(with_cert_manager(str(tmp_path), version="1.20.3")) == error_text(
        "mesh.ingress.https.certManager.charts: has cert-manager 1.21.2, not "
        f"mesh.ingress.https.certManager.version (1.20.3), got '{tmp_path}'; set "
        "mesh.ingress.https.certManager.version to 1.21.2, or give the charts of 1.20.3"
    )


def test_a_folder_without_the_chart_of_cert_manager_is_refused(tmp_path: Path) -> None:
    assert failure(with_cert_manager(str(tmp_path))) == error_text(
        f"mesh.ingress.https.certManager.charts: has no chart cert-manager, got '{tmp_path}'; put "
        f"cert-manager's chart there, so that {tmp_path}/cert-manager/Chart.yaml has its version"
    )


def test_what_is_no_token_of_hugging_face_is_refused() -> None:
    chat = {"page": "primary", "server": "secondary"}
    gpu = {"gpu": {"shape": "VM.GPU.A10.1", "size": 1}}
    config = documents(demos__chat=chat, clusters__secondary__nodePools=gpu)
    assert failure(config, {"huggingFaceToken": "sk-abc"}) == error_text(
        "huggingFaceToken: is not an access token, got <hidden>; set it to a token of Hugging "
        "Face, which begins with hf_"
    )
