"""`ops verify` from its command line to its exit code, against clusters that only answer."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from tests.ops import verify_answers as answers
from tests.ops.verify_world import Verify, World, checks, counts

TABLE = """\
10 requests                     v1 in primary                     v2 in secondary
from primary                    6 local, mTLS                     4 gateway 10.2.0.66:15443, mTLS
from secondary                  6 gateway 10.1.0.66:15443, mTLS   4 local, mTLS
through 127.0.0.1 (primary)     5                                 5
through 127.0.0.1 (secondary)   5                                 5

ok      every node is ready (2 of 2)
ok      every pod is ready, and injected where it should be (2 of 2)
ok      every load balancer has the address of the outputs (2 of 2)
ok      the mesh-wide mode of mutual TLS is the wanted one (2 of 2)
ok      every proxy trusts the root certificate of the outputs (2 of 2)
ok      certificates are far from their end (2 of 2)
ok      every identity is in the trust domain (4 of 4)
ok      every proxy has the latest configuration (2 of 2)
ok      every proxy is of its control plane's minor version or the one before (2 of 2)
ok      every istiod reads every cluster (2 of 2)
ok      every istiod knows the pods that are there (2 of 2)
ok      every API takes the credential that it is read with (2 of 2)
ok      every client is answered by every cluster (2 of 2)
ok      traffic takes the way that the networks ask for (4 of 4)
ok      proxies speak mutual TLS with each other (4 of 4)
ok      a service of one cluster alone answers every other cluster (2 of 2)
ok      plaintext from outside the mesh gets what the mode says (2 of 2)
ok      every ingress gateway leads to every cluster (2 of 2)

oke-mesh: verified
"""


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
    assert (found.get("tests"), found.get("failures")) == ("42", "0")
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
    printed = answers.curl_output({}, "000 Operation timed out")
    world.set("primary", "curl --silent", printed)
    verify()
    lines = capsys.readouterr().err.splitlines()
    assert "from primary: 0 of 10 answered; Operation timed out" in lines


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
    states = [("primary-cluster", "synced"), ("secondary-cluster", "timeout")]
    answer = [answers.read_cluster(*state) for state in states]
    world.set("primary", "debug/clusterz", json.dumps(answer))
    assert verify("--json", timeout="0.1") == 1
    assert checks(capsys.readouterr().out, "FAILED") == {
        "remoteClusters primary": "istiod-abc has secondary-cluster as timeout"
    }


def test_only_clients_that_were_not_answered_are_asked_again(world: World, verify: Verify) -> None:
    bad = answers.curl_output({"helloworld-v1-abc": 10})
    good = str(world.answers["primary-cluster"]["curl --silent"]["out"])
    world.set("primary", "curl --silent", bad, good)
    four = [counts("primary", near, far) for near, far in ((0, 0), (10, 0), (10, 0), (16, 4))]
    world.set("primary", "clusters?format=json", *four)
    assert verify(timeout="60") == 0
    lines = [line for line in world.lines if "connect-to" not in line]
    asked = [line.split()[0] for line in lines if "curl --silent" in line]
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
def test_no_kubeconfig_is_on_a_command_line(world: World, verify: Verify) -> None:
    verify()
    own = world.outputs["mergedKubeconfig"]
    others = {call["kubeconfig"] for call in world.calls} - {own}
    assert {text.count("token: made-up-token") for text in others} == {1}
    lines = [call["line"] for call in world.calls]
    assert [line for line in lines if "apiVersion" in line or "token" in line] == []


def test_a_token_that_many_istiods_read_with_is_tried_once(world: World, verify: Verify) -> None:
    verify()
    assert len(world.kubeconfigs) == len(world.outputs["clusters"])


def test_the_signing_key_is_never_asked_for(world: World, verify: Verify) -> None:
    verify()
    assert {line for line in world.lines if "cacerts" in line} == set()
    secrets = {line.split(" ", 1)[1] for line in world.lines if "secrets" in line and "get" in line}
    assert {line for line in secrets if line.startswith("get")} == {
        "get secrets --namespace istio-system --selector istio/multiCluster=true --output json"
    }


def test_nothing_of_the_kubeconfig_is_printed(
    world: World, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    verify("--json")
    out, err = capsys.readouterr()
    for token in ("made-up-token", "user-of-primary-cluster"):
        assert token in str(world.outputs) + str(world.kubeconfigs)
        assert token not in out + err
