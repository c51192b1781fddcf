"""A shop in both clusters: one service for each rule of traffic, all before the same few pods."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.samples.samples import CURL_IMAGE, HELLOWORLD_IMAGE
from tests.lab.stack_kit import Lab

NAMESPACE = "shop"
PORT = 5000
NEAR, FAR = "us-sanjose-1", "us-chicago-1"

HELLO = ("split", "thirds", "clusters", "near", "shares", "faults", "canary", "sticky")
WORK = ("mirror", "pool", "slow")
FLAKY = ("flaky",)

# Says its version, waits when it is told to, logs what it is asked, and fails if it is to. Perl,
# because the client's image has it.
_SERVER = r"""
use IO::Socket::INET; $| = 1; $SIG{CHLD} = 'IGNORE'; $SIG{TERM} = sub { exit };
my $server = IO::Socket::INET->new(LocalPort => 5000, Listen => 128, ReuseAddr => 1) or die;
while (my $client = $server->accept) {
  if (fork) { close $client; next }
  while (defined(my $line = <$client>)) {
    my ($method, $path) = split ' ', $line;
    while (defined(my $header = <$client>)) { last if $header =~ /^\r?\n$/ }
    select(undef, undef, undef, $1 / 1000) if $path =~ m{^/wait/(\d+)};
    print "asked $path\n";
    my ($status, $body) = ($ENV{FAILS} ? '503 No' : '200 OK', "version: $ENV{VERSION}\n");
    print $client "HTTP/1.1 $status\r\ncontent-length: @{[length $body]}\r\n\r\n$body";
    $client->flush;
  }
  exit;
}
"""

TRAFFIC: dict[str, Any] = {
    "services": {
        "shop/split": {
            "routes": [{"to": [{"version": "v1", "weight": 80}, {"version": "v2", "weight": 20}]}],
            "timeout": "10s",
            "retries": {"attempts": 3, "perTryTimeout": "2s"},
        },
        "shop/thirds": {
            "versions": ["v1", "v2", "v3"],
            "routes": [
                {
                    "to": [
                        {"version": "v1", "weight": 50},
                        {"version": "v2", "weight": 30},
                        {"version": "v3", "weight": 20},
                    ]
                }
            ],
        },
        "shop/clusters": {
            "routes": [
                {
                    "to": [
                        {"cluster": "primary", "weight": 30},
                        {"cluster": "secondary", "weight": 70},
                    ]
                }
            ]
        },
        "shop/near": {
            "locality": {"failover": [{"from": NEAR, "to": FAR}]},
            "outlierDetection": {},
            "retries": {},
        },
        "shop/shares": {
            "locality": {
                "distribute": [
                    {
                        "from": NEAR,
                        "to": [{"region": NEAR, "weight": 70}, {"region": FAR, "weight": 30}],
                    }
                ]
            },
            "outlierDetection": {},
        },
        "shop/faults": {
            "routes": [
                {
                    "match": [{"headers": {"x-fault": {"exact": "abort"}}}],
                    "fault": {"abort": {"percent": "20%", "status": 418}},
                },
                {
                    "match": [{"headers": {"x-fault": {"exact": "delay"}}}],
                    "fault": {"delay": {"percent": "30%", "duration": "2s"}},
                },
                {},
            ]
        },
        "shop/canary": {
            "routes": [
                {
                    "match": [{"headers": {"x-user": {"exact": "tester"}}}],
                    "to": [{"version": "v2"}],
                },
                {
                    "match": [{"cookie": {"name": "group", "value": "beta"}}],
                    "to": [{"version": "v3"}],
                },
                {"to": [{"version": "v1"}]},
            ]
        },
        "shop/sticky": {
            "stickySession": {"cookie": "session"},
            "locality": {"enabled": False},
        },
        "shop/mirror": {"routes": [{"to": [{"version": "v1"}], "mirror": {"version": "v2"}}]},
        "shop/pool": {
            "routes": [{"to": [{"version": "v1"}]}],
            "connectionPool": {"maxConnections": 2, "maxPendingRequests": 2},
        },
        "shop/slow": {"routes": [{"to": [{"version": "v1"}]}], "timeout": "1s"},
        "shop/flaky": {
            "retries": {"attempts": 3, "perTryTimeout": "2s"},
            "outlierDetection": {"consecutiveGatewayErrors": 3, "baseEjectionTime": "5m"},
        },
    }
}
"""Every rule that the tests ask for, by one update."""

LOCAL = f"local.{NAMESPACE}.svc.cluster.local"
EXPORTS = {"clusterLocal": [LOCAL]}
"""What is not to be seen from another cluster: pods of v2, which the secondary alone has."""

PODS = {"primary": ("v1",), "secondary": ("v2", "v3")}
"""The versions in each cluster."""


def shop(key: str) -> list[dict[str, Any]]:
    """What is applied in a cluster: the namespace, services for all rules, and pods."""
    labels = {"istio-injection": "enabled"}
    objects: list[dict[str, Any]] = [_object("v1", "Namespace", NAMESPACE, labels=labels)]
    for app, services in (("hello", HELLO), ("work", WORK), ("flaky", FLAKY)):
        objects += [_service(name, app) for name in services]
    objects.append(_service("local", "hello", version="v2"))
    if key == "secondary":
        objects.append(_service("only", "hello", version="v2"))
    for version in PODS[key]:
        objects.append(_deployment("hello", version, _hello(version)))
        objects.append(_deployment("work", version, _worker(version)))
    if key == "primary":
        objects.append(_deployment("flaky", "good", _worker("good")))
        objects.append(_deployment("flaky", "bad", _worker("bad", FAILS="1")))
    return objects


def _object(api: str, kind: str, name: str, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **metadata}}


def _service(name: str, app: str, **labels: str) -> dict[str, Any]:
    spec = {"selector": {"app": app, **labels}, "ports": [{"name": "http", "port": PORT}]}
    return {**_object("v1", "Service", name, namespace=NAMESPACE), "spec": spec}


def _deployment(app: str, version: str, container: dict[str, Any]) -> dict[str, Any]:
    labels = {"app": app, "version": version}
    pod = {"containers": [container], "terminationGracePeriodSeconds": 10}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return {
        **_object("apps/v1", "Deployment", f"{app}-{version}", namespace=NAMESPACE),
        "spec": spec,
    }


def _hello(version: str) -> dict[str, Any]:
    probe = {"httpGet": {"path": "/health", "port": PORT}, "periodSeconds": 1}
    return _container("hello", HELLOWORLD_IMAGE, SERVICE_VERSION=version) | {
        "readinessProbe": probe
    }


def _worker(version: str, **environment: str) -> dict[str, Any]:
    command = {"command": ["perl", "-e", _SERVER]}
    return _container("work", CURL_IMAGE, VERSION=version, **environment) | command


def _container(name: str, image: str, **environment: str) -> dict[str, Any]:
    wanted = {"requests": {"cpu": "10m", "memory": "16Mi"}}
    env = [{"name": key, "value": value} for key, value in environment.items()]
    return {"name": name, "image": image, "env": env, "resources": wanted}


def settings(lab: Lab, folder: Path) -> Path:
    """The stack's settings with the rules of the shop."""
    changes = {("oke-mesh:traffic",): TRAFFIC, ("oke-mesh:mesh", "exports"): EXPORTS}
    return lab.settings_with(folder, changes)


@dataclass(frozen=True, slots=True)
class Answer:
    """One request of a client."""

    status: int
    seconds: float
    version: str


_ENDED = re.compile(r"(?:.*version: (\w+).*\n)?(?:.*\n)*?ended (\d+) ([0-9.]+)\n")


def ask(lab: Lab, key: str, url: str, *options: str) -> list[Answer]:
    """The answers that the client of a cluster gets; `url` may name many, as curl writes them."""
    place = ("--namespace", "sample", "deployment/curl", "--container", "curl")
    words = ("--silent", "--max-time", "20", "--write-out", "\nended %{http_code} %{time_total}\n")
    host = f"http://{url}" if "://" not in url else url
    # curl ends with an error when its last request did.
    script = 'curl "$@" || true'
    said = lab.kubectl(key, "exec", *place, "--", "sh", "-c", script, "sh", *words, *options, host)
    found = _ENDED.findall(said)
    return [Answer(int(status), float(taken), version) for version, status, taken in found]


def shop_url(service: str, count: int, path: str = "hello") -> str:
    return f"{service}.{NAMESPACE}:{PORT}/{path}?[1-{count}]"


def versions(answers: Iterable[Answer]) -> Counter[str]:
    return Counter(answer.version for answer in answers)


def statuses(answers: Iterable[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def bounds(requests: int, share: float, confidence: float = 0.999) -> range:
    """How many of the requests a share of that probability gets, as often as `confidence` says.

    Exact: each tail of the binomial distribution has half of what is left.
    """
    tail = (1 - confidence) / 2
    chances = [
        math.comb(requests, hits) * share**hits * (1 - share) ** (requests - hits)
        for hits in range(requests + 1)
    ]
    least, below = 0, chances[0]
    while below < tail:
        least += 1
        below += chances[least]
    most, above = requests, chances[requests]
    while above < tail:
        most -= 1
        above += chances[most]
    return range(least, most + 1)


def proxy(lab: Lab, key: str, path: str) -> Any:
    """What the proxy of a cluster's client says of itself."""
    place = ("--namespace", "sample", "deployment/curl", "--container", "istio-proxy")
    words = ("exec", *place, "--", "pilot-agent", "request", "GET", path)
    return json.loads(lab.kubectl(key, *words))
