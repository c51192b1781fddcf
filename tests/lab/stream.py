"""Steady requests to helloworld, from clusters' clients and through ingress gateways."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO

from lab.environment import environment
from ops.drill.streams import LIMIT_SECONDS, asked, in_background
from tests.lab.stack_kit import Lab

_WINDOW = 25
_PATIENCE_SECONDS = 90.0
_A_SECOND = 6
"""Of each worker; a place has two, so that one slow answer does not halve its rate."""
# One process for all, so that the rate does not depend on how long a process takes to start. The
# number is a bound, should nobody be there to end it; a write to a closed stream ends it too.
_CURL = (
    *("curl", "--silent", "--no-buffer", "--max-time", str(LIMIT_SECONDS)),
    *("--rate", f"{_A_SECOND}/s"),
    *("--write-out", "\\nended %{http_code} %{errormsg}\\n"),
)
_SAMPLES = "helloworld.sample"
_CLIENTS = ((), ("--header", "Connection: close"))
"""One keeps its connection, the other makes one for each request."""
_ANSWER = re.compile(r"Hello version: (v\d+)")
_ENDED = re.compile(r"ended (\d+) ?(.*)")
_OK = 200


@dataclass(slots=True)
class Answers:
    """What has come so far."""

    versions: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """When and why, of each request that helloworld did not answer."""
    changed: threading.Condition = field(default_factory=threading.Condition)
    begun: float = field(default_factory=time.monotonic)

    @property
    def count(self) -> int:
        return len(self.versions)

    @property
    def a_second(self) -> float:
        return self.count / (time.monotonic() - self.begun)

    def take(self, code: int, text: str) -> None:
        match = _ANSWER.search(text) if code == _OK else None
        with self.changed:
            if match:
                self.versions.append(match[1])
            else:
                # As the logs of the lab have it.
                self.failed.append(f"at {datetime.now(UTC):%H:%M:%S}: {code} {text.strip()}")
            self.changed.notify_all()

    def read(self, lines: IO[str]) -> None:
        body = ""
        for line in lines:
            ended = _ENDED.match(line)
            if ended:
                self.take(int(ended[1]), f"{body} {ended[2]}")
            body = "" if ended else body + line

    def until(self, wanted: set[str]) -> None:
        """Waits until the answers that come now are of exactly these versions."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        with self.changed:
            begun = self.count
            while self.count < begun + _WINDOW or set(self.versions[-_WINDOW:]) != wanted:
                left = deadline - time.monotonic()
                assert left > 0, f"{wanted}: not seen, got {self.versions[-5:]} {self.failed[-3:]}"
                self.changed.wait(left)

    def until_none_of(self, version: str) -> None:
        """Waits until the answers that come now are all of other versions."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        with self.changed:
            begun = self.count
            while self.count < begun + _WINDOW or version in self.versions[-_WINDOW:]:
                left = deadline - time.monotonic()
                assert left > 0, f"{version}: still there, {self.failed[-3:]}"
                self.changed.wait(left)


@contextmanager
def stream(lab: Lab, key: str, service: str = _SAMPLES) -> Iterator[Answers]:
    """Requests of a cluster's client on two ways, as long as the block lasts."""
    answers = Answers()
    with ExitStack() as stack:
        for words in _CLIENTS:
            stack.enter_context(_curl(lab, key, service, *words, into=answers))
        yield answers


@contextmanager
def _curl(lab: Lab, key: str, service: str, *words: str, into: Answers) -> Iterator[None]:
    url = f"http://{service}:5000/hello?[1-20000]"
    place = ("--context", f"{key}-cluster", "exec", "--namespace", "sample", "deployment/curl")
    process = subprocess.Popen(  # noqa: S603 a program of the lab's
        [lab.paths.tool("kubectl"), *place, "--container", "curl", "--", *_CURL, *words, url],
        env=os.environ | environment(lab.paths),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    with process.stdout as lines, in_background(lambda: into.read(lines)):
        try:
            yield
        finally:
            process.terminate()
            process.wait()


@contextmanager
def stream_through(address: str) -> Iterator[Answers]:
    """Requests of strangers on the internet through an ingress gateway, each a connection."""
    answers, over = Answers(), threading.Event()

    def ask() -> None:
        begun = 0.0
        while not over.wait(max(0.0, begun + 1 / _A_SECOND - time.monotonic())):
            begun = time.monotonic()
            answers.take(*asked(address))

    with ExitStack() as stack:
        for _ in _CLIENTS:
            stack.enter_context(in_background(ask))
        # Called first at the end: then both workers see it at once.
        stack.callback(over.set)
        yield answers


@contextmanager
def traffic(
    lab: Lab, keys: Iterable[str], *, through: Iterable[str]
) -> Iterator[dict[str, Answers]]:
    """Streams from the clients of clusters, and through the ingress gateways of clusters."""
    clusters = lab.outputs()["clusters"]
    with ExitStack() as stack:
        found = {f"from {key}": stack.enter_context(stream(lab, key)) for key in keys}
        for key in through:
            address = clusters[key]["ingressAddress"]
            found[f"through {key}"] = stack.enter_context(stream_through(address))
        yield found
