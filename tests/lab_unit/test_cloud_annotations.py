"""What the annotations of a Service ask for, and the watch that brings Services."""

from __future__ import annotations

import http.client
import threading
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from lab.ccm import wanted
from lab.hosts.api import stream
from tests.lab_unit.cloud_services import NODE, service_of

FAULTS = {
    "fixed shape": (
        {"shape": "100Mbps"},
        f"{wanted.SHAPE}: fixed shapes cannot be created any more, got 100Mbps",
    ),
    "no bounds": (
        {"shape-flex-min": None},
        (
            f"error parsing service annotation: {wanted.SHAPE}=flexible requires {wanted.FLEX_MIN} "
            f"and {wanted.FLEX_MAX} to be set"
        ),
    ),
    "odd bound": (
        {"shape-flex-min": "ten"},
        f"invalid format for {wanted.FLEX_MIN} annotation : ten",
    ),
    "odd flag": (
        {"internal": "yes"},
        f"invalid value: yes provided for annotation: {wanted.INTERNAL}: 'yes'",
    ),
    "odd mode": (
        {"security-list-management-mode": "none"},
        f'invalid value: "none" provided for annotation: {wanted.SECURITY_MODE}',
    ),
    "TLS at the load balancer": (
        {"ssl-ports": "443"},
        f"{wanted.LB}ssl-ports: not part of the lab; its load balancers pass TCP on",
    ),
    "odd protocol": (
        {"backend-protocol": "GRPC"},
        'invalid backend protocol "GRPC" requested for load balancer',
    ),
    "odd timeout": (
        {"connection-idle-timeout": "5m"},
        f"error parsing service annotation: {wanted.IDLE_TIMEOUT}=5m",
    ),
}


@pytest.mark.parametrize(("notes", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_an_annotation_is_checked(notes: dict[str, str | None], message: str) -> None:
    service = service_of(subnet1="ocid1.subnet.oc1..x")
    for name, value in notes.items():
        if value is None:
            del service["metadata"]["annotations"][f"{wanted.LB}{name}"]
        else:
            service["metadata"]["annotations"][f"{wanted.LB}{name}"] = value
    with pytest.raises(wanted.ServiceError) as fault:
        wanted.read(service, [NODE], [])
    assert str(fault.value) == message


def test_bandwidth_is_brought_into_bounds() -> None:
    service = service_of(subnet1="s", shape_flex_min="1Mbps", shape_flex_max="90000")
    shape = wanted.read(service, [], []).shape
    assert (shape.minimum_bandwidth_in_mbps, shape.maximum_bandwidth_in_mbps) == (10, 8000)


def test_a_local_service_is_checked_at_its_own_port() -> None:
    service = service_of(subnet1="s")
    service["spec"] |= {"externalTrafficPolicy": "Local", "healthCheckNodePort": 32000}
    checker = wanted.read(service, [], []).backend_sets["TCP-15443"].health_checker
    assert checker.port == 32000


def test_tags_are_text() -> None:
    service = service_of(subnet1="s")
    service["metadata"]["annotations"][wanted.TAGS] = '{"cost": 1}'
    with pytest.raises(wanted.ServiceError) as fault:
        wanted.read(service, [], [])
    assert str(fault.value) == (
        "failed to parse free form tags override annotation: Input should be a valid string"
    )


def test_the_clusters_subnet_is_the_default() -> None:
    assert wanted.read(service_of(), [], ["default"]).subnet_id == "default"


def test_an_excluded_node_is_no_backend() -> None:
    node = deepcopy(NODE)
    node["metadata"]["labels"] = {"node.kubernetes.io/exclude-from-external-load-balancers": ""}
    assert wanted.addresses([node]) == []


class _Watch(BaseHTTPRequestHandler):
    """Two changes, then the end, as a watch that times out."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"type": "ADDED", "object": {}}\n{"type": "DELETED", "object": {}}\n')

    def log_message(self, *_: object) -> None:
        pass


def test_a_watch_gives_a_change_for_each_line() -> None:
    with HTTPServer(("127.0.0.1", 0), _Watch) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        port = server.server_port
        changes = list(stream(lambda: http.client.HTTPConnection("127.0.0.1", port), "/x"))
        thread.join()
    assert [change["type"] for change in changes] == ["ADDED", "DELETED"]


def test_defined_tags_are_by_namespace() -> None:
    service = service_of(subnet1="s")
    service["metadata"]["annotations"][wanted.DEFINED_TAGS] = '{"Ops": {"Cost": "42"}}'
    assert wanted.read(service, [], []).defined_tags == {"Ops": {"Cost": "42"}}
    service["metadata"]["annotations"][wanted.DEFINED_TAGS] = '{"Ops": "42"}'
    with pytest.raises(wanted.ServiceError, match=r"^failed to parse defined tags override"):
        wanted.read(service, [], [])
