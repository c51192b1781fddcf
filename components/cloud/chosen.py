"""What was not pinned: the newest that fits when something is made, and from then on what is there.

A newer offer changes nothing by itself, because nobody wants nodes to be replaced by a preview on
another day. It is told in one line.
"""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """One choice among what is offered."""

    value: str
    """A version, or the OCID of an image."""
    name: str
    """As people know it."""
    newer: str | None = None
    """What is offered beside it and would be chosen today; None where the choice is pinned."""


def tell_newer(resource: pulumi.Resource | None, path: str, chosen: Chosen) -> str:
    """Return the value of a choice; says in one line what is newer, and how to get it."""
    if chosen.newer:
        pulumi.log.info(
            f"{path}: stays {chosen.name}, as it was made; {chosen.newer} is offered now, "
            "set it to change over",
            resource,
        )
    return chosen.value
