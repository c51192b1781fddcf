"""A steady stream of requests to helloworld from one cluster's client, and what answered."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from lab.environment import environment
from tests.lab.stack_kit import Lab

_WINDOW = 25
_PATIENCE_SECONDS = 90.0
# Bounded, should nobody be there to end it; a write to a closed stream ends it too.
_LOOP = """
end=$(($(date +%s) + 300))
while [ "$(date +%s)" -lt "$end" ]; do
  curl --silent --show-error --fail --max-time 10 http://helloworld.sample:5000/hello 2>&1 ||
    echo "failed $?"
done
"""
_ANSWER = re.compile(r"Hello version: (v\d+)")


@dataclass(slots=True)
class Answers:
    """What has come so far."""

    versions: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """Every line that is no answer of helloworld's."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def count(self) -> int:
        return len(self.versions)

    def read(self, lines: IO[str]) -> None:
        for line in lines:
            match = _ANSWER.match(line)
            with self.changed:
                if match:
                    self.versions.append(match[1])
                else:
                    self.failed.append(line.strip())
                self.changed.notify_all()

    def until(self, wanted: set[str]) -> None:
        """Waits until the answers that come now are of exactly these versions."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        with self.changed:
            begun = self.count
            while self.count < begun + _WINDOW or set(self.versions[-_WINDOW:]) != wanted:
                left = deadline - time.monotonic()
                assert left > 0, f"{wanted}: not seen, got {self.versions[-5:]} {self.failed[-3:]}"
                self.changed.wait(left)


@contextmanager
def stream(lab: Lab, key: str) -> Iterator[Answers]:
    """Requests one after the other, as long as the block lasts."""
    place = ("--context", f"{key}-cluster", "exec", "--namespace", "sample", "deployment/curl")
    process = subprocess.Popen(  # noqa: S603 a program of the lab's
        [lab.paths.tool("kubectl"), *place, "--container", "curl", "--", "sh", "-c", _LOOP],
        env=os.environ | environment(lab.paths),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    answers = Answers()
    assert process.stdout
    reader = threading.Thread(target=answers.read, args=(process.stdout,))
    reader.start()
    try:
        yield answers
    finally:
        process.terminate()
        process.wait()
        reader.join()
        process.stdout.close()
