"""What a drill has to know of a mesh before it touches anything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ops.errors import OpsError
from ops.verify.document import Cluster, Mesh
from ops.verify.kubectl import Kubectl, KubectlError
from ops.verify.kubernetes import (
    ISTIO_SYSTEM,
    Object,
    Pod,
    balancers_in,
    has_internal_ingress,
    pods_in,
)
from ops.verify.own import Target, behind, port_of
from ops.verify.session import for_each

_SYSTEM: Final = ("pods,services", "--namespace", ISTIO_SYSTEM)
_SERVED: Final = "services,pods,deployments.apps"
_RULES: Final = ("virtualservices.networking.istio.io", "--all-namespaces")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """What is in one cluster."""

    cluster: Cluster
    target: Target
    """The Service that is asked."""
    system: Sequence[Object]
    """Pods and Services of Istio's namespace."""
    served: Sequence[Object]
    """Services, pods and Deployments of the namespace of the Service that is asked."""
    rules: Sequence[Object] = field(default=())
    """Every VirtualService; none in a remote, for which its primary decides."""

    @property
    def service(self) -> Object | None:
        """Return the Service that is asked; None where there is none."""
        found = (item for item in self.served if item["kind"] == "Service")
        return next((s for s in found if s["metadata"]["name"] == self.target.name), None)

    @property
    def pods(self) -> tuple[Pod, ...]:
        """Return the ready pods behind it, in order of their names."""
        found = behind(self.service, self.served) if self.service else ()
        return tuple(sorted(found, key=lambda pod: pod.name))

    @property
    def deployments(self) -> Mapping[str, int]:
        """Return how many pods each Deployment behind it wants, by the Deployment's name."""
        selector = (self.service or {"spec": {}})["spec"].get("selector") or {}
        return {
            item["metadata"]["name"]: int(item["spec"].get("replicas", 1))
            for item in self.served
            if item["kind"] == "Deployment"
            and selector
            and selector.items() <= _labels(item["spec"]["template"]).items()
        }

    def of_istio(self, app: str) -> tuple[Pod, ...]:
        """Return the ready pods of a part of Istio, in order of their names."""
        found = [pod for pod in pods_in(self.system) if pod.labels.get("app") == app]
        return tuple(sorted((p for p in found if p.is_ready), key=lambda pod: pod.name))

    @property
    def has_public_ingress(self) -> bool:
        """Return whether its ingress gateway can be asked from here."""
        return not has_internal_ingress(self.cluster, balancers_in(self.system))

    def without_owner(self, pods: Iterable[Pod]) -> tuple[str, ...]:
        """Return the names of those pods that nothing would bring back."""
        owned = {
            (item["metadata"].get("namespace"), item["metadata"]["name"])
            for item in (*self.system, *self.served)
            if item["metadata"].get("ownerReferences")
        }
        return tuple(pod.name for pod in pods if (pod.namespace, pod.name) not in owned)


def _labels(item: Object) -> Mapping[str, str]:
    found: Mapping[str, str] = item.get("metadata", {}).get("labels", {})
    return found


Scenes = Mapping[str, Scene]
"""By cluster key."""


def scenes(kubectl: Kubectl, mesh: Mesh, target: Target, *, with_rules: bool) -> Scenes:
    """Return what is in every cluster.

    Args:
        kubectl: Asks them.
        mesh: Its clusters.
        target: The Service that is to be asked.
        with_rules: Whether rules of traffic are read too.

    Raises:
        OpsError: one of them does not answer, or the Service is nowhere or lacks the port.
    """

    def look(cluster: Cluster) -> Scene:
        try:
            return _scene(kubectl, cluster, target, with_rules=with_rules)
        except KubectlError as error:
            raise OpsError(
                f"clusters.{cluster.key}: cannot be seen, got {str(error)!r}; a drill begins with "
                "a mesh that is well, so look at `python -m ops verify` first"
            ) from error

    found = dict(zip(mesh.clusters, for_each(mesh.clusters.values(), look), strict=True))
    services = [scene.service for scene in found.values() if scene.service]
    if not services:
        raise OpsError(
            f"no cluster has the Service {target.namespace}/{target.name}; name one that you may "
            "read, with --service"
        )
    for service in services:
        port_of(service, target)
    return found


def _scene(kubectl: Kubectl, cluster: Cluster, target: Target, *, with_rules: bool) -> Scene:
    return Scene(
        cluster=cluster,
        target=target,
        system=kubectl.items(cluster.name, *_SYSTEM),
        served=kubectl.items(cluster.name, _SERVED, "--namespace", target.namespace),
        rules=kubectl.items(cluster.name, *_RULES) if with_rules and cluster.is_primary else (),
    )
