"""What people see of an update, from the engine's event log as it was recorded in the lab."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from lab import engine, progress
from lab.events import Update, plain, stage_of

RECORDED = Path(__file__).with_name("recorded_update.jsonl")
"""Of a first update: some resources of each stage, and the verification."""

URN = "urn:pulumi:lab::oke-mesh::{}::{}"
VCN = URN.format("okemesh:network:Network$oci:Core/vcn:Vcn", "primary-vcn")
SUBNET = URN.format("okemesh:network:Network$oci:Core/subnet:Subnet", "primary-{}")
RUN = URN.format("okemesh:verification:Verification$command:local:Command", "verification-run")


def step(kind: str, op: str, urn: str, *, at: int = 0) -> dict[str, Any]:
    """An event about a resource, as the engine writes it."""
    type_ = urn.split("::")[2].rpartition("$")[2]
    return {"timestamp": at, kind: {"metadata": {"op": op, "urn": urn, "type": type_}}}


def begun(op: str, urn: str, at: int = 0) -> dict[str, Any]:
    return step("resourcePreEvent", op, urn, at=at)


def ended(op: str, urn: str, at: int = 0) -> dict[str, Any]:
    return step("resOutputsEvent", op, urn, at=at)


def said(severity: str, message: str, urn: str = "") -> dict[str, Any]:
    return {"diagnosticEvent": {"severity": severity, "message": message, "urn": urn}}


def update_of(*events: dict[str, Any]) -> Update:
    update = Update()
    for event in events:
        update.take(event)
    return update


def recorded() -> Update:
    return update_of(*map(json.loads, RECORDED.read_text().splitlines()))


def test_a_recorded_update_shows_its_stages_in_the_order_of_the_graph() -> None:
    names = [name for name, _ in recorded().in_order]
    assert names == [
        "network",
        "backbone",
        "clusters",
        "certificates",
        "mesh",
        "samples",
        "verification",
    ]


def test_nothing_is_under_way_at_the_end_of_a_recorded_update() -> None:
    assert [stage.doing for _, stage in recorded().in_order] == [{}] * 7


def test_a_recorded_verification_gives_its_table() -> None:
    table = recorded().table
    assert table[0].split("   ")[0] == "100 requests"
    assert table[-1] == "oke-mesh: verified"


@pytest.mark.parametrize(
    ("urn", "stage"),
    [
        (VCN, "network"),
        (RUN, "verification"),
        (URN.format("okemesh:cluster:Access$command:local:Command", "tunnel"), "clusters"),
        (
            URN.format(
                "pulumi:pulumi:Stack$okemesh:mesh:Mesh$okemesh:mesh:Gateway$kubernetes:core", "x"
            ),
            "mesh",
        ),
        (URN.format("pulumi:providers:oci", "oci-us-chicago-1"), None),
        (URN.format("pulumi:pulumi:Stack", "oke-mesh-lab"), None),
    ],
    ids=["network", "verification", "access", "nested", "provider", "stack"],
)
def test_a_resource_belongs_to_the_stage_of_its_outermost_component(
    urn: str, stage: str | None
) -> None:
    assert stage_of(urn) == stage


def test_a_line_has_counts_what_is_under_way_and_the_time() -> None:
    events = [begun("create", VCN, 10), ended("create", VCN, 12)]
    events += [begun("create", SUBNET.format(n), 13) for n in range(4)]
    events += [begun("same", SUBNET.format("old"), 13), ended("same", SUBNET.format("old"), 13)]
    assert progress.lines(update_of(*events), now=75)["network"] == (
        "network       1 min 05 s  1 created, 1 unchanged, creating primary-0, primary-1 and 2 more"
    )


def test_the_time_of_a_stage_stands_still_when_nothing_is_under_way() -> None:
    update = update_of(begun("create", VCN, 10), ended("create", VCN, 12))
    assert progress.lines(update, now=99)["network"] == "network            2 s  1 created"


def test_a_component_is_no_work() -> None:
    component = URN.format("okemesh:network:Network", "primary")
    assert update_of(begun("create", component), ended("create", component)).stages == {}


def test_a_failed_resource_is_named() -> None:
    update = update_of(begun("create", VCN), step("resOpFailedEvent", "create", VCN))
    assert progress.lines(update, now=0)["network"] == "network            0 s  FAILED primary-vcn"


def test_a_running_verification_shows_its_last_words() -> None:
    update = update_of(
        begun("create", RUN), said("info", "traffic: 100 requests\n", RUN), said("info", "x", VCN)
    )
    assert progress.lines(update, now=4)["verification"] == (
        "verification       4 s  traffic: 100 requests"
    )


def test_errors_and_warnings_are_kept_whole_with_their_resource() -> None:
    update = update_of(
        said("error", "<{%fg 1%}>error: <{%reset%}>first\n\tsecond\n", VCN),
        said("warning", "careful\n"),
        {"errorEvent": {"error": "the engine gave up"}},
        {"diagnosticEvent": {"severity": "error", "message": "passing", "ephemeral": True}},
    )
    assert update.errors == ["primary-vcn: error: first\n\tsecond", "the engine gave up"]
    assert update.warnings == ["careful"]


def test_colours_are_taken_out() -> None:
    assert plain("<{%fg 2%}>created<{%reset%}>\n") == "created"


def test_a_line_that_is_still_being_written_is_read_later(tmp_path: Path) -> None:
    log, update = tmp_path / "events", Update()
    whole = json.dumps(begun("create", VCN)) + "\n"
    log.write_text(whole + whole[:20])
    offset = engine.read_events(log, 0, update)
    assert offset == len(whole)
    log.write_text(whole + json.dumps(ended("create", VCN)) + "\n")
    engine.read_events(log, offset, update)
    assert update.stages["network"].done == {"created": 1}


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_screen_is_drawn_anew_in_place() -> None:
    screen = Screen()
    view = progress.View(screen)
    view.show(update_of(begun("create", VCN)), now=0, elapsed=0)
    view.end(update_of(begun("create", VCN), ended("create", VCN)), now=0)
    assert screen.getvalue() == (
        "\x1b[2Knetwork            0 s  creating primary-vcn\n"
        "\x1b[1A\x1b[2Knetwork            0 s  1 created\n"
    )


def test_where_lines_stay_only_news_are_written_and_not_often() -> None:
    stream = io.StringIO()
    view, update = progress.View(stream), update_of(begun("create", VCN))
    view.show(update, now=1, elapsed=1)
    assert stream.getvalue() == ""
    for elapsed in (15, 16, 31):
        view.show(update, now=15, elapsed=elapsed)
    view.end(update_of(begun("create", VCN), ended("create", VCN)), now=40)
    assert stream.getvalue() == (
        "network           15 s  creating primary-vcn\nnetwork            0 s  1 created\n"
    )
