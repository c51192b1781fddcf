"""Hosts outside of the mesh, by way of the egress gateway."""

from __future__ import annotations

from typing import Any

from components.mesh.outside import object_name, outside_objects
from components.settings.outside import Outside, Scheme
from tests.mesh.support import RELEASE, mesh
from tests.support.documents import settings

API = Outside(Scheme.HTTPS, "api.example.com", 443)
FEED = Outside(Scheme.HTTP, "feed.example.com", 8080)
EGRESS = "istio-egressgateway.istio-system.svc.cluster.local"

HOSTS: dict[str, Any] = {
    "mesh__istio__egress": True,
    "mesh__egress__hosts": ["https://api.example.com"],
}


def the(kind: str, host: Outside) -> Any:
    [(name, spec)] = outside_objects([host])[kind].items()
    assert name == object_name(host)
    return spec


def test_a_host_is_written_as_a_url_whose_port_goes_without_saying() -> None:
    given = ["https://api.example.com", "http://feed.example.com:8080"]
    assert list(settings(mesh__egress__hosts=given).mesh.egress.hosts) == [API, FEED]
    assert [str(API), str(FEED)] == given


def test_a_host_is_found_by_its_name_outside_of_the_mesh() -> None:
    assert the("ServiceEntry", API) == {
        "hosts": ["api.example.com"],
        "location": "MESH_EXTERNAL",
        "resolution": "DNS",
        "ports": [{"number": 443, "name": "https", "protocol": "TLS"}],
    }
    assert the("ServiceEntry", FEED)["ports"] == [
        {"number": 8080, "name": "http", "protocol": "HTTP"}
    ]


def test_the_way_to_the_gateway_is_mtls_with_the_name_of_the_host() -> None:
    for host, port in ((API, 443), (FEED, 80)):
        name = object_name(host)
        assert the("DestinationRule", host) == {
            "host": EGRESS,
            "subsets": [
                {
                    "name": name,
                    "trafficPolicy": {
                        "portLevelSettings": [
                            {
                                "port": {"number": port},
                                "tls": {"mode": "ISTIO_MUTUAL", "sni": host.name},
                            }
                        ]
                    },
                }
            ],
        }
        (server,) = the("Gateway", host)["servers"]
        assert server["tls"] == {"mode": "ISTIO_MUTUAL"}
        assert server["hosts"] == [f"./{host.name}"]
        assert server["port"]["number"] == port


def test_what_is_said_by_tls_is_passed_on_unread() -> None:
    name, routes = object_name(API), the("VirtualService", API)
    assert routes["tls"] == [
        {
            "match": [{"gateways": ["mesh"], "port": 443, "sniHosts": ["api.example.com"]}],
            "route": [{"destination": {"host": EGRESS, "subset": name, "port": {"number": 443}}}],
        }
    ]
    assert routes["tcp"] == [
        {
            "match": [{"gateways": [name], "port": 443}],
            "route": [{"destination": {"host": "api.example.com", "port": {"number": 443}}}],
        }
    ]


def test_http_goes_to_the_hosts_own_port_behind_the_gateway() -> None:
    inside, beyond = the("VirtualService", FEED)["http"]
    assert inside["match"] == [{"gateways": ["mesh"], "port": 8080}]
    assert inside["route"][0]["destination"]["port"] == {"number": 80}
    assert beyond["match"] == [{"gateways": [object_name(FEED)], "port": 80}]
    assert beyond["route"][0]["destination"] == {
        "host": "feed.example.com",
        "port": {"number": 8080},
    }


def test_names_of_objects_are_short_and_no_two_are_the_same() -> None:
    labels = [".".join([*"abc", "x" * 60, "y" * 60, "com"]), "a-b.com", "a.b.com", "a.b-com.org"]
    names = {object_name(Outside(Scheme.HTTPS, label, 443)) for label in labels}
    assert len(names) == len(labels)
    assert max(map(len, names)) <= 63


def _config(**changes: Any) -> dict[str, Any]:
    made = mesh(**changes)
    config: dict[str, Any] = made.one(RELEASE, "primary-istio-istiod").inputs["values"][
        "meshConfig"
    ]
    return config


def test_what_is_not_named_is_refused_once_something_is() -> None:
    assert _config(**HOSTS)["outboundTrafficPolicy"] == {"mode": "REGISTRY_ONLY"}
    assert "outboundTrafficPolicy" not in _config()


def test_each_cluster_goes_out_by_its_own_gateway() -> None:
    assert _config(**HOSTS)["serviceSettings"] == [
        {"settings": {"clusterLocal": True}, "hosts": [EGRESS]}
    ]


def test_every_primary_knows_the_hosts() -> None:
    made = mesh(**HOSTS)
    name = object_name(API)
    for key in ("primary", "secondary"):
        for kind in ("ServiceEntry", "Gateway", "DestinationRule", "VirtualService"):
            type_ = f"kubernetes:networking.istio.io/v1:{kind}"
            found = made.one(type_, f"{key}-outside-{name}-{kind.lower()}")
            assert found.inputs["metadata"]["namespace"] == "istio-system"
