"""Which Kubernetes a cluster runs: as the settings say, or as it does, or the newest that fits."""

from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

from components import versions
from components.cloud import offers
from components.cloud.chosen import tell_newer
from components.plan.plan import Member


@dataclass(frozen=True, kw_only=True, slots=True)
class Kubernetes:
    """The version of a cluster, and those that its node pools may have."""

    version: pulumi.Output[str]
    """Of the control plane; known in a preview."""
    known: pulumi.Output[list[str]]
    """What the region offers, and what the cluster runs already."""


def find_kubernetes(member: Member, *, name: str, istio: str, provider: oci.Provider) -> Kubernetes:
    """Return the version of a cluster.

    Args:
        member: The cluster.
        name: Its display name, by which it is found if it is there already.
        istio: The release that is to run on it.
        provider: Of its region.
    """
    region, look = member.settings.region, pulumi.InvokeOptions(provider=provider)
    offered = oci.containerengine.get_cluster_option_output(
        cluster_option_id="all",
        compartment_id=member.compartment_id,
        # A version outlives the patch version that is listed by default.
        should_list_all_patch_versions=True,
        opts=look,
    )
    running = oci.containerengine.get_clusters_output(
        compartment_id=member.compartment_id, name=name, opts=look
    )
    kept = running.clusters.apply(lambda clusters: offers.running_version(name, clusters))
    offer = pulumi.Output.all(offered.kubernetes_versions, kept).apply(
        lambda known: offers.VersionOffer(region=region, offered=known[0], running=known[1])
    )
    path, wanted = f"clusters.{member.key}.kubernetesVersion", member.settings.kubernetes_version
    chosen = offer.apply(
        lambda known: offers.choose_version(
            path, known, wanted=wanted, suits=lambda version: suits_istio(version, istio)
        )
    )
    return Kubernetes(
        version=chosen.apply(lambda found: tell_newer(None, path, found)),
        known=offer.apply(lambda found: found.known),
    )


def suits_istio(kubernetes: str, istio: str) -> bool:
    """Return whether that Istio release is tested with that Kubernetes version."""
    minor = offers.version_order(istio)[:2]
    least = versions.ISTIO_MINIMUM_KUBERNETES.get((minor[0], minor[1]))
    most = versions.ISTIO_NEWEST_KUBERNETES.get((minor[0], minor[1]))
    if least is None or most is None:
        return False
    return least <= offers.version_order(kubernetes)[:2] <= most
