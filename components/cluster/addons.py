"""Add-ons of a cluster: those of its settings, and the autoscaler of its node pools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_oci as oci

from components.cloud import naming
from components.plan.plan import Member
from components.settings.node_pools import AutoscalerSettings

# Every cluster is born with them; deleting the setting must not take them away.
# https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengintroducingclusteraddons.htm
ESSENTIAL: Final = ("CoreDNS", "KubeProxy", "OciVcnIpNative", "Flannel")

# The metrics server asks the certificate manager for its certificate.
_AFTER: Final = {"KubernetesMetricsServer": "CertManager"}


@dataclass(frozen=True, kw_only=True, slots=True)
class AddonsArgs:
    """The cluster and its add-ons."""

    member: Member
    cluster_id: pulumi.Input[str]
    requires: Sequence[pulumi.Resource]
    """The node pools: an add-on is ready when its pods run."""


class Addons(pulumi.ComponentResource):
    """What OKE runs in a cluster for its user, and keeps up to date."""

    def __init__(
        self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:cluster:Addons", name, None, opts)
        made: dict[str, pulumi.Resource] = {}
        # In the order of their names, in which the certificate manager comes early.
        for addon, settings in sorted(args.member.settings.addons.items()):
            first = made.get(_AFTER.get(addon, ""))
            after = [*args.requires, *([first] if first else [])]
            is_essential = addon in ESSENTIAL
            made[addon] = oci.containerengine.Addon(
                naming.logical(name, addon.lower()),
                cluster_id=args.cluster_id,
                addon_name=addon,
                version=settings.version,
                configurations=_configurations(settings.configuration) or None,
                remove_addon_resources_on_delete=not is_essential,
                override_existing=True if is_essential else None,
                opts=pulumi.ResourceOptions(parent=self, depends_on=after),
            )
        self.register_outputs({})


def scaled_pools(member: Member) -> dict[str, AutoscalerSettings]:
    """Return the bounds of each pool that has some, by the pool's key."""
    pools = sorted(member.settings.node_pools.items())
    return {key: pool.autoscaler for key, pool in pools if pool.autoscaler}


def autoscaler_configurations(
    bounds: Mapping[str, AutoscalerSettings], pool_ids: Mapping[str, str]
) -> list[oci.containerengine.AddonConfigurationArgs]:
    """Return the configuration of the add-on ClusterAutoscaler, in the form of its vendor.

    https://docs.oracle.com/iaas/Content/ContEng/Tasks/configuration-arguments-cluster-autoscaler.htm
    """
    nodes = ", ".join(f"{b.min}:{b.max}:{pool_ids[key]}" for key, b in bounds.items())
    # It signs in as itself, so that no node gets the right to resize pools.
    return _configurations({"authType": "workload", "nodes": nodes})


def _configurations(
    values: Mapping[str, str],
) -> list[oci.containerengine.AddonConfigurationArgs]:
    return [
        oci.containerengine.AddonConfigurationArgs(key=key, value=value)
        for key, value in values.items()
    ]
