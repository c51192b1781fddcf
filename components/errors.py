"""Every error that the program raises on purpose.

    OkeMeshError (pulumi.RunError: printed without a traceback)
    ├── ConfigError   the settings are wrong; lists every problem at once
    ├── NamingError   a name built from the settings breaks a limit of Oracle Cloud or Kubernetes
    └── OfferError    Oracle Cloud does not offer what the settings ask for; lists what it offers

A wiring mistake inside the program raises `ValueError`, whose traceback is wanted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One fault in the settings: where it is, what it is, what was given and what to do.

    `got` is shown to the user, so it never holds a secret.
    """

    path: str
    fault: str
    got: str
    remedy: str

    def __str__(self) -> str:
        """Return the one sentence that is shown: `<path>: <fault>, got <value>; <remedy>`."""
        return f"{self.path}: {self.fault}, got {self.got}; {self.remedy}"


class OkeMeshError(pulumi.RunError):
    """Base of the errors that users can mend; printed as text, without a traceback."""


class ConfigError(OkeMeshError):
    """The settings are wrong; nothing was registered."""

    problems: tuple[Problem, ...]
    """Every problem of the pass that failed, in the order of their paths."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        heading = f"{count} problem{'s' if count > 1 else ''} in the configuration:"
        super().__init__("\n".join([heading, *(f"  {problem}" for problem in self.problems)]))


class NamingError(OkeMeshError):
    """A name is longer than its limit or has letters that are not allowed there."""


class OfferError(OkeMeshError):
    """The region does not offer a Kubernetes version, an image or a service by that name."""
