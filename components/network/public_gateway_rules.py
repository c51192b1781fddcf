"""The rules that let the mesh in to a public east-west gateway.

Apart from the networks, because each needs addresses of all the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.cloud import naming
from components.context import Context
from components.network.cluster_vcn import Network
from components.network.security_rule import OtherSide, create_rule
from components.plan.firewall.public import Door, doors
from components.plan.firewall.rule import ANYWHERE, NsgRole, role_slug


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicDoorsArgs:
    """A cluster's doors, and where they are."""

    key: str
    doors: tuple[Door, ...]
    group_id: pulumi.Input[str]
    """The group of the cluster's public load balancers."""
    addresses: Mapping[str, pulumi.Input[str]]
    """What the callers of the doors come from, by key: a public address each."""

    @classmethod
    def of(
        cls, context: Context, key: str, *, networks: Mapping[str, Network]
    ) -> "PublicDoorsArgs":
        """Return the doors of the cluster `key`."""
        plan, exposure = context.plan, context.settings.mesh.east_west.exposure
        return cls(
            key=key,
            doors=doors(plan.members[key], plan.peers_of(key), exposure),
            group_id=networks[key].nsg_ids[NsgRole.PUBLIC_LB],
            addresses={
                other: network.nat_address
                for other, network in networks.items()
                if network.nat_address is not None
            },
        )


class PublicDoors(pulumi.ComponentResource):
    """Opens the east-west gateway of one cluster to those that it is there for."""

    def __init__(
        self, name: str, args: PublicDoorsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:network:PublicDoors", name, None, opts)
        for door in args.doors:
            create_rule(
                naming.logical(args.key, role_slug(NsgRole.PUBLIC_LB), "nsg", door.slug),
                door,
                group_id=args.group_id,
                side=OtherSide.range(_range(door, args.addresses)),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def _range(door: Door, addresses: Mapping[str, pulumi.Input[str]]) -> pulumi.Input[str]:
    if door.caller is None:
        return str(ANYWHERE)
    return pulumi.Output.concat(addresses[door.caller], "/32")
