"""`ops recover`: after a killed update, so that the next one goes on where it was.

Exit code 0: nothing is in the way of the next update. 1: something is, or it was not agreed to.
"""

import argparse
import contextlib
import sys
from collections.abc import Callable
from dataclasses import dataclass

from ops.consent import agreed
from ops.errors import OpsError
from ops.pulumi import backend
from ops.recover import orphans
from ops.recover.locks import holders
from ops.recover.pulumi import Pulumi
from ops.recover.repair import Repair


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `recover`."""
    parser = commands.add_parser("recover", help="go on after a kill", description=__doc__)
    parser.add_argument("--stack", required=True, help="its name")
    parser.add_argument("--yes", action="store_true", help="do what the plan says, unasked")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show what is in the way and what is done about it, then do that."""
    pulumi = Pulumi(arguments.stack)
    account = _Account(pulumi.stack)
    ask = agreed if not arguments.yes else _unasked
    if not _clear_the_way(pulumi, account, ask):
        return 1
    with contextlib.ExitStack() as files:
        repair = Repair.look(pulumi, account, files)
        for line in repair.lines:
            account(line)
        if not repair.steps:
            _say(f"stack {pulumi.stack}: nothing was left under way")
            return 0
        if not ask():
            return 1
        repair.carry_out(account)
    _say(f"stack {pulumi.stack}: recovered; the next update goes on from here")
    return 0


@dataclass(slots=True)
class _Account:
    """Tells what is found, below a line that says why it was looked for."""

    stack: str
    is_begun: bool = False

    def __call__(self, text: str) -> None:
        if not self.is_begun:
            self.is_begun = True
            _say(f"stack {self.stack}: the last update did not come to its end")
        _say(f"  {text}")


def _clear_the_way(pulumi: Pulumi, say: Callable[[str], None], ask: Callable[[], bool]) -> bool:
    """Release the lock of whoever is gone, and end what was left; refuse while somebody works."""
    locks = holders(backend(), pulumi.stack)
    for holder in locks:
        if not holder.is_gone:
            raise OpsError(holder.refusal(pulumi.stack))
        say(f"lock of {holder}, who is gone: release it")
    left = orphans.orphans()
    for process in left:
        say(f"{orphans.shown(process)}, left by a killed engine: end it")
    if (locks or left) and not ask():
        return False
    orphans.end(left)
    if locks:
        pulumi.release()
    return True


def _unasked() -> bool:
    return True


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
