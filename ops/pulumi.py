"""Runs the pulumi program in this project's folder."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from ops.errors import OpsError

PROJECT_FOLDER: Final = Path(__file__).resolve().parents[1]


def run_pulumi(
    *words: str, remedy: str = "install it", stdin: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Return what pulumi said, and how it ended.

    Args:
        words: Its command line; names of the user's go to Pulumi, and no shell reads them.
        remedy: What to do where there is no pulumi.
        stdin: Its standard input; this program's own if not given, so that it can ask.

    Raises:
        OpsError: there is none.
    """
    program = shutil.which("pulumi")
    if program is None:
        raise OpsError(f"pulumi is not on PATH; {remedy}")
    return subprocess.run(  # noqa: S603 see above
        [program, *words],
        cwd=PROJECT_FOLDER,
        env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"},
        stdin=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def backend() -> str:
    """Return the URL of what keeps the states of this project's stacks.

    Raises:
        OpsError: Pulumi is not signed in to any.
    """
    asked = run_pulumi("whoami", "--verbose", "--json", "--non-interactive")
    if asked.returncode:
        said = (asked.stderr or asked.stdout).strip()
        raise OpsError(f"pulumi is signed in nowhere, got {said!r}; `pulumi login`")
    return str(json.loads(asked.stdout).get("url", ""))
