"""What a region offers for clusters and nodes: versions, networks, shapes, images, add-ons."""

from __future__ import annotations

from lab.cloud.containerengine.records import FLANNEL, NATIVE, Cluster
from lab.cloud.core.compute import SHAPES
from lab.cloud.core.images import node_images
from lab.cloud.errors import invalid
from lab.cloud.records import Json
from lab.toolchain.pins import KUBERNETES

VERSIONS = (f"v{KUBERNETES}",)
"""What the lab's toolchain builds; nothing else can be run here."""
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


def addons(cluster: Cluster) -> list[Json]:
    """The add-ons that every cluster is born with."""
    network = "OciVcnIpNative" if cluster.is_native else "Flannel"
    return [
        {
            "name": name,
            "version": _ADDON_VERSION,
            "currentInstalledVersion": _ADDON_VERSION,
            "lifecycleState": "ACTIVE",
            "timeCreated": cluster.metadata.time_created,
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


def check_version(version: str) -> None:
    if version not in VERSIONS:
        raise invalid(f"Invalid kubernetesVersion: {version}. Valid: {', '.join(VERSIONS)}.")
