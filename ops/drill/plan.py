"""What a drill would do in a mesh, and what cannot be done; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ops.drill.acts import Act, Delayed, PodsDeleted, ScaledToNone
from ops.drill.look import Scene, Scenes
from ops.drill.rules import refuse_rules
from ops.errors import OpsError
from ops.verify.document import Cluster, Mesh
from ops.verify.kubernetes import EAST_WEST, INGRESS, ISTIO_SYSTEM, ISTIOD, Pod
from ops.verify.own import Target


class Drill(StrEnum):
    """What can be tried."""

    INGRESS = "ingress"
    ISTIOD = "istiod"
    POD = "pod"
    EAST_WEST = "east-west"
    LATENCY = "latency"
    REGION = "region"


_APPS: Final[Mapping[Drill, str]] = {
    Drill.INGRESS: INGRESS,
    Drill.ISTIOD: ISTIOD,
    Drill.EAST_WEST: EAST_WEST,
}
"""The part of Istio whose pods are deleted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What the user asks for."""

    drill: Drill
    cluster: str | None = None
    """Key; None means the first in which the drill can be."""
    max_failed: int | None = None
    """None means what the drill itself says."""
    seconds: float = 20.0
    """For which it is watched what the change does."""
    delay: float = 2.0
    """Seconds, of `latency`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """One drill in one cluster."""

    mesh: str
    drill: Drill
    cluster: Cluster
    target: Target
    act: Act
    others: int | None
    """Ready pods that answer meanwhile; None if nothing is taken away."""
    max_failed: int | None
    """Requests that may fail; None if they are told and not judged."""
    seconds: float
    delay: float | None
    """Seconds that every answer of `watched` takes at least; None if nothing is slowed down."""
    clients: Sequence[str]
    """Keys of the clusters from which is asked."""
    gateways: Sequence[str]
    """Keys of those through whose ingress gateway is asked."""

    @property
    def title(self) -> str:
        """Name the drill."""
        return f"{self.drill} in {self.cluster.key}"


def build_plan(wanted: Wanted, mesh: Mesh, *, target: Target, found: Scenes) -> Plan:
    """Return what is done.

    Args:
        wanted: What the user asks for.
        mesh: Its clusters.
        target: The Service that is asked.
        found: What is in every cluster.

    Raises:
        OpsError: it cannot be done, or would show nothing.
    """
    scene = found[_chosen(wanted, mesh, found)]
    act, others = _ACTS[wanted.drill](wanted, scene, found)
    fair = 0 if others is None or others else None
    gateways = [k for k, one in found.items() if mesh.has_samples and one.has_public_ingress]
    if wanted.drill is Drill.INGRESS and scene.cluster.key not in gateways:
        raise OpsError(_nobody_comes_in(mesh, scene.cluster))
    return Plan(
        mesh=mesh.id,
        drill=wanted.drill,
        cluster=scene.cluster,
        target=target,
        act=act,
        others=others,
        max_failed=fair if wanted.max_failed is None else wanted.max_failed,
        seconds=wanted.seconds,
        delay=wanted.delay if wanted.drill is Drill.LATENCY else None,
        clients=[key for key, one in found.items() if one.service],
        gateways=gateways,
    )


def _chosen(wanted: Wanted, mesh: Mesh, found: Scenes) -> str:
    """Return the key of the cluster in which the drill is."""
    fits, lacks = _FITS[wanted.drill]
    able = [key for key, scene in found.items() if fits(scene)]
    named = wanted.cluster
    if named is not None and named not in mesh.clusters:
        raise OpsError(
            f"--cluster: is not a cluster of the mesh, got {named!r}; the clusters are "
            f"{', '.join(mesh.clusters)}"
        )
    if not able:
        raise OpsError(f"{wanted.drill}: no cluster of the mesh {lacks}; choose another drill")
    if named is not None and named not in able:
        raise OpsError(f"--cluster: {named} is none that {lacks}; choose {' or '.join(able)}")
    return named or able[0]


def _nobody_comes_in(mesh: Mesh, cluster: Cluster) -> str:
    if not mesh.has_samples:
        return (
            "ingress: nobody would ask through the gateways, since mesh.samples is false; set it "
            "to true for the drill"
        )
    return (
        f"ingress: the gateway of {cluster.key} has an internal load balancer, which is not asked "
        "from here; name another with --cluster"
    )


def _is_primary(scene: Scene) -> bool:
    return scene.cluster.is_primary


def _reads_rules(scene: Scene) -> bool:
    return scene.cluster.is_primary and scene.service is not None


def _has_east_west(scene: Scene) -> bool:
    return bool(scene.cluster.east_west_address)


def _serves(scene: Scene) -> bool:
    return bool(scene.pods)


def _always(_: Scene) -> bool:
    return True


_FITS: Final[Mapping[Drill, tuple[Callable[[Scene], bool], str]]] = {
    Drill.INGRESS: (_always, "has an ingress gateway"),
    Drill.ISTIOD: (_is_primary, "has an istiod of its own"),
    Drill.POD: (_serves, "has a ready pod of the service"),
    Drill.EAST_WEST: (_has_east_west, "has an east-west gateway"),
    Drill.LATENCY: (_reads_rules, "has the service, and an istiod of its own"),
    Drill.REGION: (_serves, "has a ready pod of the service"),
}
"""Where a drill can be, and what a cluster has there."""


def _part_of_istio(wanted: Wanted, scene: Scene, _: Scenes) -> tuple[Act, int]:
    app = _APPS[wanted.drill]
    pods = scene.of_istio(app)
    if not pods:
        raise OpsError(
            f"{wanted.drill}: {scene.cluster.key} has no ready pod of {app}; see "
            f"`kubectl --context {scene.cluster.name} get pods -n {ISTIO_SYSTEM}`"
        )
    act = PodsDeleted(pods=pods, what=app, labels={"app": app}, ready=len(pods))
    return _owned(scene, act), len(pods) - 1


def _one_pod(_: Wanted, scene: Scene, found: Scenes) -> tuple[Act, int]:
    pods: Sequence[Pod] = scene.pods
    act = PodsDeleted(
        pods=pods[:1], what=_name(scene.target), labels=_selector(scene), ready=len(pods)
    )
    return _owned(scene, act), sum(len(one.pods) for one in found.values()) - 1


def _owned(scene: Scene, act: PodsDeleted) -> PodsDeleted:
    alone = scene.without_owner(act.pods)
    if alone:
        raise OpsError(
            f"{scene.cluster.key}: nothing would bring back {', '.join(alone)}, made by no "
            "Deployment; name a service whose pods are"
        )
    return act


def _all_pods(_: Wanted, scene: Scene, found: Scenes) -> tuple[Act, int]:
    target = scene.target
    # Pods that no Deployment wants would stay, and with them the service.
    if not scene.deployments or sum(scene.deployments.values()) < len(scene.pods):
        raise OpsError(
            f"region: the pods of {_name(target)} in {scene.cluster.key} are not all of "
            f"Deployments, got {', '.join(scene.deployments) or 'none'}; name a service whose "
            "pods are"
        )
    act = ScaledToNone(
        namespace=target.namespace,
        deployments=scene.deployments,
        labels=_selector(scene),
        ready=len(scene.pods),
    )
    elsewhere = [one for key, one in found.items() if key != scene.cluster.key]
    return act, sum(len(one.pods) for one in elsewhere)


def _delay(wanted: Wanted, scene: Scene, _: Scenes) -> tuple[Act, None]:
    target = scene.target
    refuse_rules(scene.rules, target, scene.cluster)
    return Delayed(namespace=target.namespace, host=target.host, seconds=wanted.delay), None


_ACTS: Final[Mapping[Drill, Callable[[Wanted, Scene, Scenes], tuple[Act, int | None]]]] = {
    Drill.INGRESS: _part_of_istio,
    Drill.ISTIOD: _part_of_istio,
    Drill.POD: _one_pod,
    Drill.EAST_WEST: _part_of_istio,
    Drill.LATENCY: _delay,
    Drill.REGION: _all_pods,
}


def _selector(scene: Scene) -> Mapping[str, str]:
    service = scene.service or {}
    found: Mapping[str, str] = service["spec"]["selector"]
    return found


def _name(target: Target) -> str:
    return f"{target.namespace}/{target.name}"
