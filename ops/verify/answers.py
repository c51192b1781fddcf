"""Requests to helloworld from a client in the mesh, and what came back; pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from ops.verify.kubernetes import SAMPLE

SERVICE: Final = f"helloworld.{SAMPLE}.svc.cluster.local"
PORT: Final = 5000
REQUESTS_PER_CLUSTER: Final = 18
REQUESTS_TO_SINGLE: Final = 3

_SECONDS_PER_REQUEST: Final = 5
# At a time. One after the other, hundreds of requests to the other side of the world take minutes.
_AT_ONCE: Final = 10
MARK: Final = "answered "
"""With which the line of a request that ended begins."""
_HELLO: Final = re.compile(r"Hello version: (?P<version>[^,]+), instance: (?P<instance>\S+)")
_OK: Final = 200
_SHOWN: Final = 200


def enough_requests(asked: int, clusters: int) -> int:
    """Return how many requests a client sends: `asked`, or more where there are many clusters.

    A proxy picks one of n clusters at random for each of r requests. It never picks a given one
    with a chance of (1 - 1/n)^r, about e^(-r/n). Each of n clients and n gateways looks for n
    clusters, so a good mesh is red with a chance of at most 2 n^2 e^(-r/n). With 18 requests for
    each cluster that is 1 in 36,000 for 30 clusters, before anybody is asked a second time. With
    100 in all, two of three clients would miss one.
    """
    return max(asked, REQUESTS_PER_CLUSTER * clusters)


def curl_words(requests: int) -> tuple[str, ...]:
    """Return the command that asks helloworld and tells how each request ended.

    One process asks all of them. It ends with the first that gets no answer at all, because the
    others would wait as long.
    """
    return (*_hello(), "--fail-early", f"http://{SERVICE}:{PORT}/hello?[1-{requests}]")


def single_words(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the command that asks the service that each of the clusters `keys` alone has.

    Its name leads nowhere outside of that cluster, so the client connects to helloworld's address.
    The proxy goes by the name in the request.
    """
    names = ",".join(keys)
    url = f"http://helloworld-in-{{{names}}}.{SAMPLE}.svc.cluster.local:{PORT}/hello"
    address = ("--connect-to", f"::{SERVICE}:{PORT}")
    return (*_hello(), *address, f"{url}?[1-{REQUESTS_TO_SINGLE}]")


def _hello() -> tuple[str, ...]:
    return curl(f"\\n{MARK}%{{http_code}} %{{url}} %{{errormsg}}\\n")


def curl(at_the_end: str) -> tuple[str, ...]:
    """Return the command without its URL; it writes `at_the_end` for each request that ended."""
    return (
        # Side by side, curl shows a progress meter even where it is told to be silent.
        *("curl", "--silent", "--no-progress-meter", "--max-time", str(_SECONDS_PER_REQUEST)),
        *("--parallel", "--parallel-max", str(_AT_ONCE)),
        *("--write-out", at_the_end),
    )


def limit_seconds(requests: int) -> float:
    """Return how long such a command may take before it counts as hung."""
    return 60.0 + _SECONDS_PER_REQUEST * requests / _AT_ONCE


@dataclass(kw_only=True, slots=True)
class Answers:
    """What a client was told, read line by line as it comes.

    Requests overlap, so an answer stands by itself: the pod that gave it says which it was.
    """

    asked: int
    by_instance: Counter[str] = field(default_factory=Counter)
    """Answers by the name of the pod that gave them."""
    by_version: Counter[str] = field(default_factory=Counter)
    last_fault: str = ""
    """How the last request without an answer of helloworld ended."""
    fault_by_host: dict[str, str] = field(default_factory=dict)
    """The same for each host that was asked."""
    _ended_well: int = 0
    _other: str = ""

    @property
    def answered(self) -> int:
        """Return how many requests helloworld answered."""
        return self.by_instance.total()

    def feed(self, line: str) -> bool:
        """Take one line of the command's output; return whether it ended a request."""
        if not line.startswith(MARK):
            if not self._take(line):
                self._other = line.strip() or self._other
            return False
        code, _, rest = line.removeprefix(MARK).strip().partition(" ")
        url, _, error = rest.partition(" ")
        self._ended_well += code == str(_OK)
        # The text of somebody else in helloworld's place; one that overlaps has its own end.
        if error or code != str(_OK) or self._ended_well > self.answered:
            self._fail(int(code), self._other, error)
            self.fault_by_host[urlsplit(url).hostname or ""] = self.last_fault
            self._other = ""
        return True

    def take(self, code: int, body: str) -> None:
        """Count one answer."""
        if code != _OK or not self._take(body):
            self._fail(code, body.strip())

    def _take(self, text: str) -> bool:
        hello = _HELLO.search(text)
        if hello:
            self.by_instance[hello["instance"]] += 1
            self.by_version[hello["version"]] += 1
        return hello is not None

    def _fail(self, code: int, body: str, error: str = "") -> None:
        # Without an answer there is no code, and the client says what happened.
        self.last_fault = error or f"{code} {body[:_SHOWN]}".strip()


Homes = Mapping[str, str]
"""The key of the cluster of each pod of helloworld, by the pod's name."""


def count_by_cluster(answers: Answers, homes: Homes) -> Counter[str]:
    """Return how many answers came from each cluster; unknown pods are left out."""
    counts: Counter[str] = Counter()
    for instance, count in answers.by_instance.items():
        if instance in homes:
            counts[homes[instance]] += count
    return counts
