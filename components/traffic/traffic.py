"""Traffic rules: for each host a VirtualService and a DestinationRule, the same in every primary.

An istiod reads rules of its own cluster only, and serves the proxies of its remotes too. A subset
has to be known where its pods are as well: the east-west gateway there leads to it by its name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.cluster.cluster import ClusterApi
from components.context import Context
from components.mesh.mesh import Mesh
from components.mesh.objects import create_object
from components.plan.traffic.names import SAMPLES
from components.plan.traffic.rules import TrafficRule, traffic_rules


@dataclass(frozen=True, kw_only=True, slots=True)
class TrafficArgs:
    """The rules, and the clusters whose istiod reads them."""

    rules: Sequence[TrafficRule]
    readers: Mapping[str, ClusterApi]
    """By the key of each primary."""
    requires: Mapping[str, Sequence[pulumi.Resource]]
    """By cluster key: the istiod that checks rules, without which they are refused."""
    samples: Mapping[str, pulumi.Resource]
    """By cluster key: what makes the namespace of the samples, for the rules that stand in it."""

    @classmethod
    def of(
        cls,
        context: Context,
        *,
        apis: Mapping[str, ClusterApi],
        mesh: Mesh,
        samples: Mapping[str, pulumi.Resource],
    ) -> "TrafficArgs":
        """Return the rules that the settings ask for, where there is a mesh."""
        settings, members = context.settings, context.plan.members
        readers = {key: api for key, api in apis.items() if members[key].is_primary}
        return cls(
            rules=traffic_rules(settings.traffic, settings.enabled_clusters),
            readers=readers if settings.mesh.enabled else {},
            requires=mesh.ready,
            samples=samples,
        )


class Traffic(pulumi.ComponentResource):
    """Every rule of the settings, in every primary."""

    def __init__(
        self, name: str, args: TrafficArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:traffic:Traffic", name, None, opts)
        for key, api in args.readers.items():
            for rule in args.rules:
                is_inside = rule.namespace == SAMPLES and key in args.samples
                inside = [args.samples[key]] if is_inside else []
                after = pulumi.ResourceOptions(
                    parent=self,
                    provider=api.kubernetes,
                    depends_on=[*args.requires[key], *inside],
                )
                self._rule(f"{key}-{name}-{rule.name}", rule, after)
        self.register_outputs({})

    def _rule(self, name: str, rule: TrafficRule, after: pulumi.ResourceOptions) -> None:
        for kind, spec in rule.objects.items():
            place = {"name": rule.name, "namespace": rule.namespace}
            create_object(f"{name}-{kind.lower()}", kind, spec, metadata=place, opts=after)
