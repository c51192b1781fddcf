"""Applies each fault of the table to a copy of the tree and runs the tests that must find it.

The working tree is never changed. What lives shows a test that is missing: the run prints it and
ends with 1. A table that no longer fits the tree ends it with 2 before anything is run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.table import ROOT, Mutant, TableError, chosen, read_table
from tests.mutants.trial import Copy, Outcome, Result, try_all, warm_up, without_faults


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    asked = _parser().parse_args(argv)
    try:
        mutants = chosen(read_table(), asked.only)
        for mutant in mutants:
            mutant.applied(ROOT)
        if asked.list:
            for mutant in mutants:
                print(f"{mutant.name}  {mutant.file}")
            return 0
        return _run(mutants, asked.processes)
    except TableError as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/mutants",
        description=__doc__,
        epilog="The table is tests/mutants/*.yaml: by file and by name the exact old text, which "
        "occurs once, the new one, and the tests.",
    )
    parser.add_argument("--only", metavar="NAME", action="append", default=[], help="try this one")
    parser.add_argument("--list", action="store_true", help="print their names and try none")
    parser.add_argument(
        "--processes", metavar="N", type=int, default=2, help="at a time (default: %(default)s)"
    )
    return parser


def _run(mutants: Sequence[Mutant], processes: int) -> int:
    since = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [Copy(ROOT, Path(folder) / str(n)) for n in range(min(processes, len(mutants)))]
        warm_up()
        without_faults(copies, mutants)
        print(f"without a fault every test passes ({time.monotonic() - since:.0f} s)", flush=True)
        left = []
        for number, result in enumerate(try_all(copies, mutants), 1):
            print(
                f"{number:3}/{len(mutants)} {result.outcome.value:6} {result.seconds:5.1f} s  "
                f"{result.mutant.name}",
                flush=True,
            )
            if result.outcome is not Outcome.KILLED:
                left.append(result)
    for result in left:
        _tell(result)
    print(
        f"{len(mutants)} mutants, {len(mutants) - len(left)} killed, {len(left)} not, "
        f"{time.monotonic() - since:.0f} s"
    )
    return 1 if left else 0


def _tell(result: Result) -> None:
    mutant = result.mutant
    print(f"\n{result.outcome.value}: {mutant.name} in {mutant.file}")
    print(f"  old: {mutant.old!r}\n  new: {mutant.new!r}\n  tests: {' '.join(mutant.tests)}")
    if result.outcome is Outcome.BROKEN:
        print(result.printed)


if __name__ == "__main__":
    sys.exit(main())
