"""Rules of traffic, counted: who answers, how often, and when nobody does.

One update makes every rule; each stands before a service of its own (`traffic_kit`). Shares are
held to what 999 of 1000 runs of chance give.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.stack import STACK
from tests.lab.changing import update
from tests.lab.stack_kit import KEYS, REGIONS, Lab, run
from tests.lab.stream import stream
from tests.lab.traffic_kit import (
    NAMESPACE,
    PODS,
    ask,
    bounds,
    proxy,
    settings,
    shop,
    shop_url,
    statuses,
    versions,
)

# Not yet seen green as a whole: in `make test-lab-all` for now.
pytestmark = pytest.mark.lab_all

REQUESTS = 300
PATIENCE_SECONDS = 120
CLOSE = ("--header", "Connection: close")


@pytest.fixture(scope="module")
def configured(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The shop, and every rule of it; the file of settings that made them."""
    folder = tmp_path_factory.mktemp("traffic")
    file = settings(lab, folder)
    for key in KEYS:
        objects = folder / f"shop-{key}.json"
        objects.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": shop(key)}))
        lab.kubectl(key, "apply", "--filename", str(objects))
    update(lab, "--config-file", str(file))
    for key in KEYS:
        words = ("wait", "--for=condition=Available", "deployment", "--all", "--timeout=180s")
        lab.kubectl(key, "--namespace", NAMESPACE, *words)
    yield file
    update(lab)
    for key in KEYS:
        lab.kubectl(key, "delete", "namespace", NAMESPACE, "--wait=false")


@pytest.fixture(scope="module")
def ready(lab: Lab, configured: Path) -> Path:
    """Once the proxies of clients have all of it."""
    _until(lambda: set(versions(ask(lab, "primary", shop_url("thirds", 40)))) == {"v1", "v2", "v3"})
    _until(lambda: statuses(ask(lab, "primary", shop_url("slow", 1, "wait/3000"))) == {504: 1})
    return configured


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(1)


@pytest.mark.parametrize(
    ("service", "shares"),
    [
        ("split", {"v1": 0.8, "v2": 0.2}),
        ("thirds", {"v1": 0.5, "v2": 0.3, "v3": 0.2}),
        ("shares", {"v1": 0.7}),
        ("clusters", {"v1": 0.3}),
    ],
)
@pytest.mark.usefixtures("ready")
def test_requests_are_split_as_the_settings_say(
    lab: Lab, service: str, shares: dict[str, float]
) -> None:
    answers = ask(lab, "primary", shop_url(service, REQUESTS))
    assert statuses(answers) == {200: REQUESTS}
    found = versions(answers)
    for version, share in shares.items():
        assert found[version] in bounds(REQUESTS, share), found


@pytest.mark.usefixtures("ready")
def test_a_split_holds_for_clients_of_the_other_cluster_too(lab: Lab) -> None:
    found = versions(ask(lab, "secondary", shop_url("clusters", REQUESTS)))
    assert found["v1"] in bounds(REQUESTS, 0.3), found
    assert found.total() == REQUESTS


@pytest.mark.usefixtures("ready")
def test_requests_stay_near_until_nobody_is_there_and_none_fails(lab: Lab) -> None:
    local = ask(lab, "primary", shop_url("near", REQUESTS))
    assert versions(local) == {"v1": REQUESTS}
    with stream(lab, "primary", f"near.{NAMESPACE}") as answers:
        answers.until({"v1"})
        _scale(lab, 0)
        answers.until_none_of("v1")
        remote = ask(lab, "primary", shop_url("near", REQUESTS))
        _scale(lab, 1)
        answers.until({"v1"})
    assert answers.failed == []
    assert statuses(remote) == {200: REQUESTS}
    assert set(versions(remote)) <= {"v2", "v3"}


def _scale(lab: Lab, replicas: int) -> None:
    place = ("--namespace", NAMESPACE, "deployment/hello-v1")
    lab.kubectl("primary", "scale", *place, f"--replicas={replicas}")
    lab.kubectl("primary", "rollout", "status", *place, "--timeout=120s")


@pytest.mark.usefixtures("ready")
def test_faults_come_at_the_rate_that_is_set_and_only_when_asked_for(lab: Lab) -> None:
    url = shop_url("faults", REQUESTS)
    aborted = statuses(ask(lab, "primary", url, "--header", "x-fault: abort"))
    assert aborted[418] in bounds(REQUESTS, 0.2), aborted
    assert aborted[418] + aborted[200] == REQUESTS

    few, at_once = 100, ("--parallel", "--parallel-max", "25")
    options = ("--header", "x-fault: delay", *at_once)
    delayed = ask(lab, "primary", shop_url("faults", few), *options)
    assert statuses(delayed) == {200: few}
    late = [answer for answer in delayed if answer.seconds >= 2]
    assert len(late) in bounds(few, 0.3), sorted(answer.seconds for answer in delayed)

    assert statuses(ask(lab, "primary", url)) == {200: REQUESTS}


@pytest.mark.parametrize(
    ("options", "version"),
    [
        ((), "v1"),
        (("--header", "x-user: tester"), "v2"),
        (("--header", "x-user: tester2"), "v1"),
        (("--cookie", "a=b; group=beta"), "v3"),
        (("--cookie", "group=alpha"), "v1"),
    ],
)
@pytest.mark.usefixtures("ready")
def test_headers_and_cookies_choose_the_version(
    lab: Lab, options: tuple[str, ...], version: str
) -> None:
    assert versions(ask(lab, "primary", shop_url("canary", 50), *options)) == {version: 50}


@pytest.mark.usefixtures("ready")
def test_a_client_with_its_cookie_comes_back_to_the_same_pod(lab: Lab) -> None:
    """Each request is a connection of its own, which a proxy would tell apart without a cookie.

    Of the versions near this client each has one pod, and there is one behind the gateway.
    """
    without = versions(ask(lab, "secondary", shop_url("sticky", 60), *CLOSE))
    assert len(without) > 1, without
    for number in range(5):
        jar = f"/tmp/jar-{number}"  # noqa: S108 in the client's pod
        kept = ("--cookie", jar, "--cookie-jar", jar)
        assert len(versions(ask(lab, "secondary", shop_url("sticky", 30), *kept, *CLOSE))) == 1


@pytest.mark.usefixtures("ready")
def test_copies_of_requests_arrive_and_their_answers_do_not(lab: Lab) -> None:
    path = f"copied/{time.time_ns()}"
    answers = ask(lab, "primary", shop_url("mirror", 100, path))
    assert versions(answers) == {"v1": 100}
    _until(lambda: _asked(lab, "v2", path) == 100)
    assert _asked(lab, "v1", path) == 100
    assert _asked(lab, "v3", path) == 0


def _asked(lab: Lab, version: str, path: str) -> int:
    key = next(key for key, found in PODS.items() if version in found)
    words = ("logs", f"deployment/work-{version}", "--container", "work", "--tail=-1")
    return lab.kubectl(key, "--namespace", NAMESPACE, *words).count(f"asked /{path}?")


@pytest.mark.usefixtures("ready")
def test_what_is_beyond_the_limits_of_a_pool_is_refused_at_once(lab: Lab) -> None:
    one_by_one = ask(lab, "primary", shop_url("pool", 20, "wait/10"))
    assert statuses(one_by_one) == {200: 20}

    at_once = ("--parallel", "--parallel-immediate", "--parallel-max", "12")
    many = ask(lab, "primary", shop_url("pool", 12, "wait/3000"), *at_once)
    found = statuses(many)
    # Two connections and two that wait, in each of the proxy's threads.
    assert found[200] >= 2, found
    assert found[503] >= 4, found
    assert found.total() == 12
    assert max(answer.seconds for answer in many if answer.status == 503) < 3


@pytest.mark.usefixtures("ready")
def test_a_client_waits_as_long_as_the_timeout_says(lab: Lab) -> None:
    (answer,) = ask(lab, "primary", shop_url("slow", 1, "wait/5000"))
    assert answer.status == 504
    assert 1 <= answer.seconds < 4


@pytest.mark.usefixtures("ready")
def test_tries_and_outlier_detection_hide_a_pod_that_fails(lab: Lab) -> None:
    answers = ask(lab, "primary", shop_url("flaky", 200))
    assert versions(answers) == {"good": 200}
    assert statuses(answers) == {200: 200}
    hosts = {
        host["stats"]["rq_error"]: host["health_status"]
        for host in _hosts(lab, f"outbound|5000||flaky.{NAMESPACE}.svc.cluster.local")
    }
    failed = max(hosts)
    # It was asked until it was left out, and hardly once more.
    assert 3 <= failed < 20, hosts
    assert hosts[failed].get("failed_outlier_check"), hosts


def _hosts(lab: Lab, cluster: str) -> list[dict[str, Any]]:
    """The endpoints of a cluster of the primary client's proxy."""
    statuses = proxy(lab, "primary", "clusters?format=json")["cluster_statuses"]
    (found,) = [status for status in statuses if status["name"] == cluster]
    return [
        {**host, "stats": {one["name"]: int(one.get("value", 0)) for one in host["stats"]}}
        for host in found.get("host_statuses", ())
    ]


@pytest.mark.usefixtures("ready")
def test_what_another_cluster_alone_has_answers_by_its_name(lab: Lab) -> None:
    """There is no Service of that name beside the client, and so none in its cluster's DNS."""
    for key in KEYS:
        assert versions(ask(lab, key, shop_url("only", 20))) == {"v2": 20}


@pytest.mark.usefixtures("ready")
def test_what_is_kept_in_its_cluster_is_not_reached_from_another(lab: Lab) -> None:
    assert versions(ask(lab, "secondary", shop_url("local", 20))) == {"v2": 20}
    assert statuses(ask(lab, "primary", shop_url("local", 5))) == {503: 5}


@pytest.mark.parametrize("service", ["near", "clusters", "split", "sticky", "shares", "thirds"])
def test_proxies_were_given_the_order_that_is_explained(
    lab: Lab, ready: Path, *, service: str
) -> None:
    words = ("traffic", "explain", f"{NAMESPACE}/{service}", "--stack", STACK, "--json")
    said = run(lab.paths, sys.executable, "-m", "ops", *words, "--config-file", ready)
    assert said.code == 0, said.text
    (way,) = json.loads(said.out)["clients"]["primary"]
    host = f"{service}.{NAMESPACE}.svc.cluster.local"
    for choice in way["choices"]:
        subset = choice["subset"] or ""
        given = defaultdict(set)
        for endpoint in _hosts(lab, f"outbound|5000|{subset}|{host}"):
            given[endpoint.get("priority", 0)].add(endpoint["locality"]["region"])
        steps = [_regions(step["clusters"], subset) for step in choice["steps"]]
        assert [given[priority] for priority in sorted(given)] == [step for step in steps if step]


def _regions(clusters: list[str], subset: str) -> set[str]:
    """The regions of those clusters that have pods of the subset."""
    version = subset.partition("-")[0]
    has_pods = [key for key in clusters if version in {"", "in", *PODS[key]}]
    return {REGIONS[key] for key in has_pods}
