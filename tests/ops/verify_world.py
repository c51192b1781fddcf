"""Two clusters that only answer, and ingress gateways on this machine.

Most tests ask them without a process in between (`FakeKubectl`), which takes a tenth of the time.
"""

from __future__ import annotations

import contextlib
import http.server
import itertools
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from typing_extensions import override

from ops.verify.kubectl import Kubectl, KubectlError, Running
from ops.verify.login import Login
from tests.ops import verify_answers as answers

STAND_IN = Path(__file__).with_name("kubectl_stand_in.py")
EOF = (
    "Error from server (ServiceUnavailable): error trying to reach service: read tcp "
    "10.0.0.5:41212->10.0.1.7:5000: read: connection reset by peer\n"
)
NUMBERS = {"primary": 1, "secondary": 2}

_BETWEEN_LINES = 0.002

Verify = Callable[..., int]
"""Runs the command with some words and returns its exit code."""


class World:
    """The answers of both clusters; green unless a test changes one."""

    def __init__(self, root: Path) -> None:
        self.bin = root / "bin"
        self.bin.mkdir()
        program = self.bin / "kubectl"
        program.write_text(f"#!{sys.executable} -IS\n{STAND_IN.read_text()}")
        program.chmod(0o755)
        self.ingress = Ingress()
        self.lines: list[str] = []
        """What was asked in this process."""
        self.kubeconfigs: list[str] = []
        """With which it was asked in somebody else's name."""
        self.streamed: Callable[[str], str] = lambda _: "ended 200 0.010 \n"
        """The next line of a client that asks without end, by its context."""
        self._turns: Counter[tuple[str, str]] = Counter()
        self.lock = threading.Lock()
        self.outputs = answers.outputs()
        for cluster in self.outputs["clusters"].values():
            cluster["ingressAddress"] = "127.0.0.1"
        self.answers = {f"{key}-cluster": _green(key) for key in NUMBERS}

    def set(self, key: str, part: str, *out: str, **other: Any) -> None:
        """Change what a cluster answers to the commands that hold `part`."""
        found: Any = [{"out": text, **other} for text in out] if out else dict(other)
        self.answers[f"{key}-cluster"][part] = found

    def write(self) -> str:
        """Make the answers known to the stand-in, and return the outputs document."""
        (self.bin / "world.json").write_text(json.dumps(self.answers))
        return json.dumps(self.outputs)

    def answer(self, context: str, line: str) -> dict[str, Any]:
        """Return what a cluster answers, as the stand-in chooses it."""
        known = self.answers[context]
        part = max((part for part in known if part in line), key=len)
        with self.lock:
            self.lines.append(f"{context} {line}")
            turn = self._turns[context, part]
            self._turns[context, part] += 1
        found = known[part]
        return dict(found if isinstance(found, dict) else found[min(turn, len(found) - 1)])

    @property
    def calls(self) -> list[dict[str, str]]:
        """How the stand-in was called."""
        return [json.loads(line) for line in (self.bin / "calls").read_text().splitlines()]

    def close(self) -> None:
        self.ingress.close()


class FakeKubectl(Kubectl):
    """Answers as the stand-in does, in this process."""

    def __init__(self, world: World) -> None:
        super().__init__(program="", login=Login(""))
        # The class is frozen, as the real one is used by several threads.
        object.__setattr__(self, "world", world)

    world: World

    @override
    @contextlib.contextmanager
    def signed_in(self, kubeconfig: str) -> Iterator[Kubectl]:
        self.world.kubeconfigs.append(kubeconfig)
        yield self

    @override
    def stream(
        self,
        context: str,
        words: Sequence[str],
        on_line: Callable[[str], object],
        *,
        limit: float = 0,
    ) -> None:
        answer = self.world.answer(context, " ".join(words))
        for line in answer.get("out", "").splitlines(keepends=True):
            on_line(line)
        if answer.get("code"):
            raise KubectlError(answer["err"].strip())

    @override
    def start(self, context: str, words: Sequence[str]) -> Running:
        with self.world.lock:
            self.world.lines.append(f"{context} {' '.join(words)}")
        return FakeRunning(lambda: self.world.streamed(context))


class FakeRunning(Running):
    """A client that asks until it is ended."""

    def __init__(self, line: Callable[[], str]) -> None:
        self._line = line
        self._over = threading.Event()

    @override
    def __exit__(self, *_: object) -> None:
        self.end()

    @override
    def __iter__(self) -> Iterator[str]:
        # A stream that ends has no line any more.
        while not self._over.wait(_BETWEEN_LINES) and (line := self._line()):
            yield line

    @override
    def end(self) -> None:
        self._over.set()


@contextlib.contextmanager
def fake(world: World) -> Iterator[Kubectl]:
    """Give a kubectl that asks nobody."""
    yield FakeKubectl(world)


class Ingress:
    """An ingress gateway that leads to both versions in turn."""

    def __init__(self) -> None:
        self.instances = ["helloworld-v1-abc", "helloworld-v2-abc"]
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                self.names = itertools.cycle(outer.instances)

            def do_GET(self) -> None:
                name = next(self.names)
                body = f"Hello version: {name.split('-')[1]}, instance: {name}\n".encode()
                self.send_response(200 if self.path == "/hello" else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Tests are quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def counts(key: str, near: int, far: int) -> str:
    """Return the requests that the client's proxy in `key` has sent so far."""
    other = "secondary" if key == "primary" else "primary"
    endpoints = {f"10.{NUMBERS[key]}.1.7:5000": near, f"10.{NUMBERS[other]}.0.66:15443": far}
    return json.dumps(answers.envoy_clusters(endpoints))


def _green(key: str) -> dict[str, Any]:
    other = next(name for name in NUMBERS if name != key)
    texts = {
        "get nodes,pods,services": answers.listing(*system_items(key)),
        "get pods --namespace istio-system": answers.listing(*system_pods()),
        "get pods --namespace sample": answers.listing(*sample_pods(key)),
        "get secrets": answers.listing(answers.remote_secret(other)),
        "endpointslices?limit=1": "{}",
        "debug/syncz": json.dumps(list(proxies(key).values())),
        "debug/clusterz": json.dumps([answers.read_cluster(f"{name}-cluster") for name in NUMBERS]),
        "debug/endpointShardz": json.dumps(
            answers.shardz(
                {
                    f"{name}-cluster": [answers.endpoint(f"10.{n}.1.7")]
                    for name, n in NUMBERS.items()
                }
            )
        ),
        "dynamic_active_secrets": answers.proxy_secrets(),
        "curl --silent": answers.curl_output({"helloworld-v1-abc": 6, "helloworld-v2-abc": 4}),
        "--connect-to ::helloworld": single_output(other),
        "include_eds": json.dumps(answers.envoy_config(MARKS)),
        ":15021/proxy/healthz/ready": "",
    }
    near = 6 if key == "primary" else 4
    counted = [{"out": counts(key, 0, 0)}, {"out": counts(key, near, 10 - near)}]
    return {
        **{part: {"out": text} for part, text in texts.items()},
        "clusters?format=json": counted,
        ":5000/proxy/hello": {"err": EOF, "code": 1},
    }


MARKS = {
    address: {"tlsMode": "istio"}
    for number in NUMBERS.values()
    for address in (f"10.{number}.1.7:5000", f"10.{number}.0.66:15443")
}


def system_pods() -> list[dict[str, Any]]:
    """The pods of Istio, which are the same in both clusters."""
    gateways = [answers.gateway_pod(f"istio-{kind}gateway") for kind in ("ingress", "eastwest")]
    return [answers.istiod_pod(), *gateways]


def sample_pods(key: str) -> list[dict[str, Any]]:
    number = NUMBERS[key]
    return [answers.curl_pod(), answers.hello_pod(f"v{number}", f"10.{number}.1.7")]


def system_items(key: str, *services: dict[str, Any], mode: str = "STRICT") -> list[dict[str, Any]]:
    """What the first question to a cluster brings; the gateways' Services may be others."""
    own = [
        answers.balancer("istio-ingressgateway", "127.0.0.1"),
        answers.balancer("istio-eastwestgateway", f"10.{NUMBERS[key]}.0.66", internal=True),
    ]
    return [answers.node(), *system_pods(), *(services or own), answers.policy(mode)]


def proxies(key: str) -> dict[str, dict[str, Any]]:
    """The proxies of a cluster as its istiod knows them, by `name.namespace`."""
    pods = [*system_pods()[1:], *sample_pods(key)]
    names = [f"{p['metadata']['name']}.{p['metadata']['namespace']}" for p in pods]
    return {name: answers.proxy(name, f"{key}-cluster") for name in names}


def single_output(key: str, count: int = 3, *faults: str) -> str:
    """Return what a client prints that asked the service of the cluster `key` alone."""
    host = f"helloworld-in-{key}.sample.svc.cluster.local"
    return answers.curl_output({f"helloworld-v{NUMBERS[key]}-abc": count}, *faults, host=host)


def checks(printed: str, status: str) -> dict[str, str]:
    """Return what was seen, by kind and subject, of the checks of one status."""
    found = [check for check in json.loads(printed)["checks"] if check["status"] == status]
    return {f"{check['kind']} {check['subject']}": check["seen"] for check in found}
