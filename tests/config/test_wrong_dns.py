"""Names that the program leads to the gateways, with what is wrong about them."""

from __future__ import annotations

from typing import Any

import pytest

from components.config.parse import parse
from components.config.rules.given import GivenSecrets
from tests.config.wrong import Wrong, assert_refused, wrong
from tests.support.documents import cluster, documents

HOST = {"service": "shop/frontend", "port": 80, "names": ["shop.example.com"]}
ZONE = {"zone": "example.com", "region": "eu-frankfurt-1"}


def led(host: object = None, **parts: Any) -> dict[str, Any]:
    """Return the changes of a host whose name the program leads to the gateways."""
    beside = {key: parts.pop(key) for key in ("exposure", "allowedCidrs") if key in parts}
    return {
        "mesh__ingress": {"hosts": {"shop": host or HOST}, "dns": {**ZONE, **parts}, **beside},
    }


TABLE = [
    wrong(
        "no zone and no region",
        {"mesh__ingress": {"hosts": {"shop": HOST}, "dns": {"steering": "failover"}}},
        "mesh.ingress.dns.region: is missing, got nothing; add it, such as eu-frankfurt-1",
        "mesh.ingress.dns.zone: is missing, got nothing; add it, such as example.com",
    ),
    wrong(
        "the OCID of a zone in place of its name",
        led(zone="ocid1.dns-zone.oc1..aaaa"),
        (
            "mesh.ingress.dns.zone: is not a host name, got 'ocid1.dns-zone.oc1..aaaa'; write it "
            "as shop.example.com"
        ),
    ),
    wrong(
        "a way of steering that there is not",
        led(steering="geo"),
        (
            "mesh.ingress.dns.steering: is not one of the choices, got 'geo'; the choices are "
            "failover, nearest, weighted"
        ),
    ),
    wrong(
        "an interval that no monitor has",
        led(healthCheck={"intervalSeconds": 20}),
        (
            "mesh.ingress.dns.healthCheck.intervalSeconds: is no interval of Oracle's health "
            "checks, got 20; write 10, 30 or 60"
        ),
    ),
    wrong(
        "a check by HTTPS, for which an address has no name",
        led(healthCheck={"protocol": "HTTPS"}),
        (
            "mesh.ingress.dns.healthCheck.protocol: is not a setting, got 'protocol'; the settings "
            "here are intervalSeconds, path"
        ),
    ),
    wrong(
        "a weight beyond what Oracle takes",
        led(weights={"primary": 256}),
        "mesh.ingress.dns.weights.primary: is more than 255, got 256; write at most 255",
    ),
    wrong(
        "a weight of nothing",
        led(weights={"primary": 0}),
        "mesh.ingress.dns.weights.primary: is less than 1, got 0; write at least 1",
    ),
    wrong(
        "a weight of no cluster",
        led(weights={"primry": 2}),
        (
            "mesh.ingress.dns.weights.primry: is not a cluster, got 'primry'; did you mean "
            "primary? the clusters are primary, secondary"
        ),
    ),
    wrong(
        "an order with no cluster, and with one twice",
        led(steering="failover", order=["primary", "primary", "third"]),
        "mesh.ingress.dns.order[1]: is there twice, got 'primary'; keep one of them",
        (
            "mesh.ingress.dns.order[2]: is not a cluster, got 'third'; the clusters are primary, "
            "secondary"
        ),
    ),
    wrong(
        "weights and an order that nothing reads",
        led(steering="nearest", weights={"primary": 2}, order=["primary"]),
        (
            "mesh.ingress.dns.order: has no effect with the steering nearest, got a list; remove "
            "it, or choose failover"
        ),
        (
            "mesh.ingress.dns.weights: has no effect with the steering nearest, got a map; remove "
            "it, or choose weighted"
        ),
    ),
    wrong(
        "a name in another zone, and one that only ends alike",
        led({**HOST, "names": ["shop.example.org", "myexample.com", "example.com"]}),
        (
            "mesh.ingress.hosts.shop.names[0]: is not in the zone of mesh.ingress.dns "
            "(example.com), got 'shop.example.org'; give a name that ends in .example.com, or "
            "another zone"
        ),
        (
            "mesh.ingress.hosts.shop.names[1]: is not in the zone of mesh.ingress.dns "
            "(example.com), got 'myexample.com'; give a name that ends in .example.com, or another "
            "zone"
        ),
    ),
    wrong(
        "a zone for no name",
        led({"service": "shop/frontend", "port": 80}),
        (
            "mesh.ingress.dns: has no effect, as no host has names of its own, got a map; give a "
            "host under mesh.ingress.hosts its names, or remove it"
        ),
    ),
    wrong(
        "gateways that nobody reaches from outside",
        led(exposure="internal"),
        (
            "mesh.ingress.exposure: gives gateways addresses that no health check and no public "
            "name leads to, got 'internal'; open it to anyone, or remove mesh.ingress.dns"
        ),
    ),
    wrong(
        "gateways that health checks do not reach",
        led(allowedCidrs=["192.0.2.0/25"]),
        (
            "mesh.ingress.allowedCidrs: keeps health checks out, which call from anywhere, got "
            "[192.0.2.0/25]; open it to anyone, or remove mesh.ingress.dns"
        ),
    ),
    wrong(
        "a region of another realm",
        led(region="us-gov-ashburn-1"),
        (
            "mesh.ingress.dns.region: is in realm oc3, but oci.compartmentId is in oc1, got "
            "'us-gov-ashburn-1'; give a region that the tenancy has, or a compartment of that realm"
        ),
    ),
    wrong(
        "a region that is on no known continent",
        {**led(steering="nearest"), "clusters__third": cluster(2, region="aq-mcmurdo-1")},
        (
            "mesh.ingress.dns.steering: needs the continent of clusters.third.region "
            "(aq-mcmurdo-1), which is not known, got 'nearest'; choose weighted or failover"
        ),
    ),
    wrong(
        "one name at several gateways, by an ACME server",
        {
            "mesh__ingress": {
                "hosts": {"shop": HOST},
                "https": {"issuer": "acme"},
                "dns": ZONE,
            }
        },
        (
            "mesh.ingress.hosts.shop.names: leads to one of 2 gateways, so that a challenge of the "
            "ACME server reaches another than asked, got a list; give one cluster under clusters, "
            "leave names out, or choose another issuer"
        ),
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused_with_what_to_do(case: Wrong) -> None:
    assert_refused(case)


@pytest.mark.parametrize(
    "changes",
    [
        led(),
        led(region="fra", steering="nearest"),
        led(weights={"primary": 255}),
        led(steering="failover", order=["secondary"], healthCheck={"path": "/healthz"}),
        {**led(order=["third"], steering="failover"), "clusters__third": cluster(2, enabled=False)},
        {
            "mesh__ingress": {
                "hosts": {"shop": {**HOST, "clusters": ["primary"]}},
                "https": {"issuer": "acme"},
                "dns": ZONE,
            }
        },
    ],
    ids=["plain", "nearest", "weights", "order", "a disabled cluster", "ACME at one gateway"],
)
def test_what_works_is_taken(changes: dict[str, Any]) -> None:
    parse(documents(**changes), GivenSecrets())
