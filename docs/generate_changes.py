"""Writes the table of docs/changes.md, as the tests saw it: `python -m docs.generate_changes`.

The record beside it is written by the tests themselves (`make test-lab-all`), red or green, so that
the table says no more than was seen.
"""

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

FILE: Final = Path(__file__).with_name("changes.md")
RECORD: Final = Path(__file__).with_name("changes.json")

_BEGIN: Final = "<!-- Written by `python -m docs.generate_changes`. -->\n"
_END: Final = "<!-- The end of what is written. -->\n"
LAB: Final = "tests/lab/test_changes.py"
_SETTINGS: Final = "tests/lab/test_changed_settings.py"
_REMOTE: Final = "tests/lab/test_primary_remote.py"


class Row(NamedTuple):
    """One change that is carried out."""

    change: str
    before: str
    now: str
    tests: tuple[str, ...] = ()
    """Of the lab, with requests all the while."""
    shown: str = ""
    """What else shows it."""


_EXPOSED: Final = f"{_SETTINGS}::test_the_east_west_gateways_move_and_no_request_fails"
_INGRESS: Final = f"{_SETTINGS}::test_the_ingress_gateways_answer_at_both_addresses_before_one_goes"
_SETTING: Final = f"{_SETTINGS}::test_a_setting_changes_there_and_back_and_no_request_fails"
_ROW: Final = f"{_SETTINGS}::test_one_change_after_another_and_no_request_fails"
_BACK: Final = f"{_SETTINGS}::test_all_but_the_pool_changes_back_at_once_and_no_request_fails"
_ANEW: Final = f"{_SETTINGS}::test_a_credential_is_made_anew_and_no_request_fails"

ROWS: Final = (
    Row(
        "a cluster joins",
        "4 of 1,109 requests failed",
        "nobody reads it before its east-west gateway has an address and listens (ADR 0011)",
        (f"{LAB}::test_a_cluster_joins_and_no_request_fails",),
    ),
    Row(
        "a cluster leaves: `enabled: false`, or its entry taken out",
        "a quarter failed, and the update never ended",
        "routes stay (ADR 0010), its readers forget it, the mesh is verified without it, it "
        "drains, then it is deleted",
        (f"{LAB}::test_a_cluster_leaves_in_one_update_and_no_request_fails",),
    ),
    Row(
        "two clusters join at once, and leave at once; a region goes with one of them",
        "not measured",
        "as for one",
        (
            f"{LAB}::test_two_clusters_join_at_once_and_no_request_fails",
            f"{LAB}::test_two_clusters_leave_at_once_and_no_request_fails",
        ),
    ),
    Row(
        "a remote leaves",
        "not measured",
        "as for any other",
        (f"{_REMOTE}::test_the_remote_leaves_and_no_request_fails",),
    ),
    Row(
        "east-west exposure, to public and back",
        "1 of 144 failed",
        "another address beside the former, which is taken back and drained before it goes "
        "(ADR 0016)",
        (f"{_EXPOSED}[public]", f"{_EXPOSED}[internal]"),
    ),
    Row(
        "ingress exposure, to internal and back",
        "the old address was gone before the new one was there",
        "both addresses answer until the mesh is verified; what leads to the gateway has to change "
        "its address",
        (f"{_INGRESS}[internal]", f"{_INGRESS}[public]"),
    ),
    Row(
        "`mtls` to `PERMISSIVE` and back",
        "0 failed, the way back was red",
        "verification waits for what is on its way",
        (f"{_SETTING}[mtls]",),
    ),
    Row("a variable of istiod", "0 failed", "as before", (f"{_SETTING}[istiod variable]",)),
    Row(
        "two istiods, two pods of each gateway",
        "0 failed",
        "as before",
        (f"{_ROW}[two istiods and two pods of each gateway]",),
    ),
    Row("log level of istiod", "not measured", "as before", (f"{_ROW}[log level]",)),
    Row("bandwidth of gateways", "not measured", "as before", (f"{_ROW}[bandwidth]",)),
    Row("`sampleVersion`", "0 failed", "as before", (f"{_ROW}[sampleVersion]",)),
    Row("all of these back at once", "not measured", "as before", (_BACK,)),
    Row("an intermediate is renewed", "0 failed", "as before", (f"{_ANEW}[intermediate]",)),
    Row(
        "the token with which a cluster is read",
        "the update failed: the Secret exists already",
        "another token with a name of its own, then the readers, then the old one goes",
        (f"{_ANEW}[reader]",),
        "`tests/mesh/test_mesh.py::test_another_token_of_the_reader_comes_before_the_old_one_goes`",
    ),
    Row(
        "a node pool grows and shrinks, with two pods of each gateway",
        "not measured",
        "OKE drains the node that goes; its load balancers have left it by then (ADR 0021)",
        (f"{_ROW}[a pool grows]", f"{_ROW}[a pool shrinks]"),
    ),
    Row(
        "a node pool exchanged for another, with two pods of each gateway",
        "14 of 1,275 failed",
        "the new pool comes first; then as for a node that goes",
        (f"{_ROW}[a pool is exchanged]",),
    ),
)


def record() -> dict[str, dict[str, Any]]:
    """Return what was seen, by test."""
    found: dict[str, dict[str, Any]] = json.loads(RECORD.read_text())
    return found


def seen(test: str, known: dict[str, dict[str, Any]]) -> str:
    """Return what a test saw the last time that it ran for the record."""
    entry = known.get(test)
    name = f"`{test.partition('::')[2]}`"
    if entry is None:
        return f"{name}: not run for the record yet"
    rate = f"{entry['rate']:.0f} a second"
    if "places" in entry:
        rate = f"at least {rate} at each of {entry['places']} places"
    counted = f"{entry['failed']:,} of {entry['requests']:,} failed"
    return f"{name}: {counted} on {entry['on']}, {rate}"


def table(known: dict[str, dict[str, Any]]) -> str:
    """Return the rows with what was seen of each."""
    lines = [
        "| change | before | what the program does now | seen |",
        "| --- | --- | --- | --- |",
    ]
    for row in ROWS:
        notes = [*(seen(test, known) for test in row.tests), *([row.shown] if row.shown else [])]
        lines.append(f"| {row.change} | {row.before} | {row.now} | {'; '.join(notes)} |")
    return "\n".join(lines) + "\n"


def render(text: str) -> str:
    """Return the page with its table written anew."""
    head, _, rest = text.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    return f"{head}{_BEGIN}\n{table(record())}\n{_END}{tail}"


if __name__ == "__main__":
    FILE.write_text(render(FILE.read_text()))
