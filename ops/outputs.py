"""The stack's outputs, from Pulumi or from standard input; described in docs/outputs.md."""

import json
import sys
from collections.abc import Sequence
from typing import Any, Final

from ops.errors import OpsError
from ops.pulumi import run_pulumi

# Of docs/outputs.md.
SCHEMA_VERSION: Final = 2

# The component that leads to private endpoints: its outputs are those of the stack's `access`.
_ACCESS: Final = "okemesh:access:Access"

Outputs = dict[str, Any]


def load_outputs(stack: str | None, *, with_secrets: bool = False) -> Outputs:
    """Return the outputs of `stack`, or those given on standard input.

    Args:
        stack: Its name.
        with_secrets: Whether Pulumi is asked to show secrets, which otherwise stay hidden.

    Raises:
        OpsError: there are none, or what came is no document of outputs.
    """
    shown = ("--show-secrets",) if with_secrets else ()
    return _checked(_ask_pulumi(stack, "output", "--json", *shown) if stack else _standard_input())


def load_access(stack: str | None) -> Any:
    """Return the output `access`; of a stack whose first update has not ended, what its state has.

    None if there is no way to private endpoints yet.

    Raises:
        OpsError: as `load_outputs`.
    """
    text = _ask_pulumi(stack, "output", "--json") if stack else _standard_input()
    if stack and text.strip() == "{}":
        found = (r for r in load_resources(stack) if r["type"] == _ACCESS)
        return next((resource.get("outputs") for resource in found), None)
    return _checked(text).get("access")


def load_resources(stack: str) -> Sequence[dict[str, Any]]:
    """Return the resources in the state of `stack`, whose secrets stay encrypted.

    Raises:
        OpsError: as `load_outputs`.
    """
    deployment = json.loads(_ask_pulumi(stack, "export"))["deployment"] or {}
    found: Sequence[dict[str, Any]] = deployment.get("resources", ())
    return found


def _checked(text: str) -> Outputs:
    try:
        outputs = json.loads(text)
    except ValueError as error:
        raise OpsError(f"the outputs are no JSON: {error}; give them as Pulumi prints them") from (
            error
        )
    if not isinstance(outputs, dict) or "schemaVersion" not in outputs:
        raise OpsError(
            "the document has no schemaVersion; give the outputs of an oke-mesh stack, as "
            "`pulumi stack output --json` prints them"
        )
    if outputs["schemaVersion"] != SCHEMA_VERSION:
        raise OpsError(
            f"schemaVersion: is not the {SCHEMA_VERSION} that this version of ops knows, got "
            f"{outputs['schemaVersion']!r}; run `pulumi up` with this version of oke-mesh, or use "
            "the ops of the version that made the stack"
        )
    return outputs


def _standard_input() -> str:
    if sys.stdin.isatty():
        raise OpsError("no stack was named; give --stack, or the outputs on standard input")
    return sys.stdin.read()


def _ask_pulumi(stack: str, *words: str) -> str:
    remedy = "install it, or give the outputs on standard input"
    asked = run_pulumi("stack", *words, "--stack", stack, remedy=remedy)
    if asked.returncode != 0:
        raise OpsError(f"stack {stack}: has no outputs to read, got {asked.stderr.strip()!r}")
    return asked.stdout
