"""`python -m ops COMMAND`: each command is one module of `ops.commands`."""

import argparse
import sys
from collections.abc import Sequence

from ops.commands import tunnel, verify
from ops.errors import OpsError

COMMANDS = (tunnel, verify)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="ops", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.register(commands)
    chosen = parser.parse_args(arguments)
    try:
        code: int = chosen.run(chosen)
    except OpsError as error:
        print(f"ops {chosen.command}: {error}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
