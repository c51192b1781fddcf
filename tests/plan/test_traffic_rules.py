"""Istio's objects for the settings of traffic."""

from __future__ import annotations

import re
from typing import Any

import pytest

from components.plan.traffic.names import host_of, region_on_nodes
from components.plan.traffic.rules import TrafficRule, cookie_regex, traffic_rules
from components.samples.samples import NAMESPACE
from tests.support.documents import settings

HOST = "cart.shop.svc.cluster.local"
DEFAULT = {
    "consecutive5xxErrors": 0,
    "consecutiveGatewayErrors": 5,
    "interval": "10s",
    "baseEjectionTime": "30s",
    "maxEjectionPercent": 100,
    "minHealthPercent": 1,
}


def rules(**changes: Any) -> dict[str, TrafficRule]:
    found = settings(**changes)
    return {rule.name: rule for rule in traffic_rules(found.traffic, found.enabled_clusters)}


def cart(**fields: Any) -> TrafficRule:
    return rules(traffic__services={"shop/cart": fields})["cart.shop"]


def routes(*given: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    spec = cart(routes=list(given), **fields).objects["VirtualService"]
    assert (spec["hosts"], spec["gateways"]) == ([HOST], ["mesh"])
    found: list[dict[str, Any]] = spec["http"]
    return found


def policy(**fields: Any) -> dict[str, Any]:
    spec = cart(**fields).objects["DestinationRule"]
    assert spec["host"] == HOST
    found: dict[str, Any] = spec["trafficPolicy"]
    return found


def test_a_lost_region_keeps_no_share_of_any_service() -> None:
    (rule,) = rules().values()
    assert (rule.name, rule.namespace) == ("mesh", "istio-system")
    assert rule.objects == {
        "DestinationRule": {"host": "*.local", "trafficPolicy": {"outlierDetection": DEFAULT}}
    }


def test_nothing_is_made_when_nothing_is_asked_for() -> None:
    assert rules(traffic__mesh__localityFirst=False) == {}


def test_requests_are_split_by_version() -> None:
    split = [{"version": "v1", "weight": 80}, {"version": "v2", "weight": 20}]
    objects = cart(routes=[{"to": split}]).objects
    (route,) = objects["VirtualService"]["http"]
    assert route == {
        "route": [
            {"destination": {"host": HOST, "subset": "v1"}, "weight": 80},
            {"destination": {"host": HOST, "subset": "v2"}, "weight": 20},
        ]
    }
    assert objects["DestinationRule"]["subsets"] == [
        {"name": "v1", "labels": {"version": "v1"}},
        {"name": "v2", "labels": {"version": "v2"}},
    ]


def test_requests_are_split_by_cluster_under_istios_name_of_it() -> None:
    to = [
        {"cluster": "primary", "weight": 30},
        {"cluster": "secondary", "version": "v2", "weight": 70},
    ]
    subsets = cart(routes=[{"to": to}]).objects["DestinationRule"]["subsets"]
    assert subsets == [
        {"name": "in-primary", "labels": {"topology.istio.io/cluster": "primary-cluster"}},
        {
            "name": "v2-in-secondary",
            "labels": {"version": "v2", "topology.istio.io/cluster": "secondary-cluster"},
        },
    ]


def test_a_share_of_nothing_is_written_down() -> None:
    (route,) = routes({"to": [{"version": "v1", "weight": 100}, {"version": "v2", "weight": 0}]})
    assert [to["weight"] for to in route["route"]] == [100, 0]


def test_tries_and_timeouts_are_those_of_the_route_or_of_the_service() -> None:
    own = {"match": [{"path": {"prefix": "/slow"}}], "timeout": "1m", "retries": {"attempts": 1}}
    found = routes(own, {}, timeout="10s", retries={"attempts": 3, "perTryTimeout": "2s"})
    causes = "gateway-error,connect-failure,refused-stream,reset"
    assert [(route["timeout"], route["retries"]) for route in found] == [
        ("1m", {"attempts": 1, "retryOn": causes, "retryRemoteLocalities": True}),
        (
            "10s",
            {
                "attempts": 3,
                "perTryTimeout": "2s",
                "retryOn": causes,
                "retryRemoteLocalities": True,
            },
        ),
    ]


def test_a_timeout_alone_is_a_route_to_all_pods() -> None:
    objects = cart(timeout="10s").objects
    destination = {"destination": {"host": HOST}, "weight": 100}
    assert objects["VirtualService"]["http"] == [{"route": [destination], "timeout": "10s"}]
    assert "DestinationRule" not in objects


def test_tries_may_stay_in_their_region() -> None:
    (route,) = routes({"retries": {"remoteLocalities": False, "on": ["5xx"]}})
    assert route["retries"] == {"attempts": 3, "retryOn": "5xx", "retryRemoteLocalities": False}


def test_faults_are_made_for_a_share_of_the_requests() -> None:
    fault = {
        "delay": {"percent": "0.5%", "duration": "5s"},
        "abort": {"percent": "10%", "status": 503},
    }
    (route,) = routes({"fault": fault})
    assert route["fault"] == {
        "delay": {"fixedDelay": "5s", "percentage": {"value": 0.5}},
        "abort": {"httpStatus": 503, "percentage": {"value": 10.0}},
    }


def test_requests_are_copied() -> None:
    (route,) = routes({"to": [{"version": "v1"}], "mirror": {"version": "v2", "percent": "25%"}})
    assert route["mirror"] == {"host": HOST, "subset": "v2"}
    assert route["mirrorPercentage"] == {"value": 25.0}
    named = cart(routes=[{"mirror": {"version": "v2"}}]).objects["DestinationRule"]["subsets"]
    assert [subset["name"] for subset in named] == ["v2"]


def test_headers_a_cookie_and_a_path_choose_the_route() -> None:
    match = {
        "headers": {"x-user": {"prefix": "test-"}},
        "cookie": {"name": "group", "value": "beta"},
        "path": {"exact": "/orders"},
    }
    (route,) = routes({"match": [match]})
    (found,) = route["match"]
    assert found == {
        "headers": {
            "x-user": {"prefix": "test-"},
            "cookie": {"regex": cookie_regex("group", "beta")},
        },
        "uri": {"exact": "/orders"},
    }


@pytest.mark.parametrize(
    ("header", "is_it"),
    [
        ("group=beta", True),
        ("a=b; group=beta", True),
        ("group=beta; a=b", True),
        ("group=betamax", False),
        ("mygroup=beta", False),
        ("group=alpha", False),
    ],
)
def test_a_cookie_is_found_among_others(header: str, is_it: bool) -> None:
    assert bool(re.fullmatch(cookie_regex("group", "beta"), header)) is is_it


def test_sticky_sessions_keep_a_client_at_a_pod() -> None:
    cookies = [
        policy(stickySession=given)["loadBalancer"]["consistentHash"]["httpCookie"]
        for given in ({"cookie": "session"}, {"cookie": "session", "ttl": "1h"})
    ]
    assert cookies == [
        {"name": "session", "path": "/", "ttl": "0s"},
        {"name": "session", "path": "/", "ttl": "1h"},
    ]


def test_connection_pools_are_limited() -> None:
    found = policy(connectionPool={"maxConnections": 100, "maxPendingRequests": 50})
    assert found["connectionPool"] == {
        "tcp": {"maxConnections": 100},
        "http": {"http1MaxPendingRequests": 50},
    }


def test_a_region_fails_over_under_the_name_that_its_nodes_bear() -> None:
    failover = [{"from": "us-ashburn-1", "to": "us-sanjose-1"}]
    found = policy(locality={"failover": failover}, outlierDetection={})
    setting = found["loadBalancer"]["localityLbSetting"]
    assert setting == {"enabled": True, "failover": [{"from": "iad", "to": "us-sanjose-1"}]}
    assert found["outlierDetection"] == DEFAULT


def test_regions_have_shares() -> None:
    to = [{"region": "phx", "weight": 70}, {"region": "us-chicago-1", "weight": 30}]
    found = policy(locality={"distribute": [{"from": "phx", "to": to}]})
    assert found["loadBalancer"]["localityLbSetting"]["distribute"] == [
        {"from": "phx/*", "to": {"phx/*": 70, "us-chicago-1/*": 30}}
    ]


def test_outlier_detection_has_the_fields_of_today() -> None:
    found = policy(outlierDetection={"consecutive5xxErrors": 3, "interval": "1s"})
    assert found["outlierDetection"] == DEFAULT | {"consecutive5xxErrors": 3, "interval": "1s"}


def test_a_rule_of_its_own_says_what_that_of_the_mesh_says() -> None:
    """Istio takes one rule for a host, and merges nothing."""
    pool = {"connectionPool": {"maxConnections": 1}}
    assert policy(**pool)["outlierDetection"] == DEFAULT
    off = rules(traffic__mesh__localityFirst=False, traffic__services={"shop/cart": pool})
    assert "outlierDetection" not in off["cart.shop"].objects["DestinationRule"]["trafficPolicy"]


def test_rules_stand_where_nobody_has_to_make_a_namespace() -> None:
    services = {"shop/cart": {"timeout": "1s"}, f"{NAMESPACE}/helloworld": {"timeout": "1s"}}
    found = rules(traffic__services={**services, "api.example.com": {"timeout": "1s"}})
    assert {name: rule.namespace for name, rule in found.items()} == {
        "mesh": "istio-system",
        "cart.shop": "istio-system",
        "helloworld.sample": "sample",
        "api.example.com": "istio-system",
    }


def test_hosts_and_regions_have_one_name_each() -> None:
    assert host_of("shop/cart") == host_of(HOST) == HOST
    assert [region_on_nodes(f"us-{place}-1") for place in ("ashburn", "phoenix", "chicago")] == [
        "iad",
        "phx",
        "us-chicago-1",
    ]
