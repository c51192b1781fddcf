"""What the last update left: the stack's own outputs, read before anything is registered."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import pulumi

# Not a StackReference, which would be a resource, and known only to other resources.
_READ_OUTPUTS: Final = "pulumi:pulumi:readStackOutputs"

# A backend of files writes an update's first state while this is read, and for a moment one of its
# files is empty: https://github.com/google/go-cloud/blob/master/blob/fileblob/attrs.go
_TRIES: Final = 5
_PAUSE_SECONDS: Final = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class LastOutputs:
    """The outputs by name; none before the first update."""

    values: Mapping[str, Any]
    secret: frozenset[str] = frozenset()
    """Names of those that are."""

    def keep(self) -> None:
        """Export them again, for a program that ends here.

        Pulumi takes for the stack's outputs what a program has exported, also one that fails. What
        the clusters were made with would be forgotten by one refused update.
        """
        for name, value in self.values.items():
            kept = pulumi.Output.secret(value) if name in self.secret else value
            pulumi.export(name, kept)


def read_last_outputs() -> LastOutputs:
    """Return the outputs of this stack's last update; says so if they cannot be read."""
    name = "/".join((pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack()))
    try:
        found = _read(name)
    except Exception as fault:
        # Each backend has errors of its own.
        pulumi.log.warn(
            f"{name}: its last outputs cannot be read, got {fault}; whether a change of what a "
            "cluster was made with is among those of this update is not known"
        )
        return LastOutputs(values={})
    return LastOutputs(
        values=found["outputs"] or {}, secret=frozenset(found["secretOutputNames"] or ())
    )


def _read(name: str) -> Any:
    for _ in range(_TRIES - 1):
        with suppress(Exception):
            return pulumi.runtime.invoke(_READ_OUTPUTS, {"name": name}).value
        time.sleep(_PAUSE_SECONDS)
    return pulumi.runtime.invoke(_READ_OUTPUTS, {"name": name}).value
