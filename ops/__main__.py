"""`python -m ops COMMAND`: each command is one module of `ops.commands`."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from ops.errors import OpsError

COMMANDS = ("drill", "ready", "recover", "report", "traffic", "tunnel", "verify")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="ops", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    # Each preview runs `ops tunnel ensure`, so it does not import what another command needs.
    named = [name for name in COMMANDS if name == next(iter(words), None)]
    for name in named or COMMANDS:
        importlib.import_module(f"ops.commands.{name}").register(commands)
    chosen = parser.parse_args(words)
    try:
        code: int = chosen.run(chosen)
    except OpsError as error:
        print(f"ops {chosen.command}: {error}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
