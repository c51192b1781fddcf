"""Where answers came from, which way requests took, and what plaintext gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ops.verify.answers import Answers
from ops.verify.checks import Check, Status
from ops.verify.document import Mesh, mesh_from_outputs
from ops.verify.envoy import Transport
from ops.verify.kubernetes import Pod, pods_in
from ops.verify.plaintext import Attempt, judge_plaintext
from ops.verify.traffic import (
    Pair,
    Seen,
    build_pairs,
    judge_answers,
    judge_mtls,
    judge_path,
)
from tests.ops import verify_answers as answers

V1, V2 = "helloworld-v1-abc", "helloworld-v2-abc"
PODS = {
    "primary": pods_in([answers.hello_pod("v1", "10.1.1.7")]),
    "secondary": pods_in([answers.hello_pod("v2", "10.2.1.7")]),
}
SECURE = Transport(is_mtls=True, peers=(answers.PEER,))


def read(text: str, asked: int = 10) -> Answers:
    made = Answers(asked=asked)
    for line in text.splitlines(keepends=True):
        made.feed(line)
    return made


def mesh(**changes: Any) -> Mesh:
    clusters = {
        "primary": answers.entry("primary", 1, **changes),
        "secondary": answers.entry("secondary", 2, **changes),
    }
    return mesh_from_outputs(answers.outputs(clusters=clusters))


def pairs(
    where: Mesh, growth: dict[str, int], pods: Mapping[str, Sequence[Pod]] = PODS
) -> tuple[Pair, ...]:
    got = read(answers.curl_output({V1: 6, V2: 4}))
    seen = Seen(answers=got, growth=growth, transports=dict.fromkeys(growth, SECURE))
    return build_pairs(where, where.clusters["primary"], seen=seen, pods=pods)


def path(where: Mesh, growth: dict[str, int]) -> Check:
    return judge_path(where, pairs(where, growth)[1], growth)


TWO = mesh()
FLAT = mesh(network="flat", eastWestAddress=None)
NEAR = {"10.1.1.7:5000": 6}


def test_pods_of_two_networks_may_have_the_same_address() -> None:
    """As with flannel, where every cluster has the same range; the address means the near pod."""
    pods = {**PODS, "secondary": pods_in([answers.hello_pod("v2", "10.1.1.7")])}
    growth = {**NEAR, "10.2.0.66:15443": 4}
    found = pairs(TWO, growth, pods)
    assert [pair.path for pair in found] == ["local", "gateway"]
    assert found[1].endpoints == ("10.2.0.66:15443",)
    assert judge_path(TWO, found[1], growth).status is Status.OK


def test_answers_are_counted_by_version_and_by_pod() -> None:
    got = read(answers.curl_output({V1: 6, V2: 4}))
    assert (dict(got.by_version), dict(got.by_instance)) == ({"v1": 6, "v2": 4}, {V1: 6, V2: 4})


def test_an_error_of_a_proxy_is_no_answer() -> None:
    text = "upstream connect error or disconnect/reset before headers"
    got = read(answers.curl_output({V1: 1}) + f"{text}\nanswered 503 http://x/hello?2 \n")
    assert (got.answered, got.last_fault) == (1, f"503 {text}")


def test_a_request_without_an_answer_is_told_as_curl_tells_it() -> None:
    assert (
        read("\nanswered 000 http://x/ Could not resolve host\n").last_fault
        == "Could not resolve host"
    )


def test_another_service_in_its_place_is_no_answer() -> None:
    assert read("Welcome!\nanswered 200 http://x/ \n").last_fault == "200 Welcome!"


def test_answers_are_laid_to_the_cluster_whose_pod_gave_them() -> None:
    found = pairs(TWO, {**NEAR, "10.2.0.66:15443": 4})
    assert [(pair.server, pair.count, pair.versions) for pair in found] == [
        ("primary", 6, ("v1",)),
        ("secondary", 4, ("v2",)),
    ]


def test_clusters_that_run_the_same_version_are_told_apart() -> None:
    same = answers.pod("helloworld-v1-xyz", "sample", {"helloworld": True})
    pods = {"primary": PODS["primary"], "secondary": pods_in([same])}
    got = read(answers.curl_output({V1: 6, "helloworld-v1-xyz": 4}))
    seen = Seen(answers=got, growth={}, transports={})
    found = build_pairs(TWO, TWO.clusters["primary"], seen=seen, pods=pods)
    assert [pair.count for pair in found] == [6, 4]


def test_the_way_to_another_network_is_its_gateway() -> None:
    growth = {**NEAR, "10.2.0.66:15443": 4}
    far = pairs(TWO, growth)[1]
    assert (far.path, far.endpoints) == ("gateway", ("10.2.0.66:15443",))
    assert path(TWO, growth).status is Status.OK


def test_a_gateway_of_the_same_network_in_another_cluster_will_do() -> None:
    clusters = {key: answers.entry(key, n) for n, key in enumerate(("primary", "secondary"), 1)}
    clusters["third"] = answers.entry("third", 3, network="secondary-network")
    where = mesh_from_outputs(answers.outputs(clusters=clusters))
    assert path(where, {**NEAR, "10.3.0.66:15443": 4}).status is Status.OK


def test_a_pod_of_another_network_reached_directly_is_a_fault() -> None:
    check = path(TWO, {**NEAR, "10.2.1.7:5000": 4})
    assert check.seen == "went to 10.2.1.7:5000, not through an east-west gateway"


def test_answers_that_no_endpoint_accounts_for_are_a_fault() -> None:
    check = path(TWO, {"10.2.0.66:15443": 1, "10.2.0.99:15443": 3})
    assert check.seen == (
        "4 answers, but its endpoints got 1 requests; others went 3 to 10.2.0.99:15443"
    )


def test_on_one_network_pods_are_reached_directly() -> None:
    growth = {**NEAR, "10.2.1.7:5000": 4}
    assert pairs(FLAT, growth)[1].path == "direct"
    assert path(FLAT, growth).status is Status.OK


def test_on_one_network_a_gateway_is_a_detour() -> None:
    where = mesh(network="flat")
    check = path(where, {**NEAR, "10.2.0.66:15443": 4})
    assert check.seen == "went through 10.2.0.66:15443, although the network is the same"


def test_mutual_tls_names_the_identities_that_the_client_accepts() -> None:
    check = judge_mtls(TWO, pairs(TWO, {**NEAR, "10.2.0.66:15443": 4})[1])
    assert (check.status, check.seen) == (Status.OK, answers.PEER)


def test_an_endpoint_whose_transport_is_not_known_is_not_taken_for_secure() -> None:
    got = read(answers.curl_output({V1: 6, V2: 4}))
    seen = Seen(answers=got, growth=NEAR, transports={})
    found = build_pairs(TWO, TWO.clusters["primary"], seen=seen, pods=PODS)
    assert judge_mtls(TWO, found[0]).seen == "plaintext to 10.1.1.7:5000"


def test_a_cluster_that_does_not_answer_is_named() -> None:
    got = read(answers.curl_output({V1: 10}))
    found = build_pairs(
        TWO, TWO.clusters["primary"], seen=Seen(answers=got, growth={}, transports={}), pods=PODS
    )
    assert judge_answers("primary", got, found).seen == "no answer from secondary"


def test_answers_of_pods_that_nobody_knows_are_not_hidden() -> None:
    got = read(answers.curl_output({V1: 6, V2: 3, "helloworld-v9-old": 1}))
    found = build_pairs(
        TWO, TWO.clusters["primary"], seen=Seen(answers=got, growth={}, transports={}), pods=PODS
    )
    seen = judge_answers("primary", got, found).seen
    assert seen == "1 answers from pods of no cluster of the mesh"


def test_an_identity_of_another_trust_domain_that_the_client_takes_is_a_fault() -> None:
    foreign = "spiffe://cluster.local/ns/sample/sa/default"
    got = read(answers.curl_output({V1: 10}))
    wide = Transport(is_mtls=True, peers=(foreign, answers.PEER))
    seen = Seen(answers=got, growth={"10.1.1.7:5000": 10}, transports={"10.1.1.7:5000": wide})
    found = build_pairs(TWO, TWO.clusters["primary"], seen=seen, pods=PODS)
    assert judge_mtls(TWO, found[0]).seen == f"takes {foreign}, not of oke.local"


RESET = (
    "error trying to reach service: read tcp 10.0.0.5:1->10.1.1.7:5000: connection reset by peer"
)


def plaintext(wanted: str, service: str, health: str = "") -> Check:
    return judge_plaintext("primary", wanted, Attempt(health=health, service=service))


@pytest.mark.parametrize(
    "text", [RESET, "error trying to reach service: EOF", "write: broken pipe"]
)
def test_a_connection_that_the_proxy_closes_is_a_refusal(text: str) -> None:
    check = plaintext("STRICT", text)
    assert (check.status, check.seen) == (Status.OK, text)


def test_plaintext_that_a_strict_mesh_answers_is_a_fault() -> None:
    assert plaintext("STRICT", "").seen == (
        "mesh.mtls is STRICT, and the API server, which is not in the mesh, got an answer on "
        "port 5000"
    )


def test_plaintext_that_a_permissive_mesh_answers_is_in_order() -> None:
    assert plaintext("PERMISSIVE", "").status is Status.OK


def test_plaintext_that_a_permissive_mesh_refuses_is_a_fault() -> None:
    assert plaintext("PERMISSIVE", RESET).seen == (
        "mesh.mtls is PERMISSIVE, and the API server, which is not in the mesh, was refused on "
        "port 5000"
    )


@pytest.mark.parametrize("wanted", ["STRICT", "PERMISSIVE"])
def test_a_service_that_is_out_of_reach_is_not_taken_for_a_refusal(wanted: str) -> None:
    check = plaintext(wanted, "dial tcp: i/o timeout")
    assert (check.status, check.seen) == (
        Status.SKIPPED,
        "not measured: the request failed for another reason (dial tcp: i/o timeout)",
    )


def test_pods_that_the_api_server_does_not_reach_prove_nothing() -> None:
    check = plaintext("STRICT", "", health="dial tcp: i/o timeout")
    assert (check.status, check.seen) == (
        Status.SKIPPED,
        "not measured: the API server does not reach pods here (dial tcp: i/o timeout)",
    )
