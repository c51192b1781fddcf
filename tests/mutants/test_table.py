"""Every fault of the table is one that can be tried."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.table import ROOT, Mutant, TableError, chosen, read_table

MUTANTS = read_table()


def mutant(**changes: str) -> Mutant:
    given = {"name": "a-fault", "file": "thing.py", "old": "= 1", "new": "= 2", **changes}
    return Mutant(**given, tests=("test_thing.py",))


def test_no_mutant_is_stale_and_each_is_a_program() -> None:
    """A stale one raises; what is no Python would be found by any test."""
    for found in MUTANTS:
        ast.parse(found.applied(ROOT))


def test_each_changes_something() -> None:
    assert [found.name for found in MUTANTS if found.old == found.new] == []


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    assert len(MUTANTS) >= 60
    assert [name for name, count in Counter(m.name for m in MUTANTS).items() if count > 1] == []


def test_the_tests_that_should_find_them_are_there() -> None:
    missing = []
    for test in {test for found in MUTANTS for test in found.tests}:
        file, _, name = test.partition("[")[0].partition("::")
        text = (ROOT / file).read_text()
        if name and not re.search(rf"^def {name}\(", text, re.MULTILINE):
            missing.append(test)
    assert missing == []


@pytest.mark.parametrize(("text", "count"), [("a = 3\n", 0), ("a = 1\nb = 1\n", 2)])
def test_old_text_that_does_not_occur_once_is_stale(tmp_path: Path, text: str, count: int) -> None:
    (tmp_path / "thing.py").write_text(text)
    with pytest.raises(TableError) as caught:
        mutant().applied(tmp_path)
    assert str(caught.value) == (
        f"a-fault: the mutant is stale: thing.py has its old text {count} times, not once: '= 1'"
    )


def test_a_file_that_is_gone_makes_a_mutant_stale(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"^a-fault: the mutant is stale: there is no thing\.py$"):
        mutant().applied(tmp_path)


def test_a_name_that_no_mutant_has_is_told() -> None:
    with pytest.raises(TableError, match=r"^no mutant is called other; --list shows all$"):
        chosen([mutant()], ["a-fault", "other"])
