"""Hosts at the ingress gateways, by HTTP and HTTPS; and hosts outside, by the egress gateway."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from lab.paths import CLIENT_ADDRESS
from tests.lab.changing import becomes, described
from tests.lab.stack_kit import KEYS, Lab
from tests.support.authority import authority

pytestmark = pytest.mark.lab_all

REQUESTS = 40
ALLOWED, OTHER = "allowed.outside.test", "other.outside.test"
CHALLENGE = "/.well-known/acme-challenge/token"

MESH: Mapping[str, Any] = {
    "ingress": {
        "hosts": {"hello": {"service": "sample/helloworld", "port": 5000, "paths": ["/hello"]}},
        "https": {"hstsDays": 7},
    },
    "egress": {"hosts": [f"http://{ALLOWED}", f"https://{ALLOWED}"]},
    "istio": {"egress": True},
}


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: str


@pytest.fixture(scope="module")
def opened(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The stack with hosts at its gateways, and afterwards as it was."""
    changes: dict[tuple[str, ...], Any] = {
        ("oke-mesh:mesh", name, key): value
        for name, settings in MESH.items()
        for key, value in settings.items()
    }
    changes |= {("oke-mesh:clusters", key, "egress"): {"ports": [80, 443]} for key in KEYS}
    with described(lab, lab.settings_with(tmp_path_factory.mktemp("opened"), changes)):
        yield


def _trusting(lab: Lab) -> ssl.SSLContext:
    """Trust in the root of the mesh alone."""
    return ssl.create_default_context(cadata=str(lab.outputs()["mesh"]["rootCaPem"]))


def ask(address: str, url: str, trust: ssl.SSLContext | None = None) -> Answer:
    """What a gateway answers to a browser that was led to its address by the name in the URL."""
    name = str(urlsplit(url).hostname)
    with ExitStack() as stack:
        wire = stack.enter_context(
            socket.create_connection((address, 443 if trust else 80), timeout=10)
        )
        if trust:
            wire = stack.enter_context(trust.wrap_socket(wire, server_hostname=name))
        connection = http.client.HTTPConnection(name)
        connection.sock = wire
        connection.request("GET", urlsplit(url).path)
        found = connection.getresponse()
        headers = {key.lower(): value for key, value in found.getheaders()}
        return Answer(found.status, headers, found.read().decode())


def _host(lab: Lab, key: str) -> tuple[str, str]:
    """The address of a gateway, and where users call the host there."""
    outputs = lab.outputs()
    (url,) = outputs["hosts"]["hello"][key]
    return outputs["clusters"][key]["ingressAddress"], url


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("key", KEYS)
def test_each_gateway_answers_by_https_with_every_version(lab: Lab, key: str) -> None:
    address, url = _host(lab, key)
    assert url == f"https://hello.{address.replace('.', '-')}.nip.io/hello"
    trust = _trusting(lab)
    becomes(lambda: ask(address, url, trust), lambda answer: answer.status == 200)
    answers = [ask(address, url, trust) for _ in range(REQUESTS)]
    assert {answer.status for answer in answers} == {200}
    assert {answer.body.split(",")[0] for answer in answers} == {
        "Hello version: v1",
        "Hello version: v2",
    }
    assert {answer.headers["strict-transport-security"] for answer in answers} == {"max-age=604800"}
    assert ask(address, url.removesuffix("/hello") + "/health", trust).status == 404


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("key", KEYS)
def test_nobody_else_is_taken_for_the_host(lab: Lab, key: str) -> None:
    address, url = _host(lab, key)
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(address, url, ssl.create_default_context())
    (other,) = (one for one in KEYS if one != key)
    # No name of this gateway's, which ends the connection in one way or another.
    with pytest.raises((ssl.SSLError, ConnectionError)):
        ask(address, _host(lab, other)[1], _trusting(lab))


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("key", KEYS)
def test_http_is_sent_to_https(lab: Lab, key: str) -> None:
    address, url = _host(lab, key)
    answer = ask(address, url.replace("https:", "http:"))
    assert (answer.status, answer.headers["location"]) == (301, url)
    assert "strict-transport-security" not in answer.headers


@pytest.mark.usefixtures("opened")
def test_the_challenge_of_an_acme_server_passes_the_redirect(lab: Lab) -> None:
    """By an Ingress as cert-manager's solver makes it; helloworld knows no such path."""
    key = "primary"
    address, url = _host(lab, key)
    name = str(urlsplit(url).hostname)
    service = {"service": {"name": "helloworld", "port": {"number": 5000}}}
    path = {"path": CHALLENGE, "pathType": "ImplementationSpecific", "backend": service}
    solver = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": "solver",
            "namespace": "sample",
            "annotations": {"kubernetes.io/ingress.class": "istio"},
        },
        "spec": {"rules": [{"host": name, "http": {"paths": [path]}}]},
    }
    with _there(lab, key, solver):
        asked = f"http://{name}{CHALLENGE}"
        answer = becomes(lambda: ask(address, asked), lambda found: found.status != 301)
        assert answer.status == 404
        assert "x-envoy-upstream-service-time" in answer.headers
        assert ask(address, f"http://{name}/hello").status == 301


@contextmanager
def _there(lab: Lab, key: str, *objects: Mapping[str, Any]) -> Iterator[None]:
    """Objects that are in a cluster for a while."""
    file = lab.paths.state / f"{key}-objects.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*objects]}))
    lab.kubectl(key, "apply", "--filename", str(file))
    yield
    lab.kubectl(key, "delete", "--wait", "--filename", str(file))


class _Outside(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: what is asked shows in the test."""


@pytest.fixture(scope="module")
def outside(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Somebody on the lab's internet, found by every name below `outside.test`."""
    plain, secure = (ThreadingHTTPServer((CLIENT_ADDRESS, port), _Outside) for port in (80, 443))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_own_certificate(tmp_path_factory.mktemp("outside")))
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    threads = [Thread(target=server.serve_forever) for server in (plain, secure)]
    for thread in threads:
        thread.start()
    with ExitStack() as stack:
        for key in KEYS:
            stack.enter_context(_resolved(lab, key))
        yield
    for server, thread in zip((plain, secure), threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


def _own_certificate(folder: Path) -> Path:
    own = authority("outside")
    file = folder / "outside.pem"
    file.write_text(own.cert_pem + own.key_pem)
    return file


@contextmanager
def _resolved(lab: Lab, key: str) -> Iterator[None]:
    """The lab's DNS, which knows of no name outside, with these."""
    place = ("--namespace", "kube-system")
    found = json.loads(lab.kubectl(key, *place, "get", "configmap", "coredns", "--output", "json"))
    before = str(found["data"]["Corefile"])
    answer = f'answer "{{{{ .Name }}}} 60 IN A {CLIENT_ADDRESS}"'
    block = f"""\
outside.test:53 {{
    template IN A {{
        {answer}
    }}
    template IN AAAA {{
        rcode NOERROR
    }}
}}
"""

    def restart(corefile: str) -> None:
        patch = json.dumps({"data": {"Corefile": corefile}})
        lab.kubectl(key, *place, "patch", "configmap", "coredns", "--patch", patch)
        lab.kubectl(key, *place, "rollout", "restart", "deployment/coredns")
        lab.kubectl(key, *place, "rollout", "status", "deployment/coredns", "--timeout=120s")

    restart(block + before)
    yield
    restart(before)


def _asked(lab: Lab, key: str, url: str) -> str:
    """The status that the client pod of a cluster gets; 000 for none."""
    place = ("--namespace", "sample", "deployment/curl", "--container", "curl")
    words = f"curl -k --silent --max-time 5 --output /dev/null --write-out '%{{http_code}}' {url}"
    return lab.kubectl(key, "exec", *place, "--", "sh", "-c", f"{words} || true").strip()


def _passed(lab: Lab, key: str, port: int) -> int:
    """How many connections the egress gateway of a cluster has made to the allowed host."""
    place = ("--namespace", "istio-system", "deployment/istio-egressgateway")
    said = lab.kubectl(key, "exec", *place, "--", "pilot-agent", "request", "GET", "clusters")
    lines = (line.split("::") for line in said.splitlines())
    cluster = f"outbound|{port}||{ALLOWED}"
    return sum(int(line[3]) for line in lines if line[0] == cluster and "cx_total" in line)


@pytest.mark.usefixtures("opened", "outside")
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_named_host_outside_is_called_by_the_egress_gateway(
    lab: Lab, key: str, scheme: str
) -> None:
    port = 443 if scheme == "https" else 80
    before = _passed(lab, key, port)
    asked = becomes(lambda: _asked(lab, key, f"{scheme}://{ALLOWED}/"), lambda s: s == "204")
    assert asked == "204"
    assert _passed(lab, key, port) > before


@pytest.mark.usefixtures("opened", "outside")
@pytest.mark.parametrize("key", KEYS)
def test_any_other_host_outside_is_refused(lab: Lab, key: str) -> None:
    assert _asked(lab, key, f"http://{OTHER}/") == "502"
    assert _asked(lab, key, f"https://{OTHER}/") == "000"


@pytest.mark.usefixtures("opened")
def test_a_service_whose_pods_are_in_the_other_cluster_alone_answers_by_its_name(lab: Lab) -> None:
    """As the page of the chat demo asks its model: the Service is in both, the pods are in one."""
    space = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "chat", "labels": {"istio-injection": "enabled"}},
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "llm", "namespace": "chat"},
        "spec": {
            "selector": {"app": "llm"},
            "ports": [{"name": "http", "port": 30000, "targetPort": 5000}],
        },
    }
    found = lab.kubectl(
        *("secondary", "--namespace", "sample", "get", "deployment", "helloworld-v2"),
        *("--output", "json"),
    )
    template = json.loads(found)["spec"]["template"]
    template["metadata"]["labels"] = {"app": "llm"}
    server = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "llm", "namespace": "chat"},
        "spec": {"selector": {"matchLabels": {"app": "llm"}}, "template": template},
    }
    url = "http://llm.chat.svc.cluster.local:30000/hello"
    with _there(lab, "primary", space, service), _there(lab, "secondary", space, service, server):
        status = becomes(lambda: _asked(lab, "primary", url), lambda seen: seen == "200")
        assert status == "200"
        assert {_asked(lab, "primary", url) for _ in range(10)} == {"200"}
