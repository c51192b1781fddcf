"""The cluster autoscaler add-on: which pools it moves, and between which bounds; pure."""

from collections.abc import Mapping

import pulumi_oci as oci

from components.plan.plan import Member
from components.settings.node_pools import AutoscalerSettings


def scaled_pools(member: Member) -> dict[str, AutoscalerSettings]:
    """Return the bounds of each pool that has some, by the pool's key."""
    pools = sorted(member.settings.node_pools.items())
    return {key: pool.autoscaler for key, pool in pools if pool.autoscaler}


def configurations(
    bounds: Mapping[str, AutoscalerSettings], pool_ids: Mapping[str, str]
) -> list[oci.containerengine.AddonConfigurationArgs]:
    """Return the add-on's configuration, in the form of its vendor.

    https://docs.oracle.com/iaas/Content/ContEng/Tasks/configuration-arguments-cluster-autoscaler.htm
    """
    nodes = ", ".join(f"{b.min}:{b.max}:{pool_ids[key]}" for key, b in bounds.items())
    # It signs in as itself, so that no node gets the right to resize pools.
    values = {"authType": "workload", "nodes": nodes}
    return [
        oci.containerengine.AddonConfigurationArgs(key=key, value=value)
        for key, value in values.items()
    ]
