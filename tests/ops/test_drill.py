"""`ops drill`: what each does, that it is put back, and what makes it red."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from ops.commands import drill as command
from ops.drill import streams, suite
from ops.drill.acts import Hands
from tests.ops import drill_world
from tests.ops import verify_answers as answers
from tests.ops.drill_world import ISTIO_PODS, SAMPLE_PODS, SERVED, SYSTEM, Drill, changes
from tests.ops.verify_world import NUMBERS, World

GOOD, BAD = "ended 200 0.010 \n", "ended 503 0.020 \n"
SCALE = "scale deployment/helloworld-v1 --namespace sample --replicas="
UNDELAY = (
    "delete virtualservices.networking.istio.io oke-mesh-drill-latency --namespace sample "
    "--ignore-not-found"
)


def test_the_plan_is_told_before_anything_is_done(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drill("region", yes=False) == 2
    asks = "asks sample/helloworld 10 times a second from each of primary, secondary"
    assert capsys.readouterr().err.splitlines() == [
        "oke-mesh: drill region in primary",
        "  scales helloworld-v1 from 1 to 0 in sample, and back",
        f"  {asks}, and through the ingress gateway of each of primary, secondary",
        "  other ready pods that answer meanwhile: 1; no request may fail",
        f"  by hand, should it be killed: kubectl --context primary-cluster {SCALE}1",
        "ops drill: nobody can be asked here; look at the plan, then give --yes",
    ]
    assert [line for line in world.lines if " get " not in line] == []


@pytest.mark.parametrize(("said", "code", "done"), [("y\n", 0, 2), ("n\n", 1, 0), ("\n", 1, 0)])
def test_whoever_is_asked_decides(
    drill: Drill, world: World, monkeypatch: pytest.MonkeyPatch, *, said: str, code: int, done: int
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(command, "load_outputs", lambda *_, **__: world.outputs)
    monkeypatch.setattr(io, "StringIO", lambda _: Terminal(said))
    assert drill("region", yes=False) == code
    assert len(changes(world)) == done


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ("ingress", "--cluster", "secondary"),
            [
                f"secondary-cluster delete pod istio-ingressgateway-{n} --namespace istio-system "
                "--wait=false"
                for n in (1, 2)
            ],
        ),
        (
            ("istiod",),
            [
                f"primary-cluster delete pod istiod-{n} --namespace istio-system --wait=false"
                for n in (1, 2)
            ],
        ),
        (
            ("east-west",),
            [
                f"primary-cluster delete pod istio-eastwestgateway-{n} --namespace istio-system "
                "--wait=false"
                for n in (1, 2)
            ],
        ),
        (
            ("pod",),
            ["primary-cluster delete pod helloworld-v1-abc --namespace sample --wait=false"],
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_pods_are_deleted_one_after_the_other(
    drill: Drill, world: World, *, words: tuple[str, ...], expected: list[str]
) -> None:
    assert drill(*words) == 0
    assert changes(world) == expected
    deleted = [n for n, line in enumerate(world.lines) if " delete pod " in line]
    looked = [n for n, line in enumerate(world.lines) if " get pods " in line]
    for first, second in zip(deleted, [*deleted[1:], len(world.lines)], strict=True):
        assert [n for n in looked if first < n < second]


def test_a_region_is_scaled_to_none_and_back(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drill("region") == 0
    assert changes(world) == [f"primary-cluster {SCALE}0", f"primary-cluster {SCALE}1"]
    table = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in table[1:6]] == [
        "region in primary",
        "from primary",
        "from secondary",
        "through 127.0.0.1 (primary)",
        "through 127.0.0.1 (secondary)",
    ]
    assert table[1].split()[-4:] == ["requests", "failed", "slowest", "recovery"]
    assert table[2].split()[-4:] == ["0", "0.01", "s", "-"]
    assert table[-1].startswith("oke-mesh: region in primary passed, 0 of ")


def slow(world: World) -> Callable[[str], str]:
    """Let the clients of the primary wait as long as the rule is there."""

    def line(context: str) -> str:
        is_there = any("create --filename" in one for one in world.lines)
        is_there &= not any(UNDELAY in one for one in world.lines)
        is_slow = is_there and context == "primary-cluster"
        return "ended 200 2.015 \n" if is_slow else GOOD

    return line


def test_a_delay_is_made_seen_and_taken_back(drill: Drill, world: World) -> None:
    world.streamed = slow(world)
    assert drill("latency") == 0
    assert changes(world) == ["primary-cluster create", f"primary-cluster {UNDELAY}"]


def test_a_delay_that_nobody_saw_was_no_drill(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drill("latency", "--json") == 1
    assert json.loads(capsys.readouterr().out)["faults"] == [
        "from primary: no answer took 2 s, so nothing was tried"
    ]


def test_the_rule_delays_every_request_of_the_host(
    drill: Drill, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[dict[str, Any]] = []

    def run(self: Hands, *words: str) -> None:
        if words[0] == "create":
            made.append(json.loads(Path(words[2]).read_text()))

    monkeypatch.setattr(Hands, "run", run)
    drill("latency", "--delay", "1.5")
    host = "helloworld.sample.svc.cluster.local"
    delay = {"percentage": {"value": 100.0}, "fixedDelay": "1.5s"}
    assert made[0]["metadata"] == {"name": "oke-mesh-drill-latency", "namespace": "sample"}
    assert made[0]["spec"] == {
        "hosts": [host],
        "http": [{"fault": {"delay": delay}, "route": [{"destination": {"host": host}}]}],
    }


def failing(world: World, *, until: Callable[[], bool]) -> Callable[[str], str]:
    """Let requests fail from the first change on, until something holds."""
    return lambda _: BAD if changes(world) and not until() else GOOD


def test_one_failed_request_is_too_many_where_another_pod_answers(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.streamed = failing(world, until=lambda: len(changes(world)) > 1)
    assert drill("region", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["passed"], found["maxFailed"]) == (False, 0)
    assert found["faults"] == [f"{found['failed']} requests failed, at most 0 may"]
    place = found["places"]["from secondary"]
    assert place["failed"] > 0
    assert place["lastFault"] == "HTTP 503"
    assert 0 < place["recoverySeconds"] < 5
    assert found["places"]["through 127.0.0.1 (primary)"]["recoverySeconds"] is None


def test_more_are_allowed_by_their_number(drill: Drill, world: World) -> None:
    world.streamed = failing(world, until=lambda: len(changes(world)) > 1)
    assert drill("region", "--max-failed", "100000") == 0


def test_where_nobody_else_answers_failures_are_told_and_not_judged(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    single = answers.listing(*drill_world.system("primary", replicas=1))
    world.set("primary", SYSTEM, single)
    world.set("primary", ISTIO_PODS, answers.listing(), answers.listing(), single)
    asked = f"primary-cluster {ISTIO_PODS}"
    world.streamed = failing(world, until=lambda: sum(asked in one for one in world.lines) > 2)
    assert drill("east-west") == 0
    out, err = capsys.readouterr()
    assert (
        "  an OUTAGE of what is taken away: no other pod answers meanwhile; failed requests are "
        "told and not judged\n"
    ) in err
    verdict = out.splitlines()[-1]
    assert verdict.startswith("oke-mesh: east-west in primary passed, ")
    assert verdict.endswith(" requests failed, which is told and not judged")
    assert " passed, 0 of" not in verdict
    assert "        from primary: the last that failed: HTTP 503\n" in out


def test_a_mesh_that_does_not_come_back_is_red(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    single = answers.listing(*drill_world.system("primary", replicas=1))
    world.set("primary", SYSTEM, single)
    world.set("primary", ISTIO_PODS, answers.listing())
    world.streamed = failing(world, until=lambda: False)
    assert drill("east-west", "--json", timeout="0.1") == 1
    found = json.loads(capsys.readouterr().out)
    missing = "1 ready pods of app=istio-eastwestgateway in istio-system: not within 0.1 s"
    assert found["faults"] == [
        f"{missing}, got 0 ready",
        f"{missing}, got 0 ready",
        "not answered well within 0.1 s: from primary got HTTP 503",
        "from primary: is not answered to the end, got HTTP 503",
        "from secondary: is not answered to the end, got HTTP 503",
    ]
    assert found["places"]["from primary"]["recoverySeconds"] is None


@pytest.mark.parametrize(
    ("ending", "code"), [(KeyboardInterrupt(), 130), (SystemExit(143), 143)], ids=["^C", "TERM"]
)
def test_what_was_changed_is_put_back_when_somebody_interrupts(
    drill: Drill,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    *,
    ending: BaseException,
    code: int,
) -> None:
    real = time.sleep

    def sleep(seconds: float) -> None:
        if seconds == 0.05:
            raise ending
        real(seconds)

    monkeypatch.setattr(time, "sleep", sleep)
    try:
        found: int | str | None = drill("region")
    except SystemExit as ended:
        found = ended.code
    assert found == code
    assert changes(world) == [f"primary-cluster {SCALE}0", f"primary-cluster {SCALE}1"]


def test_what_could_not_be_made_is_put_back_all_the_same(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("primary", "create --filename", code=1, err="the server was away\n")
    assert drill("latency", "--json") == 1
    assert changes(world)[-1] == f"primary-cluster {UNDELAY}"
    assert "the server was away" in json.loads(capsys.readouterr().out)["faults"]


def test_what_cannot_be_put_back_is_tried_again_and_told_with_its_command(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set("primary", f"{SCALE}1", code=1, err="etcd is away\n")
    assert drill("region", "--json") == 1
    out, err = capsys.readouterr()
    fault = (
        "could not be put back, got 'etcd is away'; run `kubectl --context primary-cluster "
        f"{SCALE}1`"
    )
    assert json.loads(out)["faults"] == [fault]
    assert f"region in primary: {fault}\n" in err
    assert changes(world).count(f"primary-cluster {SCALE}1") == 3


def test_a_mesh_that_is_not_well_is_left_alone(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.streamed = lambda context: BAD if context == "secondary-cluster" else GOOD
    assert drill("pod", timeout="0.2") == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "ops drill: nothing was changed: not answered well within 0.2 s: from secondary got HTTP "
        "503; a drill begins with a mesh that is well, so look at `python -m ops verify` first"
    )
    assert changes(world) == []


def test_answers_from_before_it_was_put_back_do_not_show_that_it_is_well(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    def line(_: str) -> str:
        # Once it is scaled back nobody is answered any more, and nobody is refused either.
        if any(f"{SCALE}1" in one for one in world.lines):
            threading.Event().wait(0.4)
            return ""
        return GOOD

    world.streamed = line
    assert drill("region", "--json", timeout="0.3") == 1
    assert json.loads(capsys.readouterr().out)["faults"][0] == (
        "not answered well within 0.3 s: from primary got 0 answers, no fault"
    )


def test_a_request_that_hangs_until_everything_is_back_is_waited_for(
    drill: Drill,
    world: World,
    *,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(suite, "LAST_SECONDS", 1)
    one = threading.Lock()

    def line(context: str) -> str:
        is_scaled = any(f"{SCALE}0" in one for one in world.lines)
        if context == "primary-cluster" and is_scaled and one.acquire(blocking=False):
            threading.Event().wait(0.5)
            return "ended 000 0.500 Operation timed out\n"
        return GOOD

    world.streamed = line
    assert drill("region", "--json") == 1
    place = json.loads(capsys.readouterr().out)["places"]["from primary"]
    assert (place["failed"], place["lastFault"]) == (1, "Operation timed out")


def test_a_stream_that_is_cut_off_goes_on_and_is_told(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = iter(["error: connection reset\n", "", GOOD, ""])
    world.streamed = lambda context: next(lines, GOOD) if context == "primary-cluster" else GOOD
    assert drill("pod", "--json") == 0
    place = json.loads(capsys.readouterr().out)["places"]["from primary"]
    assert "error: connection reset" in place["breaks"]
    assert place["failed"] == 0


def test_a_run_that_came_to_its_end_is_followed_by_another_and_is_no_break(
    drill: Drill,
    world: World,
    *,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(streams, "A_SECOND", 5)
    monkeypatch.setattr(streams, "_WORKERS", [(1, ())])
    runs = {f"{key}-cluster": cycle([*[GOOD] * 5, ""]) for key in NUMBERS}
    world.streamed = lambda context: next(runs[context])
    assert drill("pod", "--json") == 0
    places = json.loads(capsys.readouterr().out)["places"]
    assert [place["breaks"] for place in places.values()] == [[], [], [], []]
    asked = [line for line in world.lines if "primary-cluster exec" in line]
    assert len(asked) > 1
    assert all(line.endswith("/hello#[1-5]") for line in asked)


def test_clients_ask_on_kept_and_on_new_connections(drill: Drill, world: World) -> None:
    assert drill("pod") == 0
    asked = {line for line in world.lines if "primary-cluster exec" in line}
    assert {"Connection: close" in line for line in asked} == {True, False}
    assert all("http://helloworld.sample.svc.cluster.local:5000/hello#[1-" in one for one in asked)


def test_a_pod_that_takes_its_time_is_waited_for(drill: Drill, world: World) -> None:
    gone, here = drill_world.without_pods("primary"), drill_world.served("primary")
    world.set("primary", SAMPLE_PODS, gone, gone, answers.listing(*here))
    assert drill("pod") == 0
    assert sum(SAMPLE_PODS in line for line in world.lines) > 2


def test_nothing_of_the_kubeconfig_is_printed(
    drill: Drill, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drill("pod", "--json") == 0
    out, err = capsys.readouterr()
    assert "user-of-primary-cluster" in world.outputs["mergedKubeconfig"]
    assert "user-of-" not in out + err
    assert SERVED in str(world.lines)
