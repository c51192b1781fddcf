"""Asks before something is changed."""

import sys
from typing import Final

from ops.errors import OpsError

_YES: Final = ("y", "yes")


def agreed() -> bool:
    """Return whether the user agrees to what was shown.

    Raises:
        OpsError: nobody can be asked.
    """
    if not sys.stdin.isatty():
        raise OpsError("nobody can be asked here; look at the plan, then give --yes")
    # What a program reads from standard output is no question.
    print("Do this? [y/N] ", end="", file=sys.stderr, flush=True)
    return input().strip().lower() in _YES
