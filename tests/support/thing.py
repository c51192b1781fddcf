"""A resource of no cloud, to see what waits for something."""

from __future__ import annotations

import pulumi

THING = "test:index:Thing"


class Thing(pulumi.CustomResource):
    """Takes any value, and waits for what the value comes from."""

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions | None = None,
        value: pulumi.Input[object] = None,
    ) -> None:
        super().__init__(THING, name, {"value": value}, opts)
