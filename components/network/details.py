"""Where a cluster lies, as the stages after the network need it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.plan.firewall.rule import NsgRole
from components.settings.clusters import SubnetRole


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The ids of a cluster's network."""

    vcn_id: pulumi.Input[str]
    subnet_ids: Mapping[SubnetRole, pulumi.Input[str]]
    nsg_ids: Mapping[NsgRole, pulumi.Input[str]]
