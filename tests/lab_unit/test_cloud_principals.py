"""Instance principals: an instance proves what it is with the vendor's own client."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import oci
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import load_pem_x509_certificate
from oci.auth.federation_client import X509FederationClient
from oci.auth.session_key_supplier import SessionKeySupplier

from lab.cloud.ids import COMPARTMENT_ID, TENANCY_ID, new_ocid
from lab.cloud.principals import Principals
from tests.lab_unit.cloud_fixtures import OTHER_REGION, REGION, Lab
from tests.lab_unit.cloud_network import host_in


class Certificate:
    """What the vendor's client reads from the metadata service."""

    def __init__(self, documents: dict[str, str]) -> None:
        self._pem = documents["identity/cert.pem"].encode()
        key = documents["identity/key.pem"].encode()
        self._key = serialization.load_pem_private_key(key, None)

    def refresh(self) -> None:
        pass

    def get_certificate_raw(self) -> bytes:
        return self._pem

    def get_certificate_as_certificate(self) -> Any:
        return load_pem_x509_certificate(self._pem)

    def get_private_key(self) -> Any:
        return self._key


def signer(lab: Lab, principals: Principals, instance_id: str) -> Any:
    """As an instance signs: with a token that the auth service gives for its certificate."""
    client = X509FederationClient(
        federation_endpoint=f"https://auth.{REGION}.oraclecloud.com/v1/x509",
        tenancy_id=TENANCY_ID,
        session_key_supplier=SessionKeySupplier(),
        leaf_certificate_retriever=Certificate(principals.identity(instance_id)),
        retry_strategy=oci.retry.NoneRetryStrategy(),
    )
    session = client.requests_session
    session.trust_env = False
    session.proxies = {"https": lab.running.environment()["HTTPS_PROXY"]}
    client.cert_bundle_verify = str(lab.running.settings.files.trust)
    return oci.auth.signers.security_token_signer.X509FederationClientBasedSecurityTokenSigner(
        client
    )


def clients(lab: Lab, principals: Principals) -> tuple[Any, Any]:
    """The vendor's clients for clusters and for instances, signed by an instance."""
    instance = signer(lab, principals, new_ocid("instance", REGION))
    found = []
    for kind in (oci.container_engine.ContainerEngineClient, oci.core.ComputeClient):
        config = {"region": REGION}
        made = kind(config, signer=instance, retry_strategy=oci.retry.NoneRetryStrategy())
        session = made.base_client.session
        session.trust_env = False
        session.proxies = {"https": lab.running.environment()["HTTPS_PROXY"]}
        session.verify = str(lab.running.settings.files.trust)
        found.append(made)
    return found[0], found[1]


def test_an_instance_may_list_clusters_and_nothing_else(lab: Lab) -> None:
    engine, compute = clients(lab, lab.running.cloud.principals)
    assert engine.list_clusters(COMPARTMENT_ID).data == []
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        compute.list_instances(COMPARTMENT_ID)
    assert refused.value.status == 404


def test_a_certificate_of_another_authority_gets_no_token(lab: Lab) -> None:
    other = Principals(lab.running.cloud.principals._user)
    with pytest.raises(oci.exceptions.ServiceError) as refused:
        signer(lab, other, new_ocid("instance", REGION))
    assert refused.value.status == 401


def test_a_token_of_another_run_is_nobodys(lab: Lab) -> None:
    mine, other = (Principals(lab.running.cloud.principals._user) for _ in range(2))
    assert mine.find("ST$not.a.token") is None
    assert other.find("ST$") is None


@pytest.mark.parametrize("region", [REGION, OTHER_REGION])
def test_a_computer_finds_what_the_vendors_client_asks_for_clusters(lab: Lab, region: str) -> None:
    """There is no name server: a name that a computer has not been told is waited for in vain."""
    host_in(lab, lab.subnet(lab.vcn(), "10.0.0.0/24"))
    lab.settle()
    (instance,) = lab.machines.estates[-1].instances
    assert instance.computer is not None
    asked = urlsplit(lab.engine(region).base_client.endpoint).hostname
    assert asked in instance.computer.sites
