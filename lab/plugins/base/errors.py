"""What a plugin refuses, and how that reaches the engine.

PluginError            told to the user as it is
|- InputsError       inputs at fault, each with its property
|- InitError          the resource exists but is not as asked; the engine keeps its state
|- InterruptError      the user cancelled, or the deadline passed
"""

from __future__ import annotations

from collections.abc import Sequence

from sdks.checking import Failure
from sdks.values import Properties


class PluginError(Exception):
    """Shown to the user as it is, without a traceback."""


class InterruptError(PluginError):
    """The operation was cancelled or took longer than it may."""


class InputsError(PluginError):
    """Inputs of a function call or of the provider that are at fault."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("; ".join(f"{item.property}: {item.reason}" for item in failures))
        self.failures = tuple(failures)


class InitError(PluginError):
    """The resource was made or changed, but did not come to the state asked for."""

    def __init__(
        self,
        reasons: Sequence[str],
        *,
        resource_id: str,
        outputs: Properties,
        inputs: Properties | None = None,
    ) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)
        self.resource_id = resource_id
        self.outputs = outputs
        self.inputs = inputs
        """What a read found; None leaves the inputs as the engine has them."""
