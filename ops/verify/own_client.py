"""The pod that asks a service of one's own, and what its proxy counted meanwhile."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from ops.verify.answers import MARK, Answers, curl
from ops.verify.envoy import Transport, growth, requests_by_endpoint, transport_by_endpoint
from ops.verify.source import Source

_SERVER_FAULTS: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What came back, and which way the requests went."""

    answers: Answers
    """By what each came with, such as `HTTP 200`."""
    growth: Mapping[str, int]
    """Requests by endpoint of the client's proxy, of all subsets of the Service."""
    transports: Mapping[str, Transport]
    """By the same endpoints."""


def ask(source: Source, url: str, count: int) -> Asked:
    """Ask `url` so many times, and return what the client and its proxy saw.

    Raises:
        KubectlError: the client could not ask at all.
    """
    parts = urlsplit(url)
    pattern = re.compile(rf"outbound\|{parts.port}\|[^|]*\|{re.escape(parts.hostname or '')}")
    before = _counted(source, pattern)
    answers = Answers(asked=count)
    _send(source, url, answers)
    after = _counted(source, pattern)
    dump = source.admin(f"config_dump?include_eds&name_regex=outbound.{parts.port}..*")
    names = {name for name, _ in after}
    transports: dict[str, Transport] = {}
    for name in sorted(names):
        transports |= transport_by_endpoint(dump, name)
    return Asked(
        answers=answers,
        growth=growth(_by_endpoint(before), _by_endpoint(after)),
        transports=transports,
    )


def _counted(source: Source, pattern: re.Pattern[str]) -> dict[tuple[str, str], int]:
    """Return the requests so far, by Envoy's name of the service and endpoint."""
    clusters = source.admin("clusters?format=json")
    known = {status["name"] for status in clusters.get("cluster_statuses", ())}
    return {
        (name, endpoint): requests
        for name in filter(pattern.fullmatch, known)
        for endpoint, requests in requests_by_endpoint(clusters, name).items()
    }


def _by_endpoint(counted: Mapping[tuple[str, str], int]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for (_, endpoint), requests in counted.items():
        totals[endpoint] += requests
    return totals


def _send(source: Source, url: str, answers: Answers) -> None:
    ended = curl(f"{MARK}%{{http_code}} %{{errormsg}}\\n")
    # What follows the mark is not sent: each request is the same.
    words = (*ended, "--output", "/dev/null", f"{url}#[1-{answers.asked}]")

    def on_line(line: str) -> None:
        if line.startswith(MARK):
            code, _, error = line.removeprefix(MARK).strip().partition(" ")
            if error or not 0 < int(code) < _SERVER_FAULTS:
                answers.last_fault = error or f"HTTP {code}"
            else:
                answers.by_instance[f"HTTP {code}"] += 1

    source.send(words, answers, on_line)
