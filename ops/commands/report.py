"""`ops report`: one page about the mesh, in Markdown, with what was found and what is open.

Exit code 0: the page is made, whatever it says. 1: it could not be made.
"""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from ops.errors import OpsError
from ops.interruption import end_in_order
from ops.outputs import load_outputs, load_resources
from ops.pulumi import backend
from ops.ready.suite import readiness
from ops.ready.whole import State
from ops.report.page import Found, page
from ops.report.secret import without_secrets
from ops.verify.document import mesh_from_outputs
from ops.verify.suite import verify

_REQUESTS: Final = 100
_TIMEOUT_SECONDS: Final = 120.0

Seen = TypeVar("Seen")


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `report`."""
    parser = commands.add_parser("report", help="write a page about the mesh", description=__doc__)
    parser.add_argument("--stack", required=True, help="its name")
    parser.add_argument("--output", type=Path, metavar="FILE", help="standard output if not given")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask everything, and write the page."""
    end_in_order()
    stack = arguments.stack
    # What stands on the page comes from outputs without secrets; only kubectl gets the others.
    hidden, shown = load_outputs(stack), load_outputs(stack, with_secrets=True)
    mesh = mesh_from_outputs(shown)
    found = Found(
        stack=stack,
        at=datetime.now(UTC),
        outputs=hidden,
        verification=_or_why(lambda: verify(mesh, requests=_REQUESTS, timeout=_TIMEOUT_SECONDS)),
        readiness=_or_why(lambda: readiness(shown, _state(stack))),
    )
    text = without_secrets(page(found), shown, hidden)
    if arguments.output is None:
        print(text, end="", flush=True)
        return 0
    try:
        arguments.output.write_text(text)
    except OSError as error:
        raise OpsError(f"--output: cannot be written, got {error}; name another file") from error
    return 0


def _state(stack: str) -> State:
    return State(backend=backend(), resources=load_resources(stack))


def _or_why(ask: Callable[[], Seen]) -> Seen | str:
    """Return what was found; the reason where nothing could be asked, which the page tells."""
    try:
        return ask()
    except OpsError as error:
        return str(error)
