"""The lab's one error: a fault of the machine or of its use, told in a sentence with a remedy."""

from __future__ import annotations


class LabError(Exception):
    """Shown to the user as it is, without a traceback."""
