"""What `ops drill` refuses before it touches anything, and a service of one's own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ops import drill_world
from tests.ops import verify_answers as answers
from tests.ops.drill_world import RULES, SAMPLE_PODS, SERVED, SYSTEM, Drill, changes, rule
from tests.ops.verify_world import NUMBERS, World

HOST = "helloworld.sample.svc.cluster.local"
SERVICE = ("--service", "sample/helloworld", "--path", "/hello")


def refusal(drill: Drill, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert drill(*words) == 2
    return capsys.readouterr().err.splitlines()[-1].removeprefix("ops drill: ")


def make_remote(world: World) -> None:
    world.outputs["clusters"]["secondary"]["role"] = "remote"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("pod", "--cluster", "prinary"),
            "--cluster: is not a cluster of the mesh, got 'prinary'; the clusters are primary,",
        ),
        (
            ("istiod", "--cluster", "secondary"),
            "--cluster: secondary is none that has an istiod of its own; choose primary",
        ),
        (
            ("latency", "--cluster", "secondary"),
            "--cluster: secondary is none that has the service, and an istiod of its own; choose",
        ),
        (
            ("east-west",),
            "east-west: no cluster of the mesh has an east-west gateway; choose another drill",
        ),
        (
            ("pod", "--service", "sample/none"),
            "no cluster has the Service sample/none; name one that you may read, with --service",
        ),
        (("pod", "--service", "helloworld:81x"), "--service: is no Service, got"),
        (("pod", "--service", "sample/helloworld:81"), "sample/helloworld: has no port 81"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_not_there_is_refused(
    drill: Drill,
    world: World,
    capsys: pytest.CaptureFixture[str],
    *,
    words: tuple[str, ...],
    message: str,
) -> None:
    make_remote(world)
    for cluster in world.outputs["clusters"].values():
        cluster["eastWestAddress"] = None
    assert refusal(drill, capsys, *words).startswith(message)
    assert changes(world) == []


def test_without_samples_somebody_has_to_be_named(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.outputs["mesh"]["samples"] = False
    assert refusal(drill, capsys, "pod") == (
        "mesh.samples is false, so nobody is there to be asked; name a service of your own with "
        "--service namespace/name"
    )
    assert refusal(drill, capsys, "ingress", *SERVICE) == (
        "ingress: nobody would ask through the gateways, since mesh.samples is false; set it to "
        "true for the drill"
    )
    assert changes(world) == []


def test_a_gateway_that_is_not_asked_from_here_is_not_drilled(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    pods = [item for item in drill_world.system("primary") if item["kind"] == "Pod"]
    internal = answers.balancer("istio-ingressgateway", "127.0.0.1", internal=True)
    world.set("primary", SYSTEM, answers.listing(*pods, internal))
    assert refusal(drill, capsys, "ingress", "--cluster", "primary") == (
        "ingress: the gateway of primary has an internal load balancer, which is not asked from "
        "here; name another with --cluster"
    )


@pytest.mark.parametrize(
    "made",
    [
        rule("canary", "helloworld"),
        rule("canary", HOST, namespace="istio-system"),
        rule("canary", "*.sample.svc.cluster.local", namespace="shop"),
        rule("canary", "other.shop", "helloworld.sample", gateways=["istio-system/way", "mesh"]),
    ],
    ids=["by its short name", "from the root", "by a pattern", "by the mesh's gateway"],
)
def test_a_host_that_has_a_rule_gets_no_second(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str], *, made: dict[str, Any]
) -> None:
    world.set("primary", RULES, answers.listing(drill_world.own_route(), made))
    assert refusal(drill, capsys, "latency") == (
        f"latency: {HOST} has a VirtualService in primary, got {made['metadata']['namespace']}/"
        "canary; name a service without one, or set a fault in the rule that is there "
        "(docs/traffic.md)"
    )
    assert changes(world) == []


@pytest.mark.parametrize(
    "made",
    [
        rule("way-in", HOST, gateways=["istio-system/shop"]),
        rule("another", "helloworld", namespace="shop"),
        rule("another", "helloworld-in-primary"),
    ],
    ids=["of a gateway", "of another namespace", "of another service"],
)
def test_a_rule_that_is_for_others_is_none_of_the_drills(
    drill: Drill, world: World, *, made: dict[str, Any]
) -> None:
    world.set("primary", RULES, answers.listing(made))
    drill("latency")
    assert changes(world)[0] == "primary-cluster create"


def test_what_a_killed_drill_left_is_told_with_its_end(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("primary", RULES, answers.listing(rule("oke-mesh-drill-latency", HOST)))
    assert refusal(drill, capsys, "latency") == (
        "latency: primary still has the rule of a drill that was killed; delete it with `kubectl "
        "--context primary-cluster delete virtualservices.networking.istio.io "
        "oke-mesh-drill-latency --namespace sample --ignore-not-found`"
    )


def test_pods_that_nothing_brings_back_stay(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    items = drill_world.served("primary")
    for item in items:
        item["metadata"].pop("ownerReferences", None)
    world.set("primary", SERVED, answers.listing(*items))
    assert refusal(drill, capsys, "pod") == (
        "primary: nothing would bring back helloworld-v1-abc, made by no Deployment; name a "
        "service whose pods are"
    )


def test_a_region_whose_pods_are_not_of_deployments_stays(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    items = [item for item in drill_world.served("primary") if item["kind"] != "Deployment"]
    world.set("primary", SERVED, answers.listing(*items))
    assert refusal(drill, capsys, "region") == (
        "region: the pods of sample/helloworld in primary are not all of Deployments, got none; "
        "name a service whose pods are"
    )


def test_a_part_of_istio_that_is_not_ready_is_told(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("primary", SYSTEM, answers.listing())
    assert refusal(drill, capsys, "istiod") == (
        "istiod: primary has no ready pod of istiod; see `kubectl --context primary-cluster get "
        "pods -n istio-system`"
    )


def test_a_cluster_out_of_reach_ends_it(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("secondary", SYSTEM, code=1, err="i/o timeout\n")
    assert refusal(drill, capsys, "pod") == (
        "clusters.secondary: cannot be seen, got 'i/o timeout'; a drill begins with a mesh that is "
        "well, so look at `python -m ops verify` first"
    )


def test_a_client_that_is_missing_ends_it(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    items = [i for i in drill_world.served("secondary") if i["metadata"]["name"] != "curl-abc"]
    world.set("secondary", SERVED, answers.listing(*items))
    assert refusal(drill, capsys, "pod") == (
        "secondary: there is no ready pod of curl in the namespace sample; look at `kubectl "
        "--context secondary-cluster get pods -n sample`"
    )
    assert changes(world) == []


@pytest.mark.parametrize(
    "words", [("--seconds", "0"), ("--delay", "6"), ("--timeout", "301"), ("--max-failed", "-1")]
)
def test_numbers_out_of_their_bounds_are_refused(drill: Drill, words: tuple[str, str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        drill("latency", *words, yes=False) if words[0] != "--timeout" else drill(
            "latency", timeout=words[1]
        )


def make_own(world: World) -> None:
    """Let there be no samples, and rights to make a client."""
    world.outputs["mesh"]["samples"] = False
    for key in NUMBERS:
        for word in ("run oke-mesh-verify-", "wait pod/oke-mesh", "delete pod oke-mesh-verify-"):
            world.set(key, word, "")


def test_a_service_of_ones_own_is_asked_by_a_pod_that_goes_again(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    make_own(world)
    # Its own errors are its own affair.
    world.streamed = lambda _: "ended 404 0.010 \n"
    assert drill("region", *SERVICE) == 0
    out, err = capsys.readouterr()
    assert "  makes a pod in sample of each to ask from, and deletes it\n" in err
    assert "through" not in out + err
    words = [line.split()[1:3] for line in changes(world)]
    assert [one for one, *_ in words].count("run") == 2
    assert [line for line in changes(world) if "delete pod oke-mesh-verify-" in line] == (
        changes(world)[-2:]
    )


def test_a_client_that_cannot_be_made_ends_it_and_those_before_it_go(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    make_own(world)
    world.set("secondary", "run oke-mesh-verify-", code=1, err="forbidden\n")
    assert refusal(drill, capsys, "region", *SERVICE) == (
        "secondary: the client could not be made, got 'forbidden'; see whether you may create, "
        "exec into and delete pods of sample"
    )
    assert "primary-cluster delete pod oke-mesh-verify-" in changes(world)[-1]
    assert [line for line in changes(world) if "scale" in line] == []


def test_a_service_that_is_in_one_cluster_alone_is_told_as_an_outage(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    make_own(world)
    world.set("secondary", SERVED, answers.listing())
    world.set("primary", SAMPLE_PODS, answers.listing(*drill_world.served("primary")))
    assert drill("pod", *SERVICE) == 0
    err = capsys.readouterr().err
    assert "asks sample/helloworld 10 times a second from each of primary\n" in err
    assert "  an OUTAGE of what is taken away: no other pod answers meanwhile" in err
