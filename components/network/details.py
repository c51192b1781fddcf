"""The VCN of a cluster, as the stages after the network need it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.settings.clusters import SubnetRole


@dataclass(frozen=True, kw_only=True, slots=True)
class VcnDetails:
    """Where the VNICs of a cluster go, and where their calls to the internet come from."""

    vcn_id: pulumi.Output[str]
    subnet_ids: Mapping[SubnetRole, pulumi.Output[str]]
    """Whoever uses one waits for its routes, and those for the DRG."""
    nsg_ids: Mapping[SubnetRole, pulumi.Output[str]]
    """Whoever uses one waits for the rules of that group."""
    nat_address: pulumi.Output[str] | None = None
    """The public address that calls of private subnets come from; None for a VCN of one's own."""
