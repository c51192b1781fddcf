"""docs/changes.md says what the tests have seen, and nothing else."""

import ast

import pytest

from docs.generate_changes import FILE, RECORD, ROWS, record, render, seen
from tests.support.program import ROOT

TESTS = [test for row in ROWS for test in row.tests]


def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text() == render(FILE.read_text()), "run `python -m docs.generate_changes`"


@pytest.mark.parametrize("test", [*TESTS, *record()])
def test_every_row_names_a_test_that_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    tree = ast.parse((ROOT / file).read_text())
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert name.partition("[")[0] in names


def test_what_failed_is_said() -> None:
    entry = {"failed": 4, "on": "2026-11-26", "places": 4, "rate": 9.6, "requests": 1109}
    assert seen(TESTS[0], {TESTS[0]: entry}).endswith(
        "4 of 1,109 failed on 2026-11-26, at least 10 a second at each of 4 places"
    )
    assert seen(TESTS[1], {}).endswith("not run for the record yet")


def test_the_record_is_beside_the_page() -> None:
    assert RECORD.parent == FILE.parent
