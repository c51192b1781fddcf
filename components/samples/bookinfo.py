"""Istio's Bookinfo, spread over the clusters, so that its page is made of answers from all of them.

Images, ports and folders are those of
https://github.com/istio/istio/blob/release-1.31/samples/bookinfo/platform/kube/bookinfo.yaml
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components import versions
from components.context import Context
from components.samples.parts import Demo, Workload, create_demo
from components.settings.registry import RegistrySettings

NAMESPACE: Final = "bookinfo"
PORT: Final = 9080
SERVICES: Final = ("productpage", "details", "reviews", "ratings")

_AT_THE_PAGE: Final = (("productpage", "v1"), ("details", "v1"))
_ELSEWHERE: Final = (("reviews", "v1"), ("reviews", "v2"), ("reviews", "v3"), ("ratings", "v1"))
_IMAGE: Final = "registry.istio.io/release/examples-bookinfo-{}-{}:{}"
_FOLDERS: Final[Mapping[str, Mapping[str, str]]] = {
    "productpage": {"tmp": "/tmp"},  # noqa: S108 a folder in an image
    "reviews": {"tmp": "/tmp", "wlp-output": "/opt/ibm/wlp/output"},  # noqa: S108 likewise
}
"""Where each writes, by the name of the volume."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BookinfoArgs:
    """What of Bookinfo is in this cluster."""

    demo: Demo

    @classmethod
    def of(
        cls, context: Context, key: str, *, page: str, requires: Sequence[pulumi.Resource]
    ) -> "BookinfoArgs":
        """Return what is in the cluster `key`, where the page is in `page`."""
        here = spread(tuple(context.plan.members), page)[key]
        registry = context.settings.mesh.registry
        demo = Demo.of(
            context,
            key,
            namespace=NAMESPACE,
            services=dict.fromkeys(SERVICES, PORT),
            workloads=[_workload(app, version, registry) for app, version in here],
            requires=requires,
        )
        return cls(demo=demo)


class Bookinfo(pulumi.ComponentResource):
    """The part of Bookinfo that is in one cluster, with the names of all of it."""

    namespace: pulumi.Output[str]

    def __init__(
        self, name: str, args: BookinfoArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:samples:Bookinfo", name, None, opts)
        self.namespace = create_demo(name, args.demo, parent=self)
        self.register_outputs({"namespace": self.namespace})


def spread(keys: Sequence[str], page: str) -> dict[str, list[tuple[str, str]]]:
    """Return which applications, with their versions, are in which of the clusters `keys`.

    What the page calls goes round the other clusters in the order of their keys.
    """
    found: dict[str, list[tuple[str, str]]] = {key: [] for key in keys}
    found[page] += _AT_THE_PAGE
    others = [key for key in keys if key != page] or [page]
    for key, workload in zip(cycle(others), _ELSEWHERE, strict=False):
        found[key].append(workload)
    return found


def _workload(app: str, version: str, registry: RegistrySettings) -> Workload:
    folders = _FOLDERS.get(app, {})
    container = k8s.core.v1.ContainerArgs(
        name=app,
        image=registry.pinned(_IMAGE.format(app, version, versions.BOOKINFO)),
        ports=[k8s.core.v1.ContainerPortArgs(container_port=PORT)],
        env=[k8s.core.v1.EnvVarArgs(name="LOG_DIR", value="/tmp/logs")]  # noqa: S108 likewise
        if app == "reviews"
        else None,
        volume_mounts=[
            k8s.core.v1.VolumeMountArgs(name=name, mount_path=path)
            for name, path in folders.items()
        ],
        resources=k8s.core.v1.ResourceRequirementsArgs(requests={"cpu": "50m", "memory": "128Mi"}),
    )
    volumes = [
        k8s.core.v1.VolumeArgs(name=name, empty_dir=k8s.core.v1.EmptyDirVolumeSourceArgs())
        for name in folders
    ]
    spec = k8s.core.v1.PodSpecArgs(containers=[container], volumes=volumes)
    return Workload(app=app, version=version, spec=spec)
