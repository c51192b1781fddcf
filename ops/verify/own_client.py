"""The pod that asks a service of one's own, and what its proxy counted meanwhile."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from ops.verify.answers import Answers, limit_seconds
from ops.verify.envoy import Transport, growth, requests_by_endpoint, transport_by_endpoint
from ops.verify.kubectl import Kubectl, KubectlError
from ops.verify.kubernetes import PROXY

_MARK: Final = "answered "
_SERVER_FAULTS: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """A pod with curl and a proxy."""

    kubectl: Kubectl
    context: str
    pod: str
    namespace: str

    def words(self, *command: str) -> tuple[str, ...]:
        """Return what kubectl is given to run a command beside the proxy."""
        return self._in(self.pod, *command)

    def admin(self, path: str) -> dict[str, Any]:
        """Return an answer of the proxy's admin interface.

        Raises:
            KubectlError: there is no proxy, or it did not answer.
        """
        asked = ("pilot-agent", "request", "GET", path)
        return self.kubectl.json(self.context, *self._in(PROXY, *asked))

    def _in(self, container: str, *command: str) -> tuple[str, ...]:
        where = ("--namespace", self.namespace, self.pod, "--container", container)
        return ("exec", *where, "--", *command)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What came back, and which way the requests went."""

    answers: Answers
    """By what each came with, such as `HTTP 200`."""
    growth: Mapping[str, int]
    """Requests by endpoint of the client's proxy, of all subsets of the Service."""
    transports: Mapping[str, Transport]
    """By the same endpoints."""


def ask(client: Client, url: str, count: int) -> Asked:
    """Ask `url` so many times, and return what the client and its proxy saw.

    Raises:
        KubectlError: the client could not ask at all.
    """
    parts = urlsplit(url)
    pattern = re.compile(rf"outbound\|{parts.port}\|[^|]*\|{re.escape(parts.hostname or '')}")
    before = _counted(client, pattern)
    answers = Answers(asked=count)
    _curl(client, url, answers)
    after = _counted(client, pattern)
    dump = client.admin(f"config_dump?include_eds&name_regex=outbound.{parts.port}..*")
    names = {name for name, _ in after}
    transports: dict[str, Transport] = {}
    for name in sorted(names):
        transports |= transport_by_endpoint(dump, name)
    return Asked(
        answers=answers,
        growth=growth(_by_endpoint(before), _by_endpoint(after)),
        transports=transports,
    )


def _counted(client: Client, pattern: re.Pattern[str]) -> dict[tuple[str, str], int]:
    """Return the requests so far, by Envoy's name of the service and endpoint."""
    clusters = client.admin("clusters?format=json")
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


def _curl(client: Client, url: str, answers: Answers) -> None:
    words = (
        *("curl", "--silent", "--no-progress-meter", "--max-time", "5", "--output", "/dev/null"),
        *("--parallel", "--parallel-max", "10"),
        *("--write-out", f"{_MARK}%{{http_code}} %{{errormsg}}\\n"),
        # What follows the mark is not sent: each request is the same.
        f"{url}#[1-{answers.asked}]",
    )

    def on_line(line: str) -> None:
        if line.startswith(_MARK):
            code, _, error = line.removeprefix(_MARK).strip().partition(" ")
            if error or not 0 < int(code) < _SERVER_FAULTS:
                answers.last_fault = error or f"HTTP {code}"
            else:
                answers.by_instance[f"HTTP {code}"] += 1

    try:
        client.kubectl.stream(
            client.context, client.words(*words), on_line, limit=limit_seconds(answers.asked)
        )
    except KubectlError as error:
        # curl's own failure is told by its last line; without one, nothing was asked at all.
        if not answers.answered and not answers.last_fault:
            raise
        answers.last_fault = answers.last_fault or str(error)
