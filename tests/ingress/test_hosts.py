"""Host names at the gateways: who is called how, what the gateways are told, and who signs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from tests.support.documents import cluster, documents
from tests.support.graph import order
from tests.support.harness import Deployment
from tests.support.outputs import address
from tests.support.program import same_run

GATEWAY = "kubernetes:networking.istio.io/v1:Gateway"
ROUTES = "kubernetes:networking.istio.io/v1:VirtualService"
SECRET = "kubernetes:core/v1:Secret"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"
RELEASE = "kubernetes:helm.sh/v3:Release"
SIGNED = "tls:index/locallySignedCert:LocallySignedCert"

SHOP = {"service": "shop/frontend", "port": 8080}
OWN = {"mesh__samples": False}


def run(
    https: Mapping[str, Any] | None = None, *, changes: Mapping[str, Any] = OWN, **host: Any
) -> Deployment:
    ingress: dict[str, Any] = {"hosts": {"shop": {**SHOP, **host}}}
    if https is not None:
        ingress["https"] = https
    return same_run(documents(mesh__ingress=ingress, **changes))


def derived(key: str) -> str:
    at = address(f"{key}-ingressgateway-service").replace(".", "-")
    return f"shop.{at}.nip.io"


def spec(made: Deployment, type_: str, name: str) -> Any:
    return made.one(type_, name).inputs["spec"]


def test_a_host_without_names_is_called_by_the_address_of_each_gateway() -> None:
    urls = run().exports["hosts"]["shop"]
    assert urls == {key: [f"http://{derived(key)}/"] for key in ("primary", "secondary")}


def test_the_domain_that_ends_such_names_is_a_setting() -> None:
    ingress = {"hosts": {"shop": SHOP}, "baseDomain": "ip.example.com"}
    made = same_run(documents(mesh__ingress=ingress))
    at = address("primary-ingressgateway-service").replace(".", "-")
    assert made.exports["hosts"]["shop"]["primary"] == [f"http://shop.{at}.ip.example.com/"]


def test_given_names_are_the_same_at_every_gateway() -> None:
    made = run({}, names=["shop.example.com"], paths=["/buy", "/sell"])
    wanted = ["https://shop.example.com/buy", "https://shop.example.com/sell"]
    assert made.exports["hosts"]["shop"] == {"primary": wanted, "secondary": wanted}


def test_a_host_is_at_the_gateways_of_its_clusters_alone() -> None:
    made = run({}, clusters=["secondary"])
    assert list(made.exports["hosts"]["shop"]) == ["secondary"]
    assert [r.name for r in made.resources if r.name.startswith("primary-host")] == []


def test_without_the_mesh_there_is_no_host() -> None:
    made = run(changes={"mesh__enabled": False})
    assert "hosts" not in made.exports


def test_no_certificate_is_no_https() -> None:
    servers = spec(run(), GATEWAY, "primary-host-shop-gateway")["servers"]
    port = {"number": 80, "name": "http", "protocol": "HTTP"}
    assert servers == [{"port": port, "hosts": [f"./{derived('primary')}"]}]


def test_https_is_asked_with_the_certificate_of_the_host() -> None:
    http, https = spec(run({}), GATEWAY, "primary-host-shop-gateway")["servers"]
    assert https == {
        "port": {"number": 443, "name": "https", "protocol": "HTTPS"},
        "tls": {
            "mode": "SIMPLE",
            "credentialName": "host-shop",
            "minProtocolVersion": "TLSV1_2",
        },
        "hosts": http["hosts"],
    }


def test_http_is_sent_to_https_before_anything_else() -> None:
    first, second = spec(run({}), ROUTES, "primary-host-shop-virtualservice")["http"]
    assert first == {"match": [{"port": 80}], "redirect": {"scheme": "https", "redirectCode": 301}}
    assert second == {
        "match": [{"uri": {"prefix": "/"}}],
        "route": [
            {
                "destination": {
                    "host": "frontend.shop.svc.cluster.local",
                    "port": {"number": 8080},
                }
            }
        ],
    }


def test_http_answers_itself_where_nothing_is_redirected() -> None:
    made = run({"redirect": False})
    assert len(spec(made, ROUTES, "primary-host-shop-virtualservice")["http"]) == 1


def test_browsers_are_told_to_stay_with_https_for_so_many_days() -> None:
    made = run({"hstsDays": 365})
    answer = spec(made, ROUTES, "primary-host-shop-virtualservice")["http"][1]["headers"]
    assert answer == {"response": {"set": {"strict-transport-security": "max-age=31536000"}}}


def test_routes_wait_for_what_checks_them() -> None:
    assert order(run(), "primary-istio-istiod", "primary-host-shop-virtualservice")


def _certificate(made: Deployment, key: str) -> tuple[list[x509.Certificate], Mapping[str, str]]:
    secret = made.one(SECRET, f"{key}-host-shop-secret")
    assert "stringData" in secret.secrets
    files = secret.inputs["stringData"]
    return x509.load_pem_x509_certificates(files["tls.crt"].encode()), files


@pytest.mark.parametrize("key", ["primary", "secondary"])
def test_whoever_trusts_the_root_of_the_mesh_trusts_the_host(key: str) -> None:
    made = run({})
    (leaf, *chain), files = _certificate(made, key)
    root = x509.load_pem_x509_certificate(made.exports["mesh"]["rootCaPem"].encode())
    builder = PolicyBuilder().store(Store([root]))
    verifier = builder.build_server_verifier(x509.DNSName(derived(key)))
    assert verifier.verify(leaf, chain)[-1] == root
    own = load_pem_private_key(files["tls.key"].encode(), None).public_key()
    assert isinstance(own, EllipticCurvePublicKey)  # as the mocks make it
    assert own == leaf.public_key()


def test_a_certificate_of_a_host_says_nothing_about_workloads() -> None:
    (leaf, *_), _ = _certificate(run({}), "primary")
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [*names] == [x509.DNSName(derived("primary"))]
    uses = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [*uses] == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_a_certificate_lives_and_is_renewed_as_the_settings_say() -> None:
    made = run({"validityDays": 40, "earlyRenewalDays": 10})
    inputs = made.one(SIGNED, "primary-host-shop-cert").inputs
    assert (inputs["validityPeriodHours"], inputs["earlyRenewalHours"]) == (960, 240)


REMOTE = {
    "clusters__secondary": cluster(1, role="remote", primary="primary"),
    "mesh__samples": False,
}


def test_a_primary_tells_the_gateways_of_its_remotes_too() -> None:
    made = run({}, changes=REMOTE)
    names = [derived("primary"), derived("secondary")]
    assert spec(made, ROUTES, "primary-host-shop-virtualservice")["hosts"] == names
    assert [r.name for r in made.of(ROUTES) if r.name.startswith("secondary-host")] == []


def test_a_remote_has_a_certificate_for_its_own_gateway() -> None:
    (leaf, *chain), _ = _certificate(run({}, changes=REMOTE), "secondary")
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [*names] == [x509.DNSName(derived("secondary"))]
    assert len(chain) == 1


def test_a_host_of_a_remote_alone_has_its_routes_in_the_primary() -> None:
    made = run({}, changes=REMOTE, clusters=["secondary"])
    hosts = spec(made, ROUTES, "primary-host-shop-virtualservice")["hosts"]
    assert hosts == [derived("secondary")]
    assert [r.name for r in made.of(SIGNED) if "host" in r.name] == ["secondary-host-shop-cert"]


def test_cert_manager_comes_from_its_repository_with_its_definitions() -> None:
    release = run({"issuer": "selfSigned"}).one(RELEASE, "primary-cert-manager-release").inputs
    assert (release["chart"], release["version"]) == ("cert-manager", "v1.21.2")
    assert release["repositoryOpts"] == {"repo": "https://charts.jetstack.io"}
    assert (release["name"], release["namespace"]) == ("cert-manager", "cert-manager")
    assert release["values"] == {"crds": {"enabled": True, "keep": True}}


def test_cert_manager_comes_from_a_registry_of_ones_own_with_values_of_ones_own() -> None:
    manager = {
        "charts": "oci://registry.example.com/charts/",
        "version": "1.20.3",
        "values": {"crds": {"keep": False}, "replicaCount": 2},
    }
    made = run({"issuer": "selfSigned", "certManager": manager})
    release = made.one(RELEASE, "secondary-cert-manager-release").inputs
    assert release["chart"] == "oci://registry.example.com/charts/cert-manager"
    assert release["version"] == "v1.20.3"
    assert release["values"] == {"crds": {"enabled": True, "keep": False}, "replicaCount": 2}


def test_cert_manager_that_is_there_is_left_alone() -> None:
    made = run({"issuer": "selfSigned", "certManager": {"install": False}})
    assert [r.name for r in made.of(RELEASE) if "cert-manager" in r.name] == []
    assert spec(made, ISSUER, "primary-cert-manager-issuer") == {"selfSigned": {}}


def test_an_acme_server_is_asked_and_finds_its_answer_by_http() -> None:
    made = run({"issuer": "acme", "acme": {"email": "ops@example.com"}})
    assert spec(made, ISSUER, "primary-cert-manager-issuer") == {
        "acme": {
            "server": "https://acme-v02.api.letsencrypt.org/directory",
            "email": "ops@example.com",
            "privateKeySecretRef": {"name": "oke-mesh-acme-account"},
            "solvers": [{"http01": {"ingress": {"class": "istio"}}}],
        }
    }
    asked = spec(made, CERTIFICATE, "primary-host-shop-certificate")
    assert "duration" not in asked
    assert asked["renewBefore"] == "720h"


def test_the_authority_of_the_mesh_signs_in_the_cluster() -> None:
    made = run({"issuer": "ca"})
    assert spec(made, ISSUER, "primary-cert-manager-issuer") == {
        "ca": {"secretName": "oke-mesh-authority"}
    }
    secret = made.one(SECRET, "primary-cert-manager-authority")
    assert secret.inputs["metadata"]["namespace"] == "cert-manager"
    assert "stringData" in secret.secrets
    cacerts = made.one(SECRET, "primary-istio-system-cacerts").inputs["stringData"]
    assert secret.inputs["stringData"] == {
        "tls.crt": cacerts["cert-chain.pem"],
        "tls.key": cacerts["ca-key.pem"],
    }


def test_each_gateway_asks_for_a_certificate_of_its_own_names_and_waits_for_it() -> None:
    made = run({"issuer": "ca"})
    certificate = made.one(CERTIFICATE, "secondary-host-shop-certificate").inputs
    assert certificate["metadata"] == {
        "name": "host-shop",
        "namespace": "istio-system",
        "annotations": {"pulumi.com/waitFor": "condition=Ready"},
    }
    assert certificate["spec"] == {
        "secretName": "host-shop",
        "dnsNames": [derived("secondary")],
        "duration": "1440h",
        "renewBefore": "720h",
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
        "usages": ["digital signature", "server auth"],
        "issuerRef": {"name": "oke-mesh", "kind": "ClusterIssuer"},
    }


def test_certificates_wait_for_what_signs_and_for_the_way_of_a_challenge() -> None:
    made = run({"issuer": "acme"})
    for first in ("cert-manager-release", "cert-manager-issuer", "host-shop-virtualservice"):
        assert order(made, f"primary-{first}", "primary-host-shop-certificate")
