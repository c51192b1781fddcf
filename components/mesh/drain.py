"""A pause in a deletion, in which proxies forget what is about to go.

Pulumi deletes what depends on something before that something. So whatever a drain depends on is
still there, and answers, while the drain is being deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_command as command


@dataclass(frozen=True, kw_only=True, slots=True)
class DrainArgs:
    """How long, and of what."""

    seconds: int
    of: Sequence[pulumi.Resource]
    """What goes on answering meanwhile."""
    identity: pulumi.Input[str]
    """Another one is another drain: the former is deleted, with its pause, before what it is of."""
    settles: bool = False
    """Whether there is such a pause after the creation too, for what is ready a moment later."""


class Drain(pulumi.ComponentResource):
    """Waits when it is deleted, and then what it is of may go."""

    pause: pulumi.Resource
    """Whoever depends on it is gone before the waiting begins."""

    def __init__(
        self, name: str, args: DrainArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:Drain", name, None, opts)
        wait = f"sleep {args.seconds}"
        self.pause = command.local.Command(
            f"{name}-pause",
            create=wait if args.settles else None,
            # Otherwise another number of seconds would run the command for creation.
            update="true",
            delete=wait,
            # The SDK lets a changed trigger replace the resource.
            triggers=[args.identity],
            add_previous_output_in_env=False,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.of]),
        )
        self.register_outputs({})
