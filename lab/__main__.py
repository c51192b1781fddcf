"""The lab's command line: `python -m lab up`, `deploy`, `down` and others; make calls it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from lab import commands
from lab.errors import LabError
from lab.operations import OPERATIONS, show_environment
from lab.paths import LabPaths

COMMANDS: dict[str, Callable[[LabPaths], None]] = {
    "build": commands.build,
    "up": commands.up,
    "down": commands.down,
    "env": show_environment,
    "status": commands.status,
    "serve": commands.serve,
}


def main() -> int:
    """Runs one command; a fault is a sentence and exit status 1."""
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    commands_of = parser.add_subparsers(dest="command", required=True)
    for name, function in COMMANDS.items():
        commands_of.add_parser(name, help=function.__doc__)
    for name, operation in OPERATIONS.items():
        # Whatever else is given is for the engine.
        commands_of.add_parser(name, help=operation.__doc__, prefix_chars="\0", add_help=False)
    given, words = parser.parse_known_args()
    try:
        if given.command in OPERATIONS:
            return OPERATIONS[given.command](LabPaths.locate(), words)
        if words:
            parser.error(f"unrecognized arguments: {' '.join(words)}")
        COMMANDS[given.command](LabPaths.locate())
    except LabError as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
