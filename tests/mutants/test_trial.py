"""A fault is tried in a copy, and its outcome is that of the tests there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.table import Mutant, TableError
from tests.mutants.trial import Copy, Outcome, try_all, without_faults

# A worker of xdist has threads; the fork asks for nothing that they hold.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

TREE = {
    ".gitignore": "left_out/\n",
    "left_out/large": "",
    "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['.']\n",
    "kit/__init__.py": "",
    "kit/thing.py": "SEEN = 1\nUNSEEN = 1\n",
    "test_thing.py": "from kit.thing import SEEN\n\ndef test_it() -> None:\n    assert SEEN == 1\n",
}


def mutant(old: str, new: str) -> Mutant:
    return Mutant(name=new, file="kit/thing.py", old=old, new=new, tests=("test_thing.py",))


FOUND, MISSED, BROKEN = (
    mutant("SEEN = 1\nU", "SEEN = 2\nU"),
    mutant("UNSEEN = 1", "UNSEEN = 2"),
    mutant("UNSEEN = 1", "UNSEEN = ("),
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in TREE.items():
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(text)
    return tmp_path / "tree"


@pytest.fixture
def copy(tree: Path) -> Copy:
    return Copy(tree, tree.with_name("copy"))


def test_what_tests_find_is_killed_and_what_they_do_not_lives(copy: Copy) -> None:
    outcomes = {
        result.mutant: result.outcome for result in try_all([copy], [FOUND, MISSED, BROKEN])
    }
    assert outcomes == {
        FOUND: Outcome.KILLED,
        MISSED: Outcome.ALIVE,
        BROKEN: Outcome.BROKEN,
    }


def test_a_fault_is_in_the_copy_and_for_its_time_only(tree: Path, copy: Copy) -> None:
    place, stat = copy.root / FOUND.file, (copy.root / FOUND.file).stat()
    original = copy.put(FOUND)
    assert place.read_text() == "SEEN = 2\nUNSEEN = 1\n"
    assert (tree / FOUND.file).read_text() == TREE[FOUND.file]
    original.put_back()
    assert place.read_text() == TREE[FOUND.file]
    assert place.stat().st_mtime_ns == stat.st_mtime_ns


def test_what_git_ignores_is_not_copied(copy: Copy) -> None:
    assert not (copy.root / "left_out").exists()


def test_tests_that_fail_without_a_fault_are_told_of(tree: Path) -> None:
    (tree / "kit" / "thing.py").write_text("SEEN = 3\nUNSEEN = 1\n")
    with pytest.raises(TableError, match=r"^tests fail without any fault:"):
        without_faults([Copy(tree, tree.with_name("copy"))], [MISSED])
