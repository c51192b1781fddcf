"""The way of a request: names, signatures, errors, pages, etags, retries."""

from __future__ import annotations

import socket
import time
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

import oci
import pytest
import requests

from lab.cloud.catalog import operation_name
from lab.cloud.ids import COMPARTMENT_ID, TENANCY_ID, USER_ID
from lab.cloud.services import SERVICES
from tests.lab_unit.cloud_fixtures import Lab, refusal

ServiceError = oci.exceptions.ServiceError
MODELS = oci.core.models


def test_the_vendors_sdk_lists_the_domains_of_its_region(lab: Lab) -> None:
    client = lab.client(oci.identity.IdentityClient, "us-phoenix-1")
    domains = client.list_availability_domains(COMPARTMENT_ID).data
    assert [d.name for d in domains] == ["OKEM:PHX-AD-1", "OKEM:PHX-AD-2", "OKEM:PHX-AD-3"]


def test_the_tenancy_has_one_home_region(lab: Lab) -> None:
    client = lab.client(oci.identity.IdentityClient)
    subscriptions = client.list_region_subscriptions(TENANCY_ID).data
    assert [s.region_name for s in subscriptions if s.is_home_region] == ["us-sanjose-1"]


def test_a_domain_has_three_fault_domains(lab: Lab) -> None:
    client = lab.client(oci.identity.IdentityClient)
    found = client.list_fault_domains(COMPARTMENT_ID, "OKEM:US-SANJOSE-1-AD-1").data
    assert [d.name for d in found] == ["FAULT-DOMAIN-1", "FAULT-DOMAIN-2", "FAULT-DOMAIN-3"]


def test_an_operation_that_is_not_there_names_itself(lab: Lab) -> None:
    with pytest.raises(ServiceError) as fault:
        lab.network().list_vlans(COMPARTMENT_ID)
    assert refusal(fault) == (
        501,
        "NotImplemented",
        "core: ListVlans (GET /vlans) is not part of the lab.",
    )


def test_a_service_that_is_not_there_names_itself(lab: Lab) -> None:
    with pytest.raises(ServiceError) as fault:
        lab.client(oci.object_storage.ObjectStorageClient).get_namespace()
    assert refusal(fault)[2] == (
        "GET https://objectstorage.us-sanjose-1.oraclecloud.com/n is not part of the lab."
    )


def test_the_proxy_refuses_other_hosts_by_name(lab: Lab) -> None:
    proxy = urlsplit(lab.running.environment()["HTTPS_PROXY"])
    with socket.create_connection((proxy.hostname, proxy.port)) as connection:
        connection.sendall(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n")
        answer = connection.makefile("rb").read().decode()
    assert answer.splitlines()[0] == (
        "HTTP/1.1 403 example.com is not an endpoint of the lab's cloud; "
        "hosts beyond it are reached directly (NO_PROXY)"
    )


def test_the_proxy_refuses_a_region_that_does_not_exist(lab: Lab) -> None:
    refused = "Tunnel connection failed: 403 iaas.us-nowhere-1.oraclecloud.com is not an endpoint"
    with pytest.raises(oci.exceptions.RequestException, match=refused):
        lab.network("us-nowhere-1").list_vcns(COMPARTMENT_ID)


def _unsigned(lab: Lab, headers: dict[str, str]) -> requests.Response:
    url = f"https://iaas.us-sanjose-1.oraclecloud.com/20160918/vcns?compartmentId={COMPARTMENT_ID}"
    return requests.get(url, headers=headers, timeout=10)


def test_an_unsigned_request_is_refused(lab: Lab) -> None:
    answer = _unsigned(lab, {})
    assert (answer.status_code, answer.json()) == (
        401,
        {
            "code": "NotAuthenticated",
            "message": "The required information to complete authentication was not provided or "
            "was incorrect. (no Signature in the authorization header)",
        },
    )


def test_a_key_of_somebody_else_is_refused(lab: Lab) -> None:
    other = {**lab.config, "fingerprint": "00:" * 15 + "00"}
    with pytest.raises(ServiceError) as fault:
        oci.core.VirtualNetworkClient(other).list_vcns(COMPARTMENT_ID)
    expected = f"(unknown key '{TENANCY_ID}/{USER_ID}/{other['fingerprint']}')"
    assert refusal(fault)[:2] == (401, "NotAuthenticated")
    assert refusal(fault)[2].endswith(expected)


def test_a_body_that_was_changed_on_the_way_is_refused(lab: Lab) -> None:
    client = lab.network()
    signer = client.base_client.signer
    url = "https://iaas.us-sanjose-1.oraclecloud.com/20160918/vcns"
    request = requests.Request("POST", url, json={"cidrBlock": "10.0.0.0/16"}).prepare()
    signed = signer.do_request_sign(request)
    signed.body = b'{"cidrBlock": "10.9.0.0/16"}'
    with requests.Session() as session:
        session.trust_env = True
        settings = session.merge_environment_settings(url, {}, None, None, None)
        answer = session.send(signed, **settings)
    assert answer.json()["message"].endswith("(x-content-sha256 does not match the body)")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_clock_that_is_more_than_five_minutes_off_is_refused(lab: Lab, minutes: int) -> None:
    signer = lab.network().base_client.signer
    url = f"https://iaas.us-sanjose-1.oraclecloud.com/20160918/vcns?compartmentId={COMPARTMENT_ID}"
    date = formatdate(time.time() + 60 * minutes, usegmt=True)
    request = requests.Request("GET", url, headers={"date": date}).prepare()
    headers = dict(signer.do_request_sign(request).headers)
    message = _unsigned(lab, headers).json()["message"]
    assert message.endswith(f"(date '{date}' is more than five minutes off)")


def test_an_old_signature_is_refused(lab: Lab) -> None:
    signer = lab.network().base_client.signer
    url = f"https://iaas.us-sanjose-1.oraclecloud.com/20160918/vcns?compartmentId={COMPARTMENT_ID}"
    date = formatdate(0, usegmt=True)
    request = requests.Request("GET", url, headers={"date": date}).prepare()
    headers = dict(signer.do_request_sign(request).headers)
    message = _unsigned(lab, headers).json()["message"]
    assert message.endswith("(date 'Thu, 01 Jan 1970 00:00:00 GMT' is more than five minutes off)")


def test_an_unknown_resource_is_not_found(lab: Lab) -> None:
    with pytest.raises(ServiceError) as fault:
        lab.network().get_vcn("ocid1.vcn.oc1.us-sanjose-1.none")
    assert refusal(fault) == (
        404,
        "NotAuthorizedOrNotFound",
        "Authorization failed or requested resource not found.",
    )


def test_a_resource_of_another_region_is_not_found(lab: Lab) -> None:
    vcn = lab.vcn()
    with pytest.raises(ServiceError) as fault:
        lab.network("us-chicago-1").get_vcn(vcn.id)
    assert refusal(fault)[0] == 404


def test_a_missing_field_is_named(lab: Lab) -> None:
    with pytest.raises(ServiceError) as fault:
        lab.network().create_vcn({"cidrBlock": "10.0.0.0/16"})
    assert refusal(fault) == (
        400,
        "MissingParameter",
        "compartmentId may not be null or absent.",
    )


def test_an_unknown_field_is_named(lab: Lab) -> None:
    body = {"compartmentId": COMPARTMENT_ID, "cidrBlock": "10.0.0.0/16", "sidrBlock": "x"}
    with pytest.raises(ServiceError) as fault:
        lab.network().create_vcn(body)
    assert refusal(fault)[1:] == (
        "InvalidParameter",
        "sidrBlock is not a property of CreateVcnDetails.",
    )


def test_a_field_of_the_wrong_type_is_named(lab: Lab) -> None:
    body = {"compartmentId": COMPARTMENT_ID, "cidrBlocks": "10.0.0.0/16"}
    with pytest.raises(ServiceError) as fault:
        lab.network().create_vcn(body)
    assert refusal(fault)[1:] == ("InvalidParameter", "cidrBlocks must be a list.")


def test_a_body_that_is_not_json_is_refused(lab: Lab) -> None:
    signer = lab.network().base_client.signer
    url = "https://iaas.us-sanjose-1.oraclecloud.com/20160918/vcns"
    answer = requests.post(url, data=b"{", auth=signer, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (400, "CannotParseRequest")


def test_a_list_comes_in_pages(lab: Lab) -> None:
    made = [lab.vcn(f"10.{n}.0.0/16").id for n in range(5)]
    pages = oci.pagination.list_call_get_all_results_generator(
        lab.network().list_vcns, "response", COMPARTMENT_ID, limit=2
    )
    assert [[vcn.id for vcn in page.data] for page in pages] == [made[:2], made[2:4], made[4:]]


def test_a_list_is_filtered_by_name(lab: Lab) -> None:
    vcn = lab.vcn()
    found = lab.network().list_vcns(COMPARTMENT_ID, display_name="another").data
    assert (found, lab.network().get_vcn(vcn.id).status) == ([], 200)


def test_a_list_of_another_compartment_is_not_found(lab: Lab) -> None:
    with pytest.raises(ServiceError) as fault:
        lab.network().list_vcns("ocid1.compartment.oc1..other")
    assert refusal(fault)[0] == 404


def test_a_change_on_an_old_etag_is_refused(lab: Lab) -> None:
    client, vcn = lab.network(), lab.vcn()
    etag = client.get_vcn(vcn.id).headers["etag"]
    client.update_vcn(vcn.id, MODELS.UpdateVcnDetails(display_name="a"), if_match=etag)
    with pytest.raises(ServiceError) as fault:
        client.update_vcn(vcn.id, MODELS.UpdateVcnDetails(display_name="b"), if_match=etag)
    assert refusal(fault)[:2] == (412, "NoEtagMatch")


def _create(lab: Lab, token: str, cidr: str = "10.0.0.0/16") -> Any:
    details = MODELS.CreateVcnDetails(compartment_id=COMPARTMENT_ID, cidr_block=cidr)
    return lab.network().create_vcn(details, opc_retry_token=token).data


def test_a_retry_gets_the_first_answer_again(lab: Lab) -> None:
    assert _create(lab, "token").id == _create(lab, "token").id


def test_a_retry_token_is_good_for_one_request_only(lab: Lab) -> None:
    _create(lab, "token")
    with pytest.raises(ServiceError) as fault:
        _create(lab, "token", "10.1.0.0/16")
    assert refusal(fault)[:2] == (409, "InvalidatedRetryToken")


def test_the_request_id_comes_back(lab: Lab) -> None:
    answer = lab.engine().list_clusters(COMPARTMENT_ID, opc_request_id="mine")
    assert answer.headers["opc-request-id"] == "mine"


def test_every_route_is_an_operation_of_the_vendor() -> None:
    routes = [(s, r) for s in SERVICES for r in s.routes]
    names = [operation_name(s.clients, r.method, r.path) for s, r in routes]
    assert [name for name in names if "(" not in name] == []
