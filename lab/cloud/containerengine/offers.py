"""What a region offers for clusters and nodes: versions, networks, shapes, images, add-ons."""

from __future__ import annotations

from lab.cloud.core.compute import SHAPES
from lab.cloud.core.images import node_images
from lab.cloud.errors import invalid
from lab.cloud.store import Json, Record
from lab.toolchain.pins import KUBERNETES

VERSIONS = (f"v{KUBERNETES}",)
"""What the lab's toolchain builds; nothing else can be run here."""
NATIVE, FLANNEL = "OCI_VCN_IP_NATIVE", "FLANNEL_OVERLAY"
_ADDON_VERSION = "v1.0.0"


def cluster_options() -> Json:
    return {
        "kubernetesVersions": list(VERSIONS),
        "clusterPodNetworkOptions": [{"cniType": NATIVE}, {"cniType": FLANNEL}],
    }


def node_pool_options(region: str) -> Json:
    images = node_images(region)
    return {
        "kubernetesVersions": list(VERSIONS),
        "shapes": list(SHAPES),
        "images": [name for _, name in images],
        "sources": [
            {"sourceType": "IMAGE", "imageId": id_, "sourceName": name} for id_, name in images
        ],
    }


def addons(cluster: Record) -> list[Json]:
    """The add-ons that every cluster is born with."""
    network = "OciVcnIpNative" if is_native(cluster) else "Flannel"
    return [
        {
            "name": name,
            "version": _ADDON_VERSION,
            "currentInstalledVersion": _ADDON_VERSION,
            "lifecycleState": "ACTIVE",
            "timeCreated": cluster.body["metadata"]["timeCreated"],
        }
        for name in ("CoreDNS", "KubeProxy", network)
    ]


def addon_options() -> list[Json]:
    return [
        {
            "name": name,
            "lifecycleState": "ACTIVE",
            "isEssential": True,
            "versions": [{"status": "ACTIVE", "versionNumber": _ADDON_VERSION}],
        }
        for name in ("CoreDNS", "KubeProxy", "Flannel", "OciVcnIpNative")
    ]


def is_native(cluster: Record) -> bool:
    """Whether pods have addresses of a subnet."""
    return any(o["cniType"] == NATIVE for o in cluster.body["clusterPodNetworkOptions"])


def check_version(version: str) -> None:
    if version not in VERSIONS:
        raise invalid(f"Invalid kubernetesVersion: {version}. Valid: {', '.join(VERSIONS)}.")
