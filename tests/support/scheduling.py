"""How xdist shares out the tests: together what uses the same run of the program."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

from tests.support.program import CASES


def group_of(nodeid: str) -> str:
    """Return the case that a test is parametrised with, else its file."""
    file, _, test = nodeid.partition("::")
    case = test.partition("[")[2].removesuffix("]")
    return case if case in CASES else file


class ByRun(LoadScopeScheduling):
    """Keeps the tests of a case in one process, and those of a file.

    The marks of `--dist=loadgroup` would say the same, but pytest 9.2 does not show the names
    that xdist 3.8 gives to marked tests.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
