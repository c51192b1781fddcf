"""Rules of traffic that cannot be what was meant."""

from __future__ import annotations

from typing import Any

import pytest

from components.config.parse import parse
from tests.config.wrong import Wrong, assert_refused, wrong
from tests.support.documents import documents

HERE = 'traffic.services["shop/cart"]'
ASHBURN, SANJOSE, CHICAGO = "us-ashburn-1", "us-sanjose-1", "us-chicago-1"


def service(**fields: Any) -> dict[str, Any]:
    return {"traffic__services": {"shop/cart": fields}}


def route(**fields: Any) -> dict[str, Any]:
    return service(routes=[fields])


def distribution(*shares: tuple[str, int]) -> dict[str, Any]:
    to = [{"region": region, "weight": weight} for region, weight in shares]
    return {"distribute": [{"from": SANJOSE, "to": to}]}


def split(*weights: int | None) -> dict[str, Any]:
    to = [
        {"version": f"v{number}"} | ({} if weight is None else {"weight": weight})
        for number, weight in enumerate(weights, 1)
    ]
    return route(to=to)


FORMS: list[tuple[dict[str, Any], str]] = [
    (
        {"timeout": 10},
        "timeout: has no unit, got 10; write 10s or 10ms",
    ),
    (
        {"timeout": "10 S"},
        "timeout: is not a length of time, got '10 S'; write 10s",
    ),
    (
        {"timeout": "soon"},
        "timeout: is not a length of time, got 'soon'; write it as 500ms, 2s, 5m or 1h",
    ),
    (
        {"timeout": "0s"},
        "timeout: is no time at all, got '0s'; write at least 1ms, or leave it out",
    ),
    (
        {"routes": [{"fault": {"abort": {"percent": 10, "status": 503}}}]},
        "routes[0].fault.abort.percent: has no unit, got 10; write 10%",
    ),
    (
        {"routes": [{"fault": {"abort": {"percent": "ten", "status": 503}}}]},
        "routes[0].fault.abort.percent: is not a share, got 'ten'; write it as 10% or 0.5%",
    ),
    (
        {"routes": [{"fault": {"abort": {"percent": "110%", "status": 503}}}]},
        "routes[0].fault.abort.percent: is more than all, got '110%'; write at most 100%",
    ),
    (
        {"routes": [{"fault": {"delay": {"percent": "10%"}}}]},
        "routes[0].fault.delay.duration: is missing, got nothing; add it, such as 5s",
    ),
    (
        {"outlierDetection": {"consecutiveErrors": 5}},
        (
            "outlierDetection.consecutiveErrors: is not a setting, got 'consecutiveErrors'; did "
            "you mean consecutive5xxErrors? the settings here are baseEjectionTime, "
            "consecutive5xxErrors, consecutiveGatewayErrors, interval, maxEjectionPercent, "
            "minHealthPercent"
        ),
    ),
    (
        {"routes": [{"to": [{"version": "v1", "wieght": 5}]}]},
        (
            "routes[0].to[0].wieght: is not a setting, got 'wieght'; did you mean weight? the "
            "settings here are cluster, version, weight"
        ),
    ),
    (
        {"routes": [{"match": [{"headers": {"X-User": {"exact": "me"}}}]}]},
        (
            "routes[0].match[0].headers.X-User: is not the name of a header, got 'X-User'; write "
            "x-user"
        ),
    ),
]

TABLE = [
    *(wrong(words[:40], service(**fields), f"{HERE}.{words}") for fields, words in FORMS),
    wrong(
        "a key that is no service",
        {"traffic__services": {"cart": {"timeout": "1s"}}},
        "traffic.services.cart: is not a service, got 'cart'; write it as <namespace>/<name> or "
        "its full host",
    ),
    wrong(
        "weights that do not add up",
        split(80, 30),
        f"{HERE}.routes[0].to: has weights that add up to 110, got '80 + 30'; make it 100",
    ),
    wrong(
        "a weight that is missing",
        split(80, None),
        f"{HERE}.routes[0].to[1].weight: is missing beside other destinations, got nothing; "
        "write one for each, which add up to 100",
    ),
    wrong(
        "a share of one destination",
        split(80),
        f"{HERE}.routes[0].to[0].weight: is the share of the only destination, got 80; leave it "
        "out, or add the destinations that get the rest",
    ),
    wrong(
        "a version that is not among those named",
        service(versions=["v1", "v2"], routes=[{"to": [{"version": "v3"}]}]),
        f"{HERE}.routes[0].to[0].version: is a version that no workload has, got 'v3'; did you "
        "mean v2? the versions are v1, v2",
    ),
    wrong(
        "a version of the samples that no cluster runs",
        {
            "verification__enabled": False,
            "traffic__services": {
                "sample/helloworld": {"routes": [{"mirror": {"version": "primry"}}]}
            },
        },
        'traffic.services["sample/helloworld"].routes[0].mirror.version: is a version that no '
        "workload has, got 'primry'; did you mean primary? the versions are primary, secondary",
    ),
    wrong(
        "a cluster that is not there",
        route(to=[{"cluster": "third"}]),
        f"{HERE}.routes[0].to[0].cluster: is not an enabled cluster, got 'third'; the clusters "
        "are primary, secondary",
    ),
    wrong(
        "a sample that is not there",
        {"traffic__services": {"sample/heloworld": {"timeout": "1s"}}},
        'traffic.services["sample/heloworld"]: is a service that no cluster has, got '
        "'sample/heloworld'; did you mean helloworld? the samples are helloworld, "
        "helloworld-in-primary, helloworld-in-secondary",
    ),
    wrong(
        "what the verification asks",
        {"traffic__services": {"helloworld.sample.svc.cluster.local": {"timeout": "1s"}}},
        'traffic.services["helloworld.sample.svc.cluster.local"]: is what the verification asks, '
        "and every cluster has to answer there, got 'helloworld.sample.svc.cluster.local'; name a "
        "service of your own, or set verification.enabled to false",
    ),
    wrong(
        "two rules for one host",
        {
            "traffic__services": {
                "shop/cart": {"timeout": "1s"},
                "cart.shop.svc.cluster.local": {"timeout": "2s"},
            }
        },
        'traffic.services["cart.shop.svc.cluster.local"]: is the same host as shop/cart, got '
        "'cart.shop.svc.cluster.local'; keep one of them, with all routes in it",
    ),
    wrong(
        "a cluster that services do not cross into",
        {
            **route(to=[{"cluster": "secondary"}]),
            "mesh__eastWest": {"hosts": ["*.sample.svc.cluster.local"]},
        },
        f"{HERE}.routes[0].to[0].cluster: cannot be reached from other networks, which "
        "mesh.eastWest.hosts keeps out, got 'secondary'; add cart.shop.svc.cluster.local to "
        "mesh.eastWest.hosts, or leave the cluster out",
    ),
    wrong(
        "a cluster whose pods nobody else sees",
        {
            **route(to=[{"cluster": "secondary"}]),
            "mesh__exports": {"clusterLocal": ["*.shop.svc.cluster.local"]},
        },
        f"{HERE}.routes[0].to[0].cluster: is of a service that mesh.exports.clusterLocal keeps in "
        "each cluster, got 'secondary'; leave the cluster out, or let the service be seen by "
        "others",
    ),
    wrong(
        "samples that stay in their clusters",
        {"mesh__exports": {"clusterLocal": ["*.sample.svc.cluster.local"]}},
        "mesh.exports.clusterLocal: keeps the samples in their clusters, which the verification "
        "asks across them, got '*.sample.svc.cluster.local'; name other services, or set "
        "verification.enabled to false",
    ),
    wrong(
        "everyone and others",
        {"mesh__exports": {"visibleTo": ["*", "shop"]}},
        "mesh.exports.visibleTo: names others beside *, which is everyone, got '* and shop'; write "
        '["*"], or leave * out',
    ),
    wrong(
        "services that no gateway sees",
        {"mesh__exports": {"visibleTo": ["."]}},
        "mesh.exports.visibleTo: keeps a service from the gateways, which stand in "
        "istio-system, got '.'; add \"istio-system\"",
    ),
    wrong(
        "services that their own namespace does not see",
        {"mesh__exports": {"visibleTo": ["istio-system"]}},
        "mesh.exports.visibleTo: keeps a service from its own namespace, got 'istio-system'; add "
        '"."',
    ),
    wrong(
        "chart values that capture DNS",
        {
            "mesh__istio__values": {
                "meshConfig": {
                    "defaultConfig": {"proxyMetadata": {"ISTIO_META_DNS_CAPTURE": "false"}}
                }
            }
        },
        "mesh.istio.values.meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE: is set "
        "by the program, got 'false'; remove it and use mesh.dnsCapture",
    ),
    wrong(
        "two kinds of pods under one name",
        route(to=[{"cluster": "primary", "weight": 50}, {"version": "in-primary", "weight": 50}]),
        f"{HERE}.routes[0].to[1]: has a name that other pods of this service have, in-primary, got "
        "a map; call the version something else",
    ),
    wrong(
        "a version whose pods have too long a name",
        route(to=[{"version": "v" * 60, "cluster": "primary"}]),
        f"{HERE}.routes[0].to[0].version: gives its pods a name of more than 63 letters, "
        f"{'v' * 60}-in-primary, got {'v' * 60!r}; shorten it",
    ),
    wrong(
        "a timeout that leaves no time for the tries",
        route(timeout="6s", retries={"attempts": 3, "perTryTimeout": "2s"}),
        f"{HERE}.routes[0].timeout: ends before 4 tries of 2s each could be made, got '6s'; make "
        "it longer, the tries shorter, or attempts fewer",
    ),
    wrong(
        "a service's timeout that leaves no time for the tries",
        service(timeout="6s", retries={"attempts": 3, "perTryTimeout": "2s"}),
        f"{HERE}.timeout: ends before 4 tries of 2s each could be made, got '6s'; make it longer, "
        "the tries shorter, or attempts fewer",
    ),
    wrong(
        "a route that nothing comes to",
        service(routes=[{"timeout": "1s"}, {"match": [{"path": {"prefix": "/a"}}]}]),
        f"{HERE}.routes[0]: takes every request, so that no route below it is ever taken, got a "
        "map; move it to the end, or say what it matches",
    ),
    wrong(
        "locality without outlier detection",
        {
            "traffic__mesh": {"localityFirst": False},
            **service(locality={"failover": [{"from": SANJOSE, "to": CHICAGO}]}),
        },
        f"{HERE}.locality: has no outlier detection, without which no request leaves a region that "
        "fails, got a map; add outlierDetection: {} beside it",
    ),
    wrong(
        "failover beside shares",
        service(
            locality={
                **distribution((SANJOSE, 100)),
                "failover": [{"from": SANJOSE, "to": CHICAGO}],
            }
        ),
        f"{HERE}.locality.distribute: stands beside failover, of which Istio takes one, got a "
        "list; remove one of them",
    ),
    wrong(
        "failover without locality",
        service(locality={"enabled": False, "failover": [{"from": SANJOSE, "to": CHICAGO}]}),
        f"{HERE}.locality.failover: has no effect, since enabled is false, got a list; remove it, "
        "or set enabled to true",
    ),
    wrong(
        "a region without a cluster",
        service(locality={"failover": [{"from": SANJOSE, "to": "iad"}]}),
        f"{HERE}.locality.failover[0].to: is a region without a cluster, got 'us-ashburn-1'; did "
        "you mean us-sanjose-1? the regions of this mesh are us-chicago-1, us-sanjose-1",
    ),
    wrong(
        "a region that fails over to itself",
        service(locality={"failover": [{"from": SANJOSE, "to": SANJOSE}]}),
        f"{HERE}.locality.failover[0].to: is the region itself, got 'us-sanjose-1'; name the "
        "region that is asked next",
    ),
    wrong(
        "a region that fails over twice",
        service(locality={"failover": [{"from": SANJOSE, "to": CHICAGO}] * 2}),
        f"{HERE}.locality.failover[1].from: is named 2 times, of which Istio reads the first, got "
        "'us-sanjose-1'; keep one of them",
    ),
    wrong(
        "shares that do not add up",
        service(locality=distribution((SANJOSE, 70), (CHICAGO, 20))),
        f"{HERE}.locality.distribute[0].to: has weights that add up to 90, got '70 + 20'; make it "
        "100",
    ),
    wrong(
        "a region with two shares",
        service(locality=distribution((SANJOSE, 70), (SANJOSE, 30))),
        f"{HERE}.locality.distribute[0].to[1].region: is named 2 times, got 'us-sanjose-1'; keep "
        "one of them",
    ),
    wrong(
        "outlier detection that finds nobody",
        {"traffic__mesh": {"outlierDetection": {"consecutiveGatewayErrors": 0}}},
        "traffic.mesh.outlierDetection: leaves out nobody after any number of errors, got a map; "
        "set consecutiveGatewayErrors or consecutive5xxErrors to more than 0",
    ),
    wrong(
        "a sticky session in a split",
        service(
            stickySession={"cookie": "session"},
            routes=[{"to": [{"version": "a", "weight": 50}, {"version": "b", "weight": 50}]}],
        ),
        f"{HERE}.stickySession: does not hold in a split, which is decided anew for each request, "
        "got a map; remove it, or choose the version by a header or a cookie",
    ),
    wrong(
        "a text that is matched in two ways",
        route(match=[{"path": {"exact": "/a", "prefix": "/b"}}]),
        f"{HERE}.routes[0].match[0].path: has to be matched in one way, got 'exact, prefix'; write "
        "one of exact, prefix and regex",
    ),
    wrong(
        "a match of nothing",
        route(match=[{}]),
        f"{HERE}.routes[0].match[0]: names nothing to match, got a map; add headers, cookie or "
        "path, or leave match out",
    ),
    wrong(
        "a cookie beside the header of cookies",
        route(
            match=[{"headers": {"cookie": {"exact": "a=b"}}, "cookie": {"name": "a", "value": "b"}}]
        ),
        f"{HERE}.routes[0].match[0].cookie: stands beside a header cookie, got a map; remove one "
        "of them",
    ),
    wrong(
        "a fault that is none",
        route(fault={}),
        f"{HERE}.routes[0].fault: has no fault, got a map; add delay or abort",
    ),
    wrong(
        "a service that nothing is said of",
        service(versions=["v1"]),
        f"{HERE}: asks for nothing, got a map; add a route or a rule",
    ),
    wrong(
        "rules without a mesh",
        {**service(timeout="1s"), "mesh__enabled": False},
        "traffic.services: has nobody to read it without a mesh, got a map; set mesh.enabled to "
        "true, or remove it",
    ),
]


@pytest.mark.parametrize("case", TABLE)
def test_it_is_refused(case: Wrong) -> None:
    assert_refused(case)


@pytest.mark.parametrize(
    "changes",
    [
        split(50, 30, 20),
        service(locality=distribution((SANJOSE, 70), (CHICAGO, 30))),
        service(timeout="10s", retries={"attempts": 3, "perTryTimeout": "2s"}),
        service(connectionPool={"maxConnections": 100, "maxPendingRequests": 50}),
        service(stickySession={"cookie": "session", "ttl": "1h"}),
        {"mesh__exports": {"visibleTo": [".", "istio-system"]}},
        {"traffic__services": {"api.example.com": {"timeout": "1s"}}},
        {
            "verification__enabled": False,
            "traffic__services": {
                "sample/helloworld": {"routes": [{"to": [{"version": "primary"}]}]}
            },
        },
    ],
)
def test_it_is_taken(changes: dict[str, Any]) -> None:
    parse(documents(**changes))
