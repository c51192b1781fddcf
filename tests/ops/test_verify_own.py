"""`ops verify --service`: a service of one's own, with rights in its namespace only."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ops.errors import OpsError
from ops.verify import own
from ops.verify.own import target_of
from tests.ops import verify_answers as answers
from tests.ops.verify_world import MARKS, NUMBERS, Verify, World, checks, counts, fake

# The stand-ins count and configure helloworld; it is somebody's own service here.
SERVICE = ("--service", "sample/helloworld", "--path", "/hello")


def service(*ports: int) -> dict[str, Any]:
    return {
        "kind": "Service",
        "metadata": {"name": "helloworld", "namespace": "sample"},
        "spec": {"selector": {"app": "helloworld"}, "ports": [{"port": p} for p in ports]},
    }


def codes(found: dict[str, int]) -> str:
    return "".join(f"answered {code} \n" * count for code, count in found.items())


@pytest.fixture(autouse=True)
def _own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service in both clusters; other commands than these are not allowed."""
    monkeypatch.setattr(own, "opened", lambda _: fake(world))
    for key, number in NUMBERS.items():
        near = 6 if key == "primary" else 4
        listed = answers.listing(service(5000), answers.hello_pod(f"v{number}", f"10.{number}.1.7"))
        counted = [{"out": counts(key, 0, 0)}, {"out": counts(key, near, 10 - near)}]
        texts = {
            "get services,pods --namespace sample": listed,
            "run oke-mesh-verify-": "",
            "wait pod/oke-mesh-verify-": "",
            "delete pod oke-mesh-verify-": "",
            "curl --silent": codes({"200": 9, "404": 1}),
            "include_eds": json.dumps(answers.envoy_config(MARKS)),
        }
        world.answers[f"{key}-cluster"] = {
            **{part: {"out": text} for part, text in texts.items()},
            "clusters?format=json": counted,
        }


def test_counts_ways_and_mutual_tls_are_shown(
    verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(*SERVICE) == 0
    table = capsys.readouterr().out.strip().splitlines()
    assert table[:3] == [
        "10 requests      v1 in primary                     v2 in secondary",
        "from primary     6 local, mTLS                     4 gateway 10.2.0.66:15443, mTLS",
        "from secondary   6 gateway 10.1.0.66:15443, mTLS   4 local, mTLS",
    ]
    assert table[-1] == "oke-mesh, sample/helloworld: verified"


def test_no_other_namespace_is_touched_and_no_pod_is_left(world: World, verify: Verify) -> None:
    assert verify(*SERVICE) == 0
    assert [line for line in world.lines if "--namespace sample" not in line] == []
    made = {line.split()[2] for line in world.lines if line.split()[1] == "run"}
    gone = {line.split()[3] for line in world.lines if line.split()[1] == "delete"}
    assert len(made) == 2
    assert made == gone


def test_a_client_that_does_not_come_up_is_deleted_all_the_same(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("primary", "wait pod/oke-mesh-verify-", code=1, err="timed out\n")
    assert verify(*SERVICE, "--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {"answers primary": "timed out"}
    words = [line.split()[1] for line in world.lines if line.startswith("primary-cluster ")]
    assert words[-1] == "delete"


def test_requests_that_fail_make_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("primary", "curl --silent", codes({"200": 9, "503": 1}))
    assert verify(*SERVICE, "--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "answers primary": "9 of 10 answered, the last other: HTTP 503"
    }


def test_plaintext_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    unmarked = answers.envoy_config({"10.1.1.7:5000": {}, "10.2.0.66:15443": {}})
    world.set("primary", "include_eds", json.dumps(unmarked))
    assert verify(*SERVICE, "--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "mtls primary -> primary": "plaintext to 10.1.1.7:5000",
        "mtls primary -> secondary": "plaintext to 10.2.0.66:15443",
    }


def test_a_way_round_the_gateway_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    direct = [
        json.dumps(answers.envoy_clusters({"10.1.1.7:5000": near, "10.2.1.7:5000": far}))
        for near, far in ((0, 0), (6, 4))
    ]
    world.set("primary", "clusters?format=json", *direct)
    marks = {f"10.{number}.1.7:5000": {"tlsMode": "istio"} for number in NUMBERS.values()}
    world.set("primary", "include_eds", json.dumps(answers.envoy_config(marks)))
    assert verify(*SERVICE, "--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "path primary -> secondary": "went to 10.2.1.7:5000, not through an east-west gateway"
    }


def test_an_endpoint_that_nobody_knows_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.outputs["clusters"]["secondary"]["eastWestAddress"] = "10.2.0.67"
    assert verify(*SERVICE, "--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "path primary -> elsewhere": "4 requests went to 10.2.0.66:15443",
        "endpoints primary -> secondary": "the proxy of the client knows no way to 1 ready pods",
    }


def test_a_cluster_that_load_balancing_leaves_out_is_told_and_no_fault(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("primary", "clusters?format=json", counts("primary", 0, 0), counts("primary", 10, 0))
    assert verify(*SERVICE, "--json") == 0
    assert checks(capsys.readouterr().out, "skipped") == {
        "path primary -> secondary": (
            "no request went there; its load balancing knows 10.2.0.66:15443"
        )
    }


def test_a_cluster_without_the_service_asks_nothing(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("secondary", "get services,pods --namespace sample", answers.listing())
    world.set("primary", "clusters?format=json", counts("primary", 0, 0), counts("primary", 10, 0))
    assert verify(*SERVICE) == 0
    assert "secondary" not in capsys.readouterr().out


def test_a_service_that_is_nowhere_cannot_be_asked(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in NUMBERS:
        world.set(key, "get services,pods --namespace sample", code=1, err="forbidden\n")
    assert verify(*SERVICE) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "ops verify: no cluster has the Service sample/helloworld, got 'forbidden'; name one that "
        "you may read"
    )


def test_a_port_that_it_does_not_have_is_refused(
    verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify("--service", "sample/helloworld:81") == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "ops verify: sample/helloworld: has no port 81; it has 5000"
    )


@pytest.mark.parametrize("text", ["helloworld", "a/b/c", "a/b:x", "/b"])
def test_what_is_no_service_is_refused(text: str) -> None:
    with pytest.raises(OpsError, match=r"--service: is no Service, got"):
        target_of(text)
