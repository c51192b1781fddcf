"""The report as people and programs read it."""

from __future__ import annotations

import io
from xml.etree import ElementTree as Xml

import pytest
from typing_extensions import override

from ops.verify.answers import Answers
from ops.verify.checks import Check, Kind, failed, passed, skipped
from ops.verify.junit import junit
from ops.verify.progress import Progress
from ops.verify.report import Report
from ops.verify.table import render
from ops.verify.traffic import Pair

CHECKS = (
    passed(Kind.NODES, "a"),
    failed(Kind.NODES, "b", seen="there is no node", remedy="look at the pool"),
    skipped(Kind.PLAINTEXT, "a", seen="not measured: helloworld is not ready there"),
)


def report(*checks: Check, keys: tuple[str, ...] = ()) -> Report:
    return Report(
        mesh="oke-mesh",
        requests=100,
        versions={key: (f"v{key}",) for key in keys},
        clients={key: Answers(asked=100) for key in keys},
        pairs=tuple(pair(client, server) for client in keys for server in keys),
        ingress={},
        checks=checks,
    )


def pair(client: str, server: str) -> Pair:
    return Pair(
        client=client,
        server=server,
        count=10,
        versions=(f"v{server}",),
        path="gateway",
        endpoints=(f"10.{server}.0.66:15443",),
        is_mtls=True,
        peers=(),
    )


def test_a_failure_says_what_was_seen_and_what_to_do() -> None:
    assert render(report(*CHECKS)) == (
        "FAILED  every node is ready (1 of 2)\n"
        "        b: there is no node; look at the pool\n"
        "skipped plaintext from outside the mesh gets what the mode says (0 of 1)\n"
        "        a: not measured: helloworld is not ready there\n"
        "\n"
        "oke-mesh: NOT verified, 1 of 3 checks failed"
    )


def test_what_could_not_be_measured_does_not_make_it_red() -> None:
    assert report(CHECKS[0], CHECKS[2]).is_green


def test_a_small_mesh_is_a_matrix() -> None:
    assert render(report(keys=("1", "2"))).splitlines()[0].split() == [
        *("100", "requests", "v1", "in", "1", "v2", "in", "2"),
    ]


def test_a_large_mesh_is_a_list_of_pairs() -> None:
    lines = render(report(keys=tuple("123456"))).splitlines()
    assert lines[0] == "100 requests   to        answers"
    assert lines[2] == "from 1         v2 in 2   10 gateway 10.2.0.66:15443, mTLS"


def test_no_line_of_a_large_mesh_is_too_wide() -> None:
    lines = render(report(keys=tuple("123456"))).splitlines()
    assert max(map(len, lines)) <= 120


def test_junit_tells_failures_and_skips() -> None:
    suite = Xml.fromstring(junit(report(*CHECKS)))  # noqa: S314 it was written here
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["3", "1", "1"]
    fault = suite.find("testcase/failure")
    assert fault is not None
    assert (fault.get("message"), fault.text) == ("there is no node", "look at the pool")


class Screen(io.StringIO):
    """A terminal, as far as progress is concerned."""

    @override
    def isatty(self) -> bool:
        return True


def test_on_a_screen_lines_are_rewritten_in_place() -> None:
    screen = Screen()
    progress = Progress(screen)
    progress.update("a", "a: 1 of 2")
    progress.update("b", "b: 1 of 2")
    progress.end("a", "a: 2 of 2")
    assert screen.getvalue().split("\x1b[2A")[-1] == "\x1b[2Ka: 2 of 2\n\x1b[2Kb: 1 of 2\n"


def test_a_line_of_a_screen_is_cut_where_it_would_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "11")
    screen = Screen()
    Progress(screen).update("a", "0123456789abc")
    assert screen.getvalue() == "\x1b[2K0123456789\n"


def test_elsewhere_only_what_has_ended_is_told() -> None:
    log = io.StringIO()
    progress = Progress(log)
    progress.update("a", "a: 1 of 2")
    progress.end("a", "a: 2 of 2")
    assert log.getvalue() == "a: 2 of 2\n"
