"""What makes `ops verify` red, each by an answer of one cluster that is not as it should be."""

from __future__ import annotations

import json

import pytest

from tests.ops import verify_answers as answers
from tests.ops.verify_world import (
    Verify,
    World,
    checks,
    counts,
    proxies,
    single_output,
    system_items,
)


def test_a_client_that_misses_a_cluster_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("primary", "curl --silent", answers.curl_output({"helloworld-v1-abc": 10}))
    world.set("primary", "clusters?format=json", counts("primary", 0, 0), counts("primary", 10, 0))
    assert verify("--json") == 1
    out = capsys.readouterr().out
    assert checks(out, "FAILED") == {"answers primary": "no answer from secondary"}


def test_requests_that_fail_are_told_with_their_cause(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = answers.curl_output(
        {"helloworld-v1-abc": 6, "helloworld-v2-abc": 3}, "000 Operation timed out"
    )
    world.set("primary", "curl --silent", printed, code=28, err="exit code 28\n")
    assert verify("--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "answers primary": "9 of 10 answered, the last other: Operation timed out"
    }


def test_traffic_that_goes_round_the_gateway_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    def direct(near: int, far: int) -> str:
        return json.dumps(answers.envoy_clusters({"10.1.1.7:5000": near, "10.2.1.7:5000": far}))

    world.set("primary", "clusters?format=json", direct(0, 0), direct(6, 4))
    assert verify("--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "path primary -> secondary": "went to 10.2.1.7:5000, not through an east-west gateway"
    }


def test_a_gateway_that_nobody_knows_is_told(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.outputs["clusters"]["secondary"]["eastWestAddress"] = "10.2.0.67"
    assert verify("--json") == 1
    failed = checks(capsys.readouterr().out, "FAILED")
    assert failed == {
        "loadBalancers secondary": "istio-eastwestgateway should have 10.2.0.67, got 10.2.0.66",
    }


def test_a_proxy_that_speaks_plaintext_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    unmarked = answers.envoy_config({"10.1.1.7:5000": {}, "10.2.0.66:15443": {}})
    world.set("primary", "include_eds", json.dumps(unmarked))
    assert verify("--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "mtls primary -> primary": "plaintext to 10.1.1.7:5000",
        "mtls primary -> secondary": "plaintext to 10.2.0.66:15443",
    }


def test_plaintext_that_is_answered_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("secondary", ":5000/proxy/hello", "Hello version: v2, instance: x\n")
    assert verify("--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {"plaintext secondary": ANSWERED}


ANSWERED = (
    "mesh.mtls is STRICT, and the API server, which is not in the mesh, got an answer on port 5000"
)


def test_without_a_policy_for_the_whole_mesh_plaintext_is_a_fault_and_not_skipped(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    items = [item for item in system_items("secondary") if item["kind"] != "PeerAuthentication"]
    world.set("secondary", "get nodes,pods,services", answers.listing(*items))
    world.set("secondary", ":5000/proxy/hello", "Hello version: v2, instance: x\n")
    assert verify("--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "mode secondary": "mesh.mtls is STRICT, got no PeerAuthentication for the whole mesh",
        "plaintext secondary": ANSWERED,
    }


def test_a_mesh_that_is_to_be_permissive_is_verified_as_such(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.outputs["mesh"]["mtls"] = "PERMISSIVE"
    for key in ("primary", "secondary"):
        items = answers.listing(*system_items(key, mode="PERMISSIVE"))
        world.set(key, "get nodes,pods,services", items)
        world.set(key, ":5000/proxy/hello", "Hello version: v2, instance: x\n")
    assert verify("--json") == 0
    out = capsys.readouterr().out
    assert (checks(out, "FAILED"), checks(out, "skipped")) == ({}, {})


def test_plaintext_is_asked_until_the_proxies_know_the_mode(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = world.answers["secondary-cluster"][":5000/proxy/hello"]
    answered = {"out": "Hello version: v2, instance: x\n"}
    world.answers["secondary-cluster"][":5000/proxy/hello"] = [answered, answered, refused]
    assert verify("--json", timeout="60") == 0
    assert checks(capsys.readouterr().out, "FAILED") == {}


def test_an_api_server_that_reaches_no_pod_measures_nothing(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    timeout = "error trying to reach service: dial tcp 10.2.1.7:15021: i/o timeout"
    world.set("secondary", ":15021/proxy/healthz/ready", err=f"{timeout}\n", code=1)
    assert verify("--json") == 0
    seen = f"not measured: the API server does not reach pods here ({timeout})"
    assert checks(capsys.readouterr().out, "skipped") == {"plaintext secondary": seen}


def test_a_service_of_one_cluster_that_is_not_answered_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("primary", "--connect-to ::helloworld", single_output("secondary", 2, "503"))
    assert verify("--json") == 1
    host = "helloworld-in-secondary.sample.svc.cluster.local"
    assert checks(capsys.readouterr().out, "FAILED") == {
        "single primary -> secondary": (
            f"2 of 3 requests to {host} answered by its pods, the last other: 503"
        )
    }


def test_a_token_that_the_api_does_not_take_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    unauthorized = "error: You must be logged in to the server (Unauthorized)"
    world.set("secondary", "endpointslices?limit=1", err=f"{unauthorized}\n", code=1)
    assert verify("--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "credentials primary -> secondary": unauthorized
    }


def test_an_istiod_that_lost_a_clusters_endpoints_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    near = answers.shardz({"primary-cluster": [answers.endpoint("10.1.1.7")]})
    world.set("primary", "debug/endpointShardz", json.dumps(near))
    assert verify("--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "endpoints primary": "istiod-abc does not know helloworld-v2-abc of secondary-cluster"
    }


def test_a_gateway_that_trusts_another_root_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    other = answers.proxy_secrets(roots=answers.certificate("other"))
    gateway = "istio-ingressgateway-abc --container istio-proxy -- pilot-agent request GET"
    world.set("secondary", gateway, other)
    assert verify("--json") == 1
    failed = checks(capsys.readouterr().out, "FAILED")
    assert list(failed) == ["root secondary"]
    assert failed["root secondary"].startswith("istio-ingressgateway-abc trusts ")


def test_a_proxy_of_another_minor_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    own = proxies("secondary")
    own["shop.shop"] = answers.proxy("shop.shop", "secondary-cluster", istio_version="1.29.6")
    world.set("secondary", "debug/syncz", json.dumps(list(own.values())))
    assert verify("--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "versions secondary": "shop.shop is of 1.29.6"
    }


def test_a_cluster_that_is_leaving_is_neither_asked_nor_missed(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    """The outputs know it no more, while istiod and proxies may."""
    known = ["primary-cluster", "secondary-cluster", "leaving-cluster"]
    world.set("primary", "debug/clusterz", json.dumps([answers.read_cluster(n) for n in known]))
    own = [*proxies("primary").values(), answers.proxy("curl.sample", "leaving-cluster")]
    world.set("primary", "debug/syncz", json.dumps(own))
    assert verify("--json") == 0
    assert checks(capsys.readouterr().out, "FAILED") == {}
    assert {line.split()[0] for line in world.lines} == {"primary-cluster", "secondary-cluster"}


def test_answers_of_a_cluster_that_is_leaving_are_waited_out(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may go only once nobody is sent there."""
    still = answers.curl_output({"helloworld-v1-abc": 6, "helloworld-v9-abc": 4})
    good = world.answers["primary-cluster"]["curl --silent"]["out"]
    world.set("primary", "curl --silent", still, good)
    rounds = [counts("primary", near, far) for near, far in ((0, 0), (6, 4), (6, 4), (12, 8))]
    world.set("primary", "clusters?format=json", *rounds)
    assert verify("--json", timeout="60") == 0
    assert checks(capsys.readouterr().out, "FAILED") == {}


def test_an_internal_ingress_gateway_is_not_asked_from_here(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    services = [
        answers.balancer("istio-ingressgateway", "127.0.0.1", internal=True),
        answers.balancer("istio-eastwestgateway", "10.2.0.66", internal=True),
    ]
    items = answers.listing(*system_items("secondary", *services))
    world.set("secondary", "get nodes,pods,services", items)
    assert verify("--json") == 0
    seen = "127.0.0.1 is internal, so it is not asked from here"
    assert checks(capsys.readouterr().out, "skipped") == {"ingress secondary": seen}


def test_an_ingress_gateway_that_misses_a_cluster_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.ingress.instances = ["helloworld-v1-abc"]
    assert verify("--json") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "ingress primary": "no answer from secondary",
        "ingress secondary": "no answer from secondary",
    }
