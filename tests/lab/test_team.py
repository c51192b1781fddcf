"""A team gets on: what docs/teams.md says, with rights in one namespace only."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
import yaml

from tests.lab.changing import becomes
from tests.lab.stack_kit import KEYS, Lab, run

pytestmark = pytest.mark.lab_all

EXAMPLE = "examples/team-service"
SOMEBODY = {"as": "somebody@example.com", "as-groups": ["ocid1.group.oc1..replace-with-your-team"]}
AS_TEAM = (f"--as={SOMEBODY['as']}", f"--as-group={SOMEBODY['as-groups'][0]}")
URL = "http://cart.shop:8080/hello"
REQUESTS = 200


def _team(lab: Lab, key: str, *words: str) -> str:
    """kubectl of somebody who is in the team, and nothing else."""
    return lab.kubectl(key, *AS_TEAM, "--namespace", "shop", *words)


@pytest.fixture(scope="module")
def shop(lab: Lab) -> Iterator[None]:
    """The team's service in both clusters, and a client beside it."""
    for key in KEYS:
        lab.kubectl(key, "apply", "--filename", f"{EXAMPLE}/platform.yaml")
        _team(lab, key, "apply", "--filename", f"{EXAMPLE}/service.yaml")
    for key in KEYS:
        _team(lab, key, "rollout", "status", "deployment/cart-v1", "--timeout=180s")
    yield
    for key in KEYS:
        lab.kubectl(key, "delete", "namespace", "shop")


@pytest.fixture(scope="module")
def client(lab: Lab, shop: None) -> str:
    """A pod of the team's in the first cluster."""
    lab.start_client(KEYS[0], "shop", "client", *AS_TEAM)
    return "client"


def _asked(lab: Lab, pod: str, count: int) -> Counter[str]:
    """Who answered: version, or the status of what was no answer."""
    words = ("curl", "--silent", "--max-time", "15", "--write-out", r"%{http_code}\n")
    urls = f"{URL}?[1-{count}]"
    said = _team(lab, KEYS[0], "exec", pod, "--container", pod, "--", *words, urls)
    lines = said.splitlines()
    answers = [line.split(",")[0].rpartition(" ")[2] for line in lines if line.startswith("Hello")]
    failed = [line for line in lines if line.isdigit() and line != "200"]
    return Counter([*answers, *failed])


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("namespace", "verb", "kind", "answer"),
    [
        ("shop", "create", "deployments", "yes"),
        ("sample", "create", "deployments", "no"),
        ("istio-system", "get", "secrets", "no"),
        ("istio-system", "create", "virtualservices.networking.istio.io", "no"),
    ],
)
def test_the_team_may_do_in_its_namespace_alone(
    lab: Lab, *, namespace: str, verb: str, kind: str, answer: str
) -> None:
    words = ("auth", "can-i", verb, kind, "--namespace", namespace)
    assert [lab.try_kubectl(key, *AS_TEAM, *words).out.strip() for key in KEYS] == [answer] * 2


@pytest.mark.usefixtures("shop")
def test_the_team_proves_its_service_with_its_own_rights(lab: Lab) -> None:
    outputs = lab.outputs(with_secrets=True)
    merged = yaml.safe_load(outputs["mergedKubeconfig"])
    for user in merged["users"]:
        user["user"] |= SOMEBODY
    given = json.dumps({**outputs, "mergedKubeconfig": yaml.safe_dump(merged)})
    words = ("verify", "--json", "--service", "shop/cart:8080", "--path", "/hello")
    said = run(lab.paths, sys.executable, "-m", "ops", *words, given=given)
    assert said.code == 0, said.text
    pairs = json.loads(said.out)["pairs"]
    assert {(p["client"], p["server"]) for p in pairs if p["count"]} >= {(k, k) for k in KEYS}
    assert all(pair["mtls"] for pair in pairs if pair["count"])


def test_a_fifth_goes_to_the_new_version_and_a_lost_region_fails_nobody(
    lab: Lab, client: str
) -> None:
    for key in KEYS:
        _team(lab, key, "apply", "--filename", f"{EXAMPLE}/rules.yaml")
    for key in KEYS:
        _team(lab, key, "rollout", "status", "deployment/cart-v2", "--timeout=180s")
    becomes(partial(_asked, lab, client, 20), lambda found: set(found) == {"v1", "v2"})
    found = _asked(lab, client, REQUESTS)
    assert set(found) == {"v1", "v2"}
    # Of two hundred, a fifth is 40 with a standard deviation of 5.7: four of them.
    assert abs(found["v2"] - REQUESTS / 5) < 23, found

    for version in ("v1", "v2"):
        _team(lab, KEYS[0], "scale", f"deployment/cart-{version}", "--replicas=0")
    _team(lab, KEYS[0], "wait", "--for=delete", "pod", "--selector=app=cart", "--timeout=120s")
    assert set(_asked(lab, client, REQUESTS)) == {"v1", "v2"}
