"""`ops verify`: the proof that every cluster of the mesh answers every other.

Exit code 0: verified. 1: not verified, and the table says what was seen. 2: could not be run.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from ops.errors import OpsError
from ops.interruption import end_in_order
from ops.outputs import load_outputs
from ops.verify.document import Mesh, mesh_from_outputs
from ops.verify.junit import junit
from ops.verify.own import CURL_IMAGE, target_of, verify_service
from ops.verify.report import Report
from ops.verify.suite import verify
from ops.verify.table import render

_REQUESTS: Final = 100
_TIMEOUT_SECONDS: Final = 120.0
_COULD_NOT_RUN: Final = 2


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `verify`."""
    parser = commands.add_parser("verify", help="prove that traffic flows", description=__doc__)
    parser.add_argument("--stack", help="its outputs; standard input if not given")
    parser.add_argument(
        "--requests", type=_positive, default=_REQUESTS, help="from each cluster (100)"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=_TIMEOUT_SECONDS,
        metavar="SECONDS",
        help="waiting for what is on its way, in all (120)",
    )
    parser.add_argument(
        "--json", action="store_true", help="JSON on standard output, the table on standard error"
    )
    parser.add_argument(
        "--service",
        metavar="NAMESPACE/NAME[:PORT]",
        help="ask this HTTP service of your own instead, with rights in its namespace only",
    )
    parser.add_argument("--path", default="/", help="of what --service is asked for (/)")
    parser.add_argument(
        "--image", default=CURL_IMAGE, help=f"of the client of --service ({CURL_IMAGE})"
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="also write JUnit XML")
    parser.set_defaults(run=run)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def run(arguments: argparse.Namespace) -> int:
    """Verify, show and return the exit code."""
    end_in_order()
    try:
        mesh = mesh_from_outputs(load_outputs(arguments.stack, with_secrets=True))
        report = _verified(mesh, arguments)
        if arguments.junit:
            _write(arguments.junit, junit(report))
    except OpsError as error:
        print(f"ops verify: {error}", file=sys.stderr)
        return _COULD_NOT_RUN
    _show(report, as_json=arguments.json)
    return 0 if report.is_green else 1


def _verified(mesh: Mesh, arguments: argparse.Namespace) -> Report:
    requests, timeout = arguments.requests, arguments.timeout
    if not arguments.service:
        return verify(mesh, requests=requests, timeout=timeout)
    target = target_of(arguments.service, arguments.path)
    image = arguments.image
    return verify_service(mesh, target, requests=requests, timeout=timeout, image=image)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text)
    except OSError as error:
        raise OpsError(f"--junit: cannot be written, got {error}; name another file") from error


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.document()), flush=True)
    print(f"\n{render(report)}", file=sys.stderr if as_json else sys.stdout, flush=True)
