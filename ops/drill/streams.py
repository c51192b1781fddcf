"""Steady requests, from clients in the mesh and through ingress gateways, until they are ended."""

import http.client
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from ops.drill.tally import Answer, Tally
from ops.verify import web
from ops.verify.kubectl import Running
from ops.verify.source import Source

A_SECOND: Final = 5
"""Requests of one worker; each place has two, so that one slow answer does not halve its rate."""
LIMIT_SECONDS: Final = 10
"""What a request may take; after that it has failed."""
# One process for many, so that the rate does not depend on how long a process takes to start. What
# it says goes to standard error, which curl does not keep back.
_CURL: Final = (
    *("curl", "--silent", "--max-time", str(LIMIT_SECONDS), "--rate", f"{A_SECOND}/s"),
    *("--output", "/dev/null"),
    *("--write-out", "%{stderr}ended %{http_code} %{time_total} %{errormsg}\\n"),
)
# A curl in a pod may outlive the kubectl that started it (kubernetes/kubernetes#89031), so each
# ends by itself. The two begin anew at different times.
_WORKERS: Final[Sequence[tuple[int, Sequence[str]]]] = (
    (60, ()),
    (45, ("--header", "Connection: close")),
)
"""The seconds of a run. One keeps its connection, the other makes one for each request."""
_ENDED: Final = re.compile(r"ended (?P<code>\d+) (?P<seconds>[\d.]+) ?(?P<error>.*)")
_PAUSE_SECONDS: Final = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What every client asks."""

    url: str
    good: range
    """The HTTP codes that count as an answer."""

    def answer(self, code: int, seconds: float, error: str) -> Answer:
        """Return how a request ended that ended now."""
        fault = "" if code in self.good and not error else error or f"HTTP {code}"
        return Answer(at=time.monotonic(), seconds=seconds, fault=fault)


@contextmanager
def from_client(source: Source, question: Question, tally: Tally) -> Iterator[None]:
    """Ask from a pod, as long as the block lasts."""
    workers = [
        _Worker(source, question, tally, count=A_SECOND * seconds, words=words)
        for seconds, words in _WORKERS
    ]
    with ExitStack() as stack:
        for worker in workers:
            stack.enter_context(in_background(worker.work))
            # Called before the thread is waited for.
            stack.callback(worker.end)
        yield


class _Worker:
    """One curl after the other: what runs it may be cut off, which is not the mesh's fault."""

    def __init__(
        self,
        source: Source,
        question: Question,
        tally: Tally,
        *,
        count: int,
        words: Sequence[str],
    ) -> None:
        self._source, self._question, self._tally = source, question, tally
        self._words = (*_CURL, *words, f"{question.url}#[1-{count}]")
        self._count = count
        self._over = threading.Event()
        self._running: Running | None = None

    def work(self) -> None:
        while not self._over.is_set():
            with self._source.start(self._words) as running:
                self._running = running
                # It may have been ended before it was known here.
                fault = "" if self._over.is_set() else self._read(running)
            if fault and not self._over.is_set():
                self._tally.breaks.append(fault)
                self._over.wait(_PAUSE_SECONDS)

    def end(self) -> None:
        self._over.set()
        if self._running:
            self._running.end()

    def _read(self, running: Running) -> str:
        """Take what curl says; return why it ended early, nothing if it did not."""
        other, left = "kubectl exec ended early", self._count
        for line in running:
            ended = _ENDED.match(line)
            if ended:
                left -= 1
                code, seconds = int(ended["code"]), float(ended["seconds"])
                error = ended["error"].strip()
                self._tally.answers.append(self._question.answer(code, seconds, error))
            else:
                other = line.strip() or other
        return other if left > 0 else ""


@contextmanager
def through_gateway(address: str, question: Question, tally: Tally) -> Iterator[None]:
    """Ask an ingress gateway from here, each time anew, as long as the block lasts."""
    over = threading.Event()

    def ask() -> None:
        begun = 0.0
        while not over.wait(max(0.0, begun + 1 / A_SECOND - time.monotonic())):
            begun = time.monotonic()
            code, text = asked(address)
            error = "" if code else text
            tally.answers.append(question.answer(code, time.monotonic() - begun, error))

    with ExitStack() as stack:
        for _ in _WORKERS:
            stack.enter_context(in_background(ask))
        stack.callback(over.set)
        yield


def asked(address: str) -> tuple[int, str]:
    """Return the HTTP code of one request on a connection of its own, and what was answered.

    Without an answer it is 0, and why there is none.
    """
    connection = http.client.HTTPConnection(address, web.PORT, timeout=LIMIT_SECONDS)
    try:
        connection.request("GET", "/hello")
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as fault:
        return 0, f"{type(fault).__name__}: {fault}"
    finally:
        connection.close()


@contextmanager
def in_background(work: Callable[[], None]) -> Iterator[None]:
    """Do some work beside the block, which ends when both have."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()
