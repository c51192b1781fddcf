"""What pods may call on the internet, and a user's own load balancer beside the program's."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.request import ProxyHandler, build_opener

import pytest
from oci.core import VirtualNetworkClient

from lab.paths import CLIENT_ADDRESS
from tests.lab.changing import described
from tests.lab.stack_kit import KEYS, Lab

pytestmark = pytest.mark.lab

LB = "service.beta.kubernetes.io/oci-load-balancer"
_METADATA = {
    "name": "own",
    "annotations": {
        f"{LB}-shape": "flexible",
        f"{LB}-shape-flex-min": "10",
        f"{LB}-shape-flex-max": "10",
    },
}
OWN = {
    "apiVersion": "v1",
    "kind": "Service",
    "spec": {
        "type": "LoadBalancer",
        "selector": {"istio": "ingressgateway"},
        "ports": [{"name": "http", "port": 8000, "targetPort": 80}],
    },
}
"""Nothing but what any user has to write: no subnet, no group, and no word of security lists."""


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: what is asked shows in the test."""


@pytest.fixture(scope="module")
def internet(lab: Lab) -> Iterator[None]:
    """Somebody on the lab's internet who answers on two ports."""
    servers = [ThreadingHTTPServer((CLIENT_ADDRESS, port), _Answers) for port in (443, 8443)]
    threads = [Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    yield
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.usefixtures("internet")
def test_pods_call_the_internet_on_the_ports_of_the_settings_alone(lab: Lab, key: str) -> None:
    assert _asked(lab, key, f"http://{CLIENT_ADDRESS}:443/") == "204"
    # The proxy of the pod takes the connection, and gets none itself.
    assert _asked(lab, key, f"http://{CLIENT_ADDRESS}:8443/") in {"000", "503"}


def _asked(lab: Lab, key: str, url: str) -> str:
    """The status that the client pod of a cluster gets; 000 for none."""
    place = ("--namespace", "sample", "deployment/curl", "--container", "curl")
    script = f"curl --silent --max-time 5 --output /dev/null --write-out '%{{http_code}}' {url}"
    return lab.kubectl(key, "exec", *place, "--", "sh", "-c", f"{script} || true").strip()


def test_a_load_balancer_of_ones_own_answers_and_outlives_a_refresh(lab: Lab) -> None:
    key = "primary"
    lab.kubectl(key, "create", "--filename", _written(lab))
    try:
        address = _address(lab, key)
        assert _hello(address).startswith("Hello version: v")
        assert _list_rules(lab, key, "workers") != []
        assert _list_rules(lab, key, "pods") == _list_rules(lab, key, "internal-lb") == []

        said = lab("refresh")
        assert said.code == 0, said.text
        said = lab("deploy")
        assert said.code == 0, said.text
        assert _hello(address).startswith("Hello version: v")
    finally:
        lab.kubectl(key, "--namespace", "istio-system", "delete", "service", "own", "--wait")
    assert _list_rules(lab, key, "workers") == _list_rules(lab, key, "public-lb") == []


@pytest.fixture(scope="module")
def guarded(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Public load balancers in labelled namespaces alone; the gateways are in one."""
    at, folder = ("oke-mesh:mesh", "loadBalancers"), tmp_path_factory.mktemp("guarded")
    with described(lab, lab.changed_settings(folder, at, "internal")):
        yield


@pytest.mark.usefixtures("guarded")
def test_a_public_load_balancer_is_refused_where_the_settings_say_so(lab: Lab) -> None:
    """That the gateways still are there, the update has verified."""
    asks = ("create", "--dry-run=server", "--filename")
    said = lab.try_kubectl("primary", *asks, _written(lab, "sample"))
    assert said.code != 0
    assert "kubectl label namespace sample oke-mesh/load-balancers=any" in said.err
    lab.kubectl("primary", *asks, _written(lab))


def _written(lab: Lab, namespace: str = "istio-system") -> str:
    file = lab.paths.state / "own-service.json"
    metadata = {**_METADATA, "namespace": namespace}
    file.write_text(json.dumps({**OWN, "metadata": metadata}))
    return str(file)


def _address(lab: Lab, key: str) -> str:
    words = ("--namespace", "istio-system", "get", "service", "own", "--output")
    path = "jsonpath={.status.loadBalancer.ingress[0].ip}"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if found := lab.kubectl(key, *words, path):
            return found
        time.sleep(1)
    raise AssertionError(lab.kubectl(key, "--namespace", "istio-system", "describe", "service/own"))


def _hello(address: str) -> str:
    """What the ingress gateway answers through a load balancer, once it has a backend."""
    opener = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + 60
    while True:
        try:
            with opener.open(f"http://{address}:8000/hello", timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def _list_rules(lab: Lab, key: str, role: str) -> list[str]:
    """What the security list of a subnet lets in, in words."""
    client = lab.client(VirtualNetworkClient, key)
    lists = client.list_security_lists(lab.compartment_id).data
    found = next(one for one in lists if one.display_name.endswith(f"-{key}-{role}-list"))
    return [str(rule) for rule in found.ingress_security_rules]
