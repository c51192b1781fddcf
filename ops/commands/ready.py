"""`ops ready`: whether the mesh can go into production, with what was seen and what mends it.

Exit code 0: ready. 1: not ready, or it could not be asked.
"""

import argparse
import json
import sys

from ops.outputs import load_outputs, load_resources
from ops.pulumi import backend
from ops.ready.suite import readiness
from ops.ready.whole import State


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `ready`."""
    parser = commands.add_parser(
        "ready", help="tell what is missing for production", description=__doc__
    )
    parser.add_argument("--stack", help="its outputs; standard input if not given")
    parser.add_argument(
        "--json", action="store_true", help="JSON on standard output, the list on standard error"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask, show and return the exit code."""
    stack = arguments.stack
    outputs = load_outputs(stack, with_secrets=True)
    state = State(backend=backend(), resources=load_resources(stack)) if stack else None
    found = readiness(outputs, state)
    if arguments.json:
        print(json.dumps(found.document()), flush=True)
    print(found.text(), file=sys.stderr if arguments.json else sys.stdout, flush=True)
    return 0 if found.is_ready else 1
