"""`ops ready`, from its command line to its exit code: what is told, and what makes it red."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from ops.__main__ import main
from ops.commands import ready as command
from ops.ready import suite
from ops.ready.items import TITLES, Item
from ops.ready.whole import State, judge_whole
from ops.verify.checks import Status
from tests.ops import ready_world
from tests.ops import verify_answers as answers
from tests.ops.verify_world import NUMBERS, World, checks, fake

Ready = Callable[..., int]
Told = Callable[..., dict[str, str]]

TEXT = """\
ok      the last update ended with a verified mesh (1 of 1)
        oke-mesh: 100 requests from each cluster
ok      istiod and every gateway have two ready pods or more (2 of 2)
        primary: istiod 2, istio-ingressgateway 2, istio-eastwestgateway 2
        secondary: istiod 2, istio-ingressgateway 2, istio-eastwestgateway 2
"""


@pytest.fixture
def ready(world: World, monkeypatch: pytest.MonkeyPatch) -> Ready:
    """A mesh in production, until a test changes something."""
    ready_world.make_ready(world)
    monkeypatch.setattr(suite, "opened", lambda _: fake(world))
    monkeypatch.setattr(command, "load_outputs", lambda *_, **__: world.outputs)
    monkeypatch.setattr(command, "backend", lambda: "https://api.pulumi.com")
    monkeypatch.setattr(command, "load_resources", lambda _: ready_world.resources())
    return lambda *words: main(["ready", "--stack", "dev", *words])


@pytest.fixture
def told(ready: Ready, capsys: pytest.CaptureFixture[str]) -> Told:
    """What was seen of the checks of a status, and the exit code that goes with it."""

    def run(status: str = "FAILED", *, code: int = 1) -> dict[str, str]:
        assert ready("--json") == code
        return checks(capsys.readouterr().out, status)

    return run


def test_a_mesh_in_production_is_told_with_what_was_seen(
    ready: Ready, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ready() == 0
    out = capsys.readouterr().out
    assert out.startswith(TEXT)
    assert out.splitlines()[-1] == "oke-mesh: ready"


def test_everything_is_asked_once_of_each_cluster_or_of_the_stack(
    ready: Ready, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ready("--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ready"] is True
    assert [*dict.fromkeys(check["kind"] for check in found["checks"])] == [*Item]
    assert {check["title"] for check in found["checks"]} == {*TITLES.values()}
    assert {check["status"] for check in found["checks"]} == {"ok"}
    assert all(check["seen"] for check in found["checks"])


def _without(app: str) -> list[dict[str, Any]]:
    return [i for i in ready_world.system("primary") if not i["metadata"]["name"].startswith(app)]


def _changed(change: Callable[[dict[str, Any]], object], *names: str) -> list[dict[str, Any]]:
    items = ready_world.system("primary")
    for item in items:
        if item["metadata"]["name"] in names or not names:
            change(item)
    return items


def _of(
    kind: str, change: Callable[[dict[str, Any]], object]
) -> Callable[[dict[str, Any]], object]:
    return lambda item: change(item) and None if item["kind"] == kind else None


RED_SYSTEM: Mapping[str, tuple[list[dict[str, Any]], dict[str, str]]] = {
    "one istiod": (
        _changed(_of("Deployment", lambda i: i["status"].update(readyReplicas=1)), "istiod"),
        {"replicas primary": "istiod has 1"},
    ),
    "a budget that lets nobody go": (
        _changed(
            _of("PodDisruptionBudget", lambda i: i["status"].update(disruptionsAllowed=0)),
            "istiod",
        ),
        {"budgets primary": "istiod lets none go now"},
    ),
    "no budget": (
        [i for i in ready_world.system("primary") if i["kind"] != "PodDisruptionBudget"],
        {
            "budgets primary": "istiod has none; istio-ingressgateway has none; "
            "istio-eastwestgateway has none"
        },
    ),
    "both pods on one node": (
        _changed(lambda i: i["spec"].update(nodeName="node-1"), "istiod-2"),
        {"spread primary": "istiod is on node-1 alone"},
    ),
    "both nodes of a workload in one fault domain": (
        [
            *_changed(lambda i: i["spec"].update(nodeName="node-3"), "istiod-2"),
            {
                **ready_world.node(1),
                "metadata": {**ready_world.node(1)["metadata"], "name": "node-3"},
            },
        ],
        {"spread primary": "istiod is in FAULT-DOMAIN-1 alone"},
    ),
    "a container without requests": (
        _changed(
            lambda i: i["spec"]["containers"][0]["resources"].update(requests={"cpu": "1"}),
            "istiod-1",
        ),
        {"requests primary": "istiod/discovery asks for no memory"},
    ),
    "one node that is ready": (
        _changed(
            lambda i: i["status"].update(conditions=[{"type": "Ready", "status": "False"}]),
            "node-2",
        ),
        {"nodes primary": "1 of 2"},
    ),
    "a node of another minor version": (
        _changed(lambda i: i["status"].update(nodeInfo={"kubeletVersion": "v1.33.9"}), "node-2"),
        {"versions primary": "node-2 is v1.33.9, the API v1.34.2"},
    ),
    "another istiod": (
        _changed(
            lambda i: i["spec"]["containers"][0].update(image="docker.io/istio/pilot:1.30.2"),
            "istiod-1",
        ),
        {"versions primary": "istiod is docker.io/istio/pilot:1.30.2, not 1.31.0"},
    ),
    "an injector at a public address": (
        [
            *ready_world.system("primary"),
            {
                **answers.balancer("istio-eastwestgateway", "203.0.113.9"),
                "spec": {"type": "LoadBalancer", "ports": [{"port": 15443}, {"port": 15017}]},
            },
        ],
        {"injector primary": "istio-eastwestgateway has port 15017 at 203.0.113.9"},
    ),
}


@pytest.mark.parametrize(("items", "failed"), RED_SYSTEM.values(), ids=RED_SYSTEM)
def test_what_a_cluster_lacks_is_told(
    world: World,
    told: Told,
    *,
    items: list[dict[str, Any]],
    failed: dict[str, str],
) -> None:
    world.set("primary", ready_world.SYSTEM, answers.listing(*items))
    assert told() == failed


def _policy(namespace: str, mode: str, **spec: Any) -> dict[str, Any]:
    made = answers.policy(mode)
    made["metadata"] |= {"name": "own", "namespace": namespace}
    made["spec"] |= spec
    return made


RED_POLICIES: Mapping[str, tuple[list[dict[str, Any]], dict[str, str]]] = {
    "a namespace that takes plaintext": (
        [*ready_world.policies(), _policy("shop", "PERMISSIVE")],
        {"mtls primary": "shop/own is PERMISSIVE"},
    ),
    "a port that takes plaintext": (
        [
            *ready_world.policies(),
            _policy("shop", "STRICT", portLevelMtls={"8080": {"mode": "DISABLE"}}),
        ],
        {"mtls primary": "shop/own at port 8080 is DISABLE"},
    ),
    "nothing for the whole mesh": (
        ready_world.policies()[1:],
        {"mtls primary": "nothing asks the whole mesh for mutual TLS"},
    ),
    "nobody denied": (
        ready_world.policies()[:1],
        {"authorization primary": "every workload of the mesh may ask every other"},
    ),
}


@pytest.mark.parametrize(("items", "failed"), RED_POLICIES.values(), ids=RED_POLICIES)
def test_policies_that_are_too_weak_are_told(
    world: World,
    told: Told,
    *,
    items: list[dict[str, Any]],
    failed: dict[str, str],
) -> None:
    world.set("primary", ready_world.POLICIES, answers.listing(*items))
    assert told() == failed


def test_a_remote_is_not_asked_for_policies(world: World, told: Told) -> None:
    world.outputs["clusters"]["secondary"]["role"] = "remote"
    assert "mtls secondary" not in told("ok", code=0)
    assert [line for line in world.lines if "secondary" in line and "peerauth" in line] == []


@pytest.mark.parametrize(
    ("part", "answer", "seen"),
    [
        (ready_world.ALERTS, answers.listing(), "there is no Alertmanager"),
        (ready_world.STATUS, ready_world.status(), "monitoring/alertmanager-0 tells nobody"),
    ],
    ids=["no Alertmanager", "no receiver that sends"],
)
def test_alerts_that_reach_nobody_are_told(
    world: World,
    told: Told,
    *,
    part: str,
    answer: str,
    seen: str,
) -> None:
    world.set("primary", part, answer)
    assert told() == {"alerts primary": seen}


@pytest.mark.parametrize(
    ("root", "intermediate", "seen"),
    [
        (timedelta(days=300), answers.YEARS, "the root ends in 299 days"),
        (answers.YEARS, timedelta(days=20), "the intermediate ends in 19 days"),
    ],
    ids=["root", "intermediate"],
)
def test_certificates_near_their_end_are_told(
    world: World,
    told: Told,
    *,
    root: timedelta,
    intermediate: timedelta,
    seen: str,
) -> None:
    world.outputs["mesh"]["rootCaPem"] = answers.certificate("root", root)
    chain = answers.own_certificate() + answers.certificate("intermediate", intermediate)
    for key in NUMBERS:
        world.set(key, "dynamic_active_secrets", answers.proxy_secrets(chain))
    assert told() == {f"certificates {key}": seen for key in NUMBERS}


def test_an_api_with_a_public_address_is_told(world: World, told: Told) -> None:
    world.outputs["clusters"]["primary"]["publicEndpoint"] = "https://198.51.100.7:6443"
    assert told() == {"api primary": "it is at https://198.51.100.7:6443 too"}


def test_a_cluster_that_does_not_answer_is_told_and_the_others_are_asked(
    world: World, told: Told
) -> None:
    world.set("primary", ready_world.SYSTEM, code=1, err="Unable to connect to the server\n")
    assert told() == {"nodes primary": "Unable to connect to the server"}
    assert "nodes secondary" in told("ok")


@pytest.mark.usefixtures("ready")
def test_outputs_without_their_stack_leave_the_state_unasked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["ready", "--json"]) == 0
    skipped = checks(capsys.readouterr().out, "skipped")
    assert set(skipped) == {"state oke-mesh", "protection oke-mesh"}


RED_WHOLE: Mapping[str, tuple[dict[str, Any], State, dict[str, str]]] = {
    "never verified": (
        {"verification": None},
        State(backend="https://api.pulumi.com", resources=()),
        {"verified": "verification is off"},
    ),
    "a name by HTTP": (
        {"hosts": {"shop": {"primary": ["http://shop.example.com/"]}}},
        State(backend="https://api.pulumi.com", resources=()),
        {"https": "http://shop.example.com/"},
    ),
    "samples": (
        {"mesh": {"id": "oke-mesh", "samples": True}},
        State(backend="https://api.pulumi.com", resources=()),
        {"samples": "helloworld answers everybody"},
    ),
    "a state on one machine": (
        {},
        State(backend="file:///srv/states", resources=()),
        {"state": "it is on this machine alone"},
    ),
    "a cluster that may be deleted": (
        {},
        State(
            backend="https://api.pulumi.com",
            resources=ready_world.resources(primary_cluster=False),
        ),
        {"protection": "primary-cluster is not"},
    ),
    "a root that may be deleted": (
        {},
        State(
            backend="https://api.pulumi.com", resources=ready_world.resources(pki_root_key=False)
        ),
        {"protection": "pki-root-key is not"},
    ),
}


@pytest.mark.parametrize(("outputs", "state", "failed"), RED_WHOLE.values(), ids=RED_WHOLE)
def test_what_the_stack_lacks_is_told(
    outputs: dict[str, Any], state: State, failed: dict[str, str]
) -> None:
    good = {"mesh": {"id": "oke-mesh"}, "verification": {"passed": True, "requests": 100}}
    found = judge_whole({**good, **outputs}, state)
    assert {c.kind: c.seen for c in found if c.status is Status.FAILED} == failed


def test_a_bucket_is_the_operators_to_look_at() -> None:
    outputs = {"mesh": {"id": "oke-mesh"}}
    found = judge_whole(outputs, State(backend="s3://states?endpoint=example.com", resources=()))
    skipped = {c.kind: c.seen for c in found if c.status is Status.SKIPPED}
    assert skipped[Item.STATE] == "it is in s3://states: see that it keeps versions"
