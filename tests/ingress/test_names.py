"""One name for all gateways: what is made in OCI DNS, in which order, and how a cluster leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
import pytest

from components.errors import OfferError
from tests.support import outputs
from tests.support.documents import COMPARTMENT, cluster, documents
from tests.support.graph import order
from tests.support.harness import Deployment
from tests.support.outputs import address, ocid
from tests.support.program import run, same_run
from tests.support.replacing import replacing_paths

MONITOR = "oci:HealthChecks/httpMonitor:HttpMonitor"
POLICY = "oci:Dns/steeringPolicy:SteeringPolicy"
ATTACHMENT = "oci:Dns/steeringPolicyAttachment:SteeringPolicyAttachment"
RECORDS = "oci:Dns/rrset:Rrset"
ROUTES = "kubernetes:networking.istio.io/v1:VirtualService"

GET_ZONE = "oci:Dns/getZone:getZone"
ZONE = {"zone": "example.com", "region": "eu-frankfurt-1"}
NAMES = ["shop.example.com", "www.example.com"]
THIRD = {"clusters__third": cluster(2)}


def led(
    *,
    dns: Mapping[str, Any] = ZONE,
    https: Mapping[str, Any] | None = None,
    host: Mapping[str, Any] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Return documents of a host whose names the program leads to the gateways."""
    shop = {"service": "shop/frontend", "port": 8080, "names": NAMES, **(host or {})}
    ingress = {"hosts": {"shop": shop}, "https": https or {}, "dns": {**dns}}
    return documents(mesh__samples=False, mesh__ingress=ingress, **changes)


def made(**parts: Any) -> Deployment:
    return same_run(led(**parts))


def gateway(key: str) -> str:
    return address(f"{key}-ingressgateway-service")


def first_route(deployment: Deployment) -> Any:
    return deployment.one(ROUTES, "primary-host-shop-virtualservice").inputs["spec"]["http"][0]


def names_of(deployment: Deployment, type_: str) -> list[str]:
    return [resource.name for resource in deployment.of(type_)]


def test_nothing_is_made_unless_it_is_asked_for() -> None:
    ingress = {"hosts": {"shop": {"service": "shop/frontend", "port": 80, "names": NAMES}}}
    found = same_run(documents(mesh__samples=False, mesh__ingress=ingress))
    assert [r.name for r in found.resources if r.type.startswith(("oci:Dns", "oci:Health"))] == []
    assert "names" not in found.exports
    assert "directResponse" not in first_route(found)


def test_without_the_mesh_no_name_leads_anywhere() -> None:
    found = made(mesh__enabled=False)
    assert names_of(found, POLICY) == []
    assert "oci-eu-frankfurt-1" not in names_of(found, "pulumi:providers:oci")


def test_a_host_has_one_policy_with_the_address_of_each_gateway() -> None:
    policy = made().one(POLICY, "host-shop-policy").inputs
    assert policy["compartmentId"] == COMPARTMENT
    assert (policy["template"], policy["ttl"]) == ("LOAD_BALANCE", 30)
    assert [(a["name"], a["rtype"], a["rdata"]) for a in policy["answers"]] == [
        ("primary", "A", gateway("primary")),
        ("secondary", "A", gateway("secondary")),
    ]


def test_each_name_is_a_domain_of_the_zone_that_is_there() -> None:
    zone = ocid("dns-zone", "example.com")
    found = {r.inputs["domainName"]: r.inputs for r in made().of(ATTACHMENT)}
    assert list(found) == NAMES
    assert {inputs["zoneId"] for inputs in found.values()} == {zone}
    policy = ocid("dnspolicy", "host-shop-policy")
    assert {inputs["steeringPolicyId"] for inputs in found.values()} == {policy}


def test_a_name_given_twice_is_one_domain() -> None:
    found = made(host={"names": [NAMES[0], NAMES[0]]})
    assert names_of(found, ATTACHMENT) == ["host-shop.example.com-attachment"]


def test_a_host_is_led_to_the_gateways_of_its_clusters_alone() -> None:
    found = made(host={"clusters": ["secondary"]})
    policy = found.one(POLICY, "host-shop-policy").inputs
    assert [answer["name"] for answer in policy["answers"]] == ["secondary"]


def test_a_host_whose_clusters_are_disabled_leads_nowhere() -> None:
    away = {"clusters__third": cluster(2, enabled=False)}
    assert names_of(made(host={"clusters": ["third"]}, **away), POLICY) == []


def test_a_host_without_names_is_left_to_the_address_in_its_name() -> None:
    documents_ = led()
    documents_["mesh"]["ingress"]["hosts"]["blog"] = {"service": "blog/web", "port": 80}
    found = same_run(documents_)
    assert names_of(found, POLICY) == ["host-shop-policy"]
    assert "directResponse" not in str(
        found.one(ROUTES, "primary-host-blog-virtualservice").inputs["spec"]
    )


def test_health_checks_ask_each_gateway_by_http_and_the_name() -> None:
    monitor = made().one(MONITOR, "host-shop-monitor").inputs
    assert monitor["targets"] == [gateway("primary"), gateway("secondary")]
    assert (monitor["protocol"], monitor["port"], monitor["method"]) == ("HTTP", 80, "GET")
    assert monitor["headers"] == {"Host": "shop.example.com"}
    assert (monitor["intervalInSeconds"], monitor["timeoutInSeconds"]) == (30, 10)


def test_a_gateway_answers_health_checks_itself_before_it_sends_to_https() -> None:
    """A probe takes 200 to 299 for well, so that a redirect would be ill everywhere."""
    found = made()
    asked = found.one(MONITOR, "host-shop-monitor").inputs["path"]
    assert first_route(found) == {
        "match": [{"uri": {"exact": asked}, "port": 80}],
        "directResponse": {"status": 200},
    }


def test_a_path_of_the_service_is_answered_by_it_before_the_redirect() -> None:
    found = made(dns={**ZONE, "healthCheck": {"path": "/healthz", "intervalSeconds": 10}})
    monitor = found.one(MONITOR, "host-shop-monitor").inputs
    assert (monitor["path"], monitor["intervalInSeconds"]) == ("/healthz", 10)
    destination = {"host": "frontend.shop.svc.cluster.local", "port": {"number": 8080}}
    assert first_route(found) == {
        "match": [{"uri": {"exact": "/healthz"}, "port": 80}],
        "route": [{"destination": destination}],
    }


def test_all_is_managed_from_the_region_that_was_chosen() -> None:
    found = made()
    types = (MONITOR, POLICY, ATTACHMENT, RECORDS)
    providers = {r.provider_urn.rpartition("::")[2] for t in types for r in found.of(t)}
    assert providers == {"oci-eu-frankfurt-1"}


def test_a_region_that_has_a_cluster_has_one_provider() -> None:
    found = made(dns={**ZONE, "region": "us-sanjose-1"})
    regions = [r.inputs["region"] for r in found.of("pulumi:providers:oci")]
    assert regions == ["us-chicago-1", "us-sanjose-1"]


def test_a_name_leads_to_a_gateway_that_has_its_certificate_and_not_before() -> None:
    for ready in ("secondary-host-shop-secret", "primary-host-shop-virtualservice"):
        for led_there in ("records", "attachment"):
            assert order(made(), ready, f"host-shop.example.com-{led_there}")


def test_an_acme_server_is_led_to_the_gateway_before_it_signs() -> None:
    found = made(https={"issuer": "acme"}, host={"clusters": ["primary"]})
    certificate = "primary-host-shop-certificate"
    assert not order(found, certificate, "host-shop.example.com-attachment")


def test_where_users_call_is_an_output() -> None:
    wanted = [f"https://{name}/" for name in NAMES]
    assert made().exports["names"] == {"shop": wanted}


def test_a_cluster_that_leaves_is_out_of_every_answer_before_it_drains() -> None:
    """All of it is in what stays, which the engine updates before it deletes anything."""
    staying = made()
    gone = gateway("third")
    before = str([r.inputs for r in made(**THIRD).resources])
    assert gone in before
    assert gone not in str([r.inputs for r in staying.resources])


def test_a_cluster_that_leaves_changes_records_and_checks_in_place() -> None:
    before = {resource.urn: resource for resource in made(**THIRD).resources}
    for type_ in (RECORDS, MONITOR):
        for resource in made().of(type_):
            former = before[resource.urn]
            assert former.inputs != resource.inputs
            assert replacing_paths(former, resource) == []


def test_records_answer_while_a_domain_changes_from_one_policy_to_the_next() -> None:
    before = {resource.urn: resource for resource in made(**THIRD).resources}
    policy = made().one(POLICY, "host-shop-policy")
    assert replacing_paths(before[policy.urn], policy) == ["answers", "rules"]
    assert "deleteBeforeReplace" not in policy.options
    for attachment in made().of(ATTACHMENT):
        assert attachment.options["deleteBeforeReplace"] is True
        records = attachment.name.replace("attachment", "records")
        assert made().one(RECORDS, records).inputs["domain"] == attachment.inputs["domainName"]
        assert order(made(), records, attachment.name)
        assert order(made(), policy.name, attachment.name)


def test_a_name_that_goes_to_another_host_changes_over_as_with_another_policy() -> None:
    """As something new it would be attached beside the former one, which Oracle refuses."""
    moved = led(host={"names": [NAMES[0]]})
    moved["mesh"]["ingress"]["hosts"]["web"] = {
        "service": "web/web",
        "port": 80,
        "names": NAMES[1:],
    }
    before = {resource.urn: resource for resource in made().resources}
    for type_, paths in ((ATTACHMENT, ["steeringPolicyId"]), (RECORDS, [])):
        after = {resource.urn: resource for resource in same_run(moved).of(type_)}
        assert after.keys() == {urn for urn, former in before.items() if former.type == type_}
        (urn,) = (urn for urn in after if NAMES[1] in urn)
        assert replacing_paths(before[urn], after[urn]) == paths


def test_records_have_every_address_for_as_long_as_the_answers() -> None:
    found = made(dns={**ZONE, "ttlSeconds": 20})
    items = found.one(RECORDS, "host-shop.example.com-records").inputs["items"]
    wanted = {"domain": "shop.example.com", "rtype": "A", "ttl": 20}
    keys = ("primary", "secondary")
    assert items == [{**wanted, "rdata": gateway(key)} for key in keys]


class Refused(grpc.RpcError):
    """What the engine answers when Oracle does not show a zone."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return "404-NotAuthorizedOrNotFound"


def test_a_zone_that_is_not_there_ends_the_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Mapping[str, Any]) -> dict[str, Any]:
        raise Refused

    monkeypatch.setitem(outputs.ANSWERS, GET_ZONE, refused)
    with pytest.raises(OfferError) as error:
        run(led(), preview=True)
    assert str(error.value) == (
        "mesh.ingress.dns.zone: is no public zone in OCI DNS that whoever deploys may read, got "
        "'example.com'; make it there and delegate it, or let them `use dns-zones in tenancy "
        "where target.dns-zone.name = 'example.com'`"
    )
