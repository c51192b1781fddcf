"""How xdist shares out the tests: together what uses the same run of the program."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from xdist.scheduler import LoadScopeScheduling

# Not from the program's own list of them: whoever only shares out tests must not load all that.
CASES: Final = frozenset(
    file.stem for file in Path(__file__).resolve().parents[1].glob("inventories/*.yaml")
)


def group_of(nodeid: str) -> str:
    """Return the case that a test is parametrised with, else its file."""
    file, _, test = nodeid.partition("::")
    case = test.partition("[")[2].removesuffix("]")
    return case if case in CASES else file


class ByRun(LoadScopeScheduling):
    """Keeps the tests of a case in one process, and those of a file.

    The marks of `--dist=loadgroup` say the same, but xdist 3.8 hands them on by renaming the
    tests, which pytest 9.2 does not take up: each test went to any process.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
