"""How many requests are sent, how, and how their answers are counted."""

from __future__ import annotations

import http.server
import threading
from math import comb
from typing import Any

import pytest

from ops.verify import web
from ops.verify.answers import Answers, curl_words, enough_requests, single_words
from ops.verify.document import mesh_from_outputs
from ops.verify.traffic import judge_single
from tests.ops import verify_answers as answers
from tests.ops.verify_world import single_output

MESH = mesh_from_outputs(answers.outputs())
HOMES = {"helloworld-v1-abc": "primary", "helloworld-v2-abc": "secondary"}


def chance_of_a_miss(requests: int, clusters: int) -> float:
    """How likely some of the clusters, each as likely as the other, gets none of the requests."""
    terms = (
        comb(clusters, left_out) * (1 - left_out / clusters) ** requests
        for left_out in range(1, clusters + 1)
    )
    return sum(term if number % 2 else -term for number, term in enumerate(terms, 1))


@pytest.mark.parametrize("clusters", [2, 3, 5, 10, 30, 50])
def test_a_good_mesh_is_not_red_by_chance(clusters: int) -> None:
    """All clients and all gateways look for every cluster."""
    miss = chance_of_a_miss(enough_requests(1, clusters), clusters)
    assert 2 * clusters * miss < 1e-4


def test_a_hundred_requests_would_miss_one_of_thirty_clusters_two_times_in_three() -> None:
    assert 0.6 < chance_of_a_miss(100, 30) < 0.7


def test_more_requests_than_needed_stay() -> None:
    assert [enough_requests(100, clusters) for clusters in (1, 5, 6, 30)] == [100, 100, 108, 540]


def test_the_client_asks_side_by_side_and_stops_when_nothing_comes_back() -> None:
    words = curl_words(25)
    assert words[-1] == "http://helloworld.sample.svc.cluster.local:5000/hello?[1-25]"
    assert "--fail-early" in words
    assert "--parallel" in words


def test_a_service_of_one_cluster_is_asked_by_its_name_at_helloworlds_address() -> None:
    words = single_words(["ash", "fra"])
    assert words[-1] == ("http://helloworld-in-{ash,fra}.sample.svc.cluster.local:5000/hello?[1-3]")
    assert words[words.index("--connect-to") + 1] == ("::helloworld.sample.svc.cluster.local:5000")


def read(text: str) -> Answers:
    made = Answers(asked=3)
    for line in text.splitlines(keepends=True):
        made.feed(line)
    return made


def test_answers_that_overlap_are_counted_all() -> None:
    """Bodies of several requests may come before any of them has ended."""
    end = "\nanswered 200 http://x/ \n"
    hello = "Hello version: v{0}, instance: helloworld-v{0}-abc\n"
    got = read(f"{hello.format(1)}{hello.format(2)}{end}{hello.format(2)}{end}{end}")
    assert dict(got.by_version) == {"v1": 1, "v2": 2}
    assert got.last_fault == ""


def test_an_error_whose_text_has_no_end_of_line_hides_no_answer() -> None:
    hello = "Hello version: v1, instance: helloworld-v1-abc\n"
    got = read(
        f"upstream connect error{hello}\nanswered 503 http://x/ \n\nanswered 200 http://x/ \n"
    )
    assert got.answered == 1
    assert got.last_fault == "503"


def test_the_fault_of_one_request_is_not_laid_to_another_that_overlaps() -> None:
    hello = "Hello version: v1, instance: helloworld-v1-abc\n"
    good, bad = "\nanswered 200 http://good/ \n", "\nanswered 503 http://bad/ \n"
    got = read(f"{hello}no healthy upstream\n{good}{bad}")
    assert got.fault_by_host == {"bad": "503 no healthy upstream"}


def single(printed: str) -> str:
    client, server = MESH.clusters["primary"], MESH.clusters["secondary"]
    return judge_single(client, server, answers=read(printed), homes=HOMES).seen


def test_a_service_that_its_own_pods_answer_is_in_order() -> None:
    assert single(single_output("secondary")) == ""


def test_a_service_that_does_not_answer_is_told_with_its_host_and_the_last_fault() -> None:
    text = (
        "upstream connect error or disconnect/reset before headers. reset reason: remote "
        "connection failure, transport failure reason: TLS_error: CERTIFICATE_VERIFY_FAILED"
    )
    host = "helloworld-in-secondary.sample.svc.cluster.local"
    printed = f"{text}\nanswered 503 http://{host}:5000/hello?3 \n"
    assert single(printed) == (
        f"0 of 3 requests to {host} answered by its pods, the last other: 503 {text}"
    )


def test_a_service_that_somebody_elses_pods_answer_is_a_fault() -> None:
    printed = answers.curl_output({"helloworld-v1-abc": 3})
    assert single(printed) == (
        "0 of 3 requests to helloworld-in-secondary.sample.svc.cluster.local answered by its pods"
    )


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"Hello version: v1, instance: helloworld-v1-abc\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""


@pytest.mark.parametrize("requests", [1, 8, 21])
def test_every_request_through_a_gateway_is_sent_once(
    requests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        monkeypatch.setattr(web, "PORT", server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        seen: list[int] = []
        got = web.ask("127.0.0.1", requests, lambda so_far: seen.append(so_far.answered))
        server.shutdown()
        thread.join()
    assert (got.asked, got.answered) == (requests, requests)
    assert seen == list(range(1, requests + 1))
