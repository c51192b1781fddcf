"""`ops drill`: takes something away on purpose, counts requests meanwhile, and puts it back.

Exit code 0: the mesh stood it. 1: it did not, or it was not agreed to. 2: it could not be tried.
130: somebody interrupted it, and everything was put back.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Final

from ops.consent import agreed
from ops.drill.plan import Drill, Wanted
from ops.drill.suite import Asking, drill
from ops.errors import OpsError
from ops.interruption import end_in_order
from ops.outputs import load_outputs
from ops.verify.document import mesh_from_outputs
from ops.verify.own import CURL_IMAGE, target_of

_COULD_NOT_TRY: Final = 2
# As a shell has it: 128 and the number of the signal.
_INTERRUPTED: Final = 130
_SECONDS: Final = 20.0
_TIMEOUT_SECONDS: Final = 180.0
_DELAY_SECONDS: Final = 2.0
# A client of a service of one's own lives for a quarter of an hour.
_LONGEST: Final = 300.0
# A request that takes twice as long has failed.
_LONGEST_DELAY: Final = 5.0


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `drill`."""
    parser = commands.add_parser("drill", help="take something away and count", description=__doc__)
    parser.add_argument("name", choices=[*Drill], metavar="NAME", help=f"of {', '.join(Drill)}")
    parser.add_argument("--stack", help="its outputs; standard input if not given")
    parser.add_argument("--cluster", metavar="KEY", help="the first that it can be tried in")
    parser.add_argument("--yes", action="store_true", help="do what the plan says, unasked")
    parser.add_argument(
        "--max-failed",
        type=_count,
        metavar="N",
        help="requests that may fail; 0 where another pod answers meanwhile, else not judged",
    )
    _add_times(parser)
    parser.add_argument(
        "--service",
        metavar="NAMESPACE/NAME[:PORT]",
        help="ask this HTTP service of your own instead of the samples",
    )
    parser.add_argument("--path", default="/", help="of what --service is asked for (/)")
    parser.add_argument(
        "--image", default=CURL_IMAGE, help=f"of the client of --service ({CURL_IMAGE})"
    )
    parser.add_argument(
        "--json", action="store_true", help="JSON on standard output, the table on standard error"
    )
    parser.set_defaults(run=run)


def _add_times(parser: argparse.ArgumentParser) -> None:
    times = {
        "--seconds": (_SECONDS, _LONGEST, "watching what the change does (20)"),
        "--timeout": (_TIMEOUT_SECONDS, _LONGEST, "what anything may take to come about (180)"),
        "--delay": (_DELAY_SECONDS, _LONGEST_DELAY, "of `latency`, for each request (2)"),
    }
    for name, (default, most, text) in times.items():
        parser.add_argument(
            name, type=_Seconds(most), default=default, metavar="SECONDS", help=text
        )


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"must not be negative, got {number}")
    return number


class _Seconds:
    """A number of seconds above none, and not above a bound."""

    def __init__(self, most: float) -> None:
        self._most = most

    def __call__(self, text: str) -> float:
        number = float(text)
        if not 0 < number <= self._most:
            raise argparse.ArgumentTypeError(
                f"must be more than 0 and at most {self._most:g}, got {text}"
            )
        return number


def run(arguments: argparse.Namespace) -> int:
    """Show what is to be done, do it, and show what came of it."""
    end_in_order()
    chosen = arguments.service
    wanted = Wanted(
        drill=Drill(arguments.name),
        cluster=arguments.cluster,
        max_failed=arguments.max_failed,
        seconds=arguments.seconds,
        delay=arguments.delay,
    )
    try:
        asking = Asking(
            target=target_of(chosen, arguments.path) if chosen else None,
            image=arguments.image,
            timeout=arguments.timeout,
        )
        mesh = mesh_from_outputs(load_outputs(arguments.stack, with_secrets=True))
        result = drill(mesh, wanted, asking, agreed=lambda plan: _agreed(plan, arguments.yes))
    except OpsError as error:
        print(f"ops drill: {error}", file=sys.stderr)
        return _COULD_NOT_TRY
    except KeyboardInterrupt:
        # What could not be put back has been told by then.
        print("ops drill: interrupted", file=sys.stderr)
        return _INTERRUPTED
    if result is None:
        return 1
    if arguments.json:
        print(json.dumps(result.document()), flush=True)
    print(f"\n{result.text()}", file=sys.stderr if arguments.json else sys.stdout, flush=True)
    return 0 if result.has_passed else 1


def _agreed(plan: Sequence[str], is_unasked: bool) -> bool:
    print("\n".join(plan), file=sys.stderr, flush=True)
    return is_unasked or agreed()
