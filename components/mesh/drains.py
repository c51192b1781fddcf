"""The last that comes to a cluster, and the first that goes: a pause before all of it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.context import Context
from components.mesh.drain import Drain, DrainArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class DrainsArgs:
    """What of each cluster is still there when it has left the mesh."""

    seconds: int
    resources: Mapping[str, Sequence[pulumi.Resource]]
    """By cluster key."""
    command: pulumi.ProviderResource
    """With which they wait."""

    @classmethod
    def of(
        cls,
        context: Context,
        *,
        ways_in: Mapping[str, Sequence[pulumi.Resource]],
        samples: Mapping[str, pulumi.Resource],
    ) -> "DrainsArgs":
        """Return the drains of all clusters, by the gateways and the samples of each."""
        return cls(
            seconds=context.settings.mesh.drain_seconds,
            resources={
                key: [*gateways, *([samples[key]] if key in samples else [])]
                for key, gateways in ways_in.items()
            },
            command=context.providers.command,
        )


class Drains(pulumi.ComponentResource):
    """Lets the proxies of others forget a cluster before anything of it is deleted."""

    def __init__(
        self, name: str, args: DrainsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:mesh:Drains", name, None, opts)
        for key, resources in args.resources.items():
            Drain(
                f"{key}-drain",
                DrainArgs(seconds=args.seconds, of=resources, identity=key),
                pulumi.ResourceOptions(parent=self, providers=[args.command]),
            )
        self.register_outputs({})
