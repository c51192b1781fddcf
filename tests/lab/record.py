"""What tests of changes saw, for the table of docs/changes.md; kept where it is asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime

from docs.generate_changes import RECORD
from tests.lab.stream import Answers

ASKED_FOR = "OKE_MESH_RECORD"


def note(streams: Mapping[str, Answers]) -> None:
    """Keeps how many requests there were and how many failed, under the test that runs."""
    if not os.environ.get(ASKED_FOR):
        return
    test = os.environ["PYTEST_CURRENT_TEST"].removesuffix(" (call)")
    failed = sum(len(answers.failed) for answers in streams.values())
    known = json.loads(RECORD.read_text())
    known[test] = {
        "failed": failed,
        "on": f"{datetime.now(UTC):%Y-%m-%d}",
        "places": len(streams),
        "rate": round(min(answers.a_second for answers in streams.values()), 1),
        "requests": failed + sum(answers.count for answers in streams.values()),
    }
    RECORD.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")
