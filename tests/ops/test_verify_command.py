"""`ops verify` from its command line to its exit code, against clusters that only answer."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from tests.ops import verify_answers as answers
from tests.ops.verify_world import Verify, World, counts

TABLE = """\
10 requests                     v1 in primary                     v2 in secondary
from primary                    6 local, mTLS                     4 gateway 10.2.0.66:15443, mTLS
from secondary                  6 gateway 10.1.0.66:15443, mTLS   4 local, mTLS
through 127.0.0.1 (primary)     5                                 5
through 127.0.0.1 (secondary)   5                                 5

ok      every node is ready (2 of 2)
ok      every pod is ready, and injected where it should be (2 of 2)
ok      every load balancer has the address of the outputs (2 of 2)
ok      every cluster trusts the root certificate of the outputs (2 of 2)
ok      certificates are far from their end (2 of 2)
ok      every proxy has the latest configuration (2 of 2)
ok      every istiod reads every cluster (2 of 2)
ok      every client is answered by every cluster (2 of 2)
ok      traffic takes the way that the networks ask for (4 of 4)
ok      proxies speak mutual TLS with each other (4 of 4)
ok      plaintext from outside the mesh is refused (2 of 2)
ok      every ingress gateway leads to every cluster (2 of 2)

oke-mesh: verified
"""


def checks(printed: str, status: str) -> dict[str, str]:
    found = [check for check in json.loads(printed)["checks"] if check["status"] == status]
    return {f"{check['kind']} {check['subject']}": check["seen"] for check in found}


@pytest.mark.usefixtures("kubectl")
def test_a_green_mesh_gives_the_table_and_exit_code_0(
    verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify() == 0
    assert capsys.readouterr().out.strip() == TABLE.strip()


def test_json_holds_the_pairs_and_the_table_goes_to_standard_error(
    verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify("--json") == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (document["passed"], document["requests"]) == (True, 10)
    assert document["clients"]["primary"] == {
        "asked": 10,
        "answered": 10,
        "versions": {"v1": 6, "v2": 4},
    }
    assert document["pairs"][1] == {
        "client": "primary",
        "server": "secondary",
        "versions": ["v2"],
        "count": 4,
        "path": "gateway",
        "endpoints": ["10.2.0.66:15443"],
        "mtls": True,
        "peers": [answers.PEER],
    }
    assert err.endswith(f"\n{TABLE}")


def test_junit_has_a_case_for_each_check(verify: Verify, tmp_path: Path) -> None:
    file = tmp_path / "verify.xml"
    assert verify("--junit", str(file)) == 0
    found = Xml.parse(file).getroot()  # noqa: S314 it was written here
    assert (found.get("tests"), found.get("failures")) == ("28", "0")
    names = [case.get("name") for case in found]
    assert "proxies speak mutual TLS with each other: primary -> secondary" in names


def test_progress_is_a_line_for_each_step_where_there_is_no_screen(
    verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    verify()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "oke-mesh: verifying 2 clusters"
    assert "from primary: 10 of 10 answered, 6 by primary, 4 by secondary" in lines


def test_progress_tells_why_requests_fail(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("primary", "curl --silent", "\nanswered 000 Operation timed out\n")
    verify()
    lines = capsys.readouterr().err.splitlines()
    assert "from primary: 0 of 10 answered; Operation timed out" in lines


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
        "path primary -> secondary": (
            "4 answers, but its endpoints got 0 requests; others went 6 to 10.1.1.7:5000, "
            "4 to 10.2.0.66:15443"
        ),
    }


def test_a_proxy_that_speaks_plaintext_makes_it_red(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    unmarked = answers.envoy_endpoints({"10.1.1.7:5000": {}, "10.2.0.66:15443": {}})
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
    seen = "the API server, which is not in the mesh, got an answer from port 5000"
    assert checks(capsys.readouterr().out, "FAILED") == {"plaintext secondary": seen}


def test_an_api_server_that_reaches_no_pod_measures_nothing(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    timeout = "error trying to reach service: dial tcp 10.2.1.7:15021: i/o timeout"
    world.set("secondary", ":15021/proxy/healthz/ready", err=f"{timeout}\n", code=1)
    assert verify("--json") == 0
    seen = f"not measured: the API server does not reach pods here ({timeout})"
    assert checks(capsys.readouterr().out, "skipped") == {"plaintext secondary": seen}


def test_an_internal_ingress_gateway_is_not_asked_from_here(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    services = [
        answers.balancer("istio-ingressgateway", "127.0.0.1", internal=True),
        answers.balancer("istio-eastwestgateway", "10.2.0.66", internal=True),
    ]
    part = "get pods,services --namespace istio-system"
    world.set("secondary", part, answers.listing(answers.istiod_pod(), *services))
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


def test_a_state_on_its_way_is_waited_for(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    late = json.dumps([answers.read_cluster("primary-cluster", "syncing")])
    good = world.answers["primary-cluster"]["debug/clusterz"]["out"]
    world.set("primary", "debug/clusterz", late, late, good)
    assert verify("--json", timeout="60") == 0
    assert checks(capsys.readouterr().out, "FAILED") == {}


def test_after_the_deadline_the_last_state_is_told(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    states = [answers.read_cluster("primary-cluster"), answers.read_cluster("gone", "timeout")]
    world.set("primary", "debug/clusterz", json.dumps(states))
    assert verify("--json", timeout="0.1") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "remoteClusters primary": (
            "istiod-abc does not know secondary-cluster; istiod-abc has gone as timeout"
        )
    }


def test_only_clients_that_were_not_answered_are_asked_again(world: World, verify: Verify) -> None:
    bad = answers.curl_output({"helloworld-v1-abc": 10})
    good = str(world.answers["primary-cluster"]["curl --silent"]["out"])
    world.set("primary", "curl --silent", bad, good)
    four = [counts("primary", near, far) for near, far in ((0, 0), (10, 0), (10, 0), (16, 4))]
    world.set("primary", "clusters?format=json", *four)
    assert verify(timeout="60") == 0
    asked = [line.split()[0] for line in world.lines if "curl --silent" in line]
    assert sorted(asked) == ["primary-cluster", "primary-cluster", "secondary-cluster"]


def test_one_cluster_out_of_reach_is_red_and_the_others_are_told(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = {"err": "Unable to connect to the server: i/o timeout\n", "code": 1}
    world.answers["secondary-cluster"] = {"": gone}
    assert verify("--json") == 1
    failed = checks(capsys.readouterr().out, "FAILED")
    assert failed["api secondary"] == "Unable to connect to the server: i/o timeout"
    assert "proxies primary" not in failed


@pytest.mark.usefixtures("kubectl")
def test_the_kubeconfig_is_on_no_command_line_and_in_nobody_elses_reach(
    world: World, verify: Verify
) -> None:
    verify()
    assert {call["kubeconfig"] for call in world.calls} == {world.outputs["mergedKubeconfig"]}
    assert [call["line"] for call in world.calls if "apiVersion" in call["line"]] == []


def test_the_signing_key_is_never_asked_for(world: World, verify: Verify) -> None:
    verify()
    secrets = {line for line in world.lines if "secret" in line}
    assert {line.split("--output ")[1] for line in secrets} == {r"jsonpath={.data.ca-cert\.pem}"}


def test_nothing_of_the_kubeconfig_is_printed(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    world.outputs["mergedKubeconfig"] = "token: made-up-token\n"
    verify("--json")
    out, err = capsys.readouterr()
    assert "made-up-token" not in out + err
