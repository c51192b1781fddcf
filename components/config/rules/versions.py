"""Versions that must fit each other: Kubernetes, its nodes, Istio and istioctl."""

from collections.abc import Iterator
from typing import Final

from components import versions
from components.config.rules.given import Given, Rule, problem
from components.errors import Problem
from components.settings.mesh import LoadBalancers

# A kubelet may be three minors older than the API server, never newer,
# https://kubernetes.io/releases/version-skew-policy/
_KUBELET_SKEW: Final = 3

# https://istio.io/latest/docs/releases/supported-releases/
_ISTIOCTL_SKEW: Final = 1


# The first in which ValidatingAdmissionPolicy is part of admissionregistration.k8s.io/v1,
# https://kubernetes.io/blog/2024/04/24/validating-admission-policy-ga/
_ADMISSION_POLICIES: Final = (1, 30)


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of `v1.34.2` or `1.31.4-rc.0`, without what follows a hyphen."""
    return tuple(int(part) for part in version.removeprefix("v").split("-")[0].split("."))


def minor_of(version: str) -> tuple[int, int]:
    """Return major and minor of `v1.34.2` or `1.31.4`."""
    major, minor, *_ = _numbers(version)
    return major, minor


def _istio_is_known(given: Given) -> Iterator[Problem]:
    version = given.settings.mesh.istio.version
    known = sorted(versions.ISTIO_MINIMUM_KUBERNETES)
    if minor_of(version) not in known:
        listed = ", ".join(f"{major}.{minor}" for major, minor in known)
        yield problem(
            "mesh.istio.version",
            "is of a minor that this program does not know",
            got=version,
            remedy=f"choose a release of {listed}",
        )


def _istio_is_sound(given: Given) -> Iterator[Problem]:
    version = given.settings.mesh.istio.version
    fault = versions.ISTIO_BROKEN.get(version)
    if fault:
        yield problem(
            "mesh.istio.version",
            f"is a release that {fault}",
            got=version,
            remedy=f"choose a later one, such as {versions.ISTIO}",
        )


def _kubernetes_suits_istio(given: Given) -> Iterator[Problem]:
    istio = given.settings.mesh.istio.version
    least = versions.ISTIO_MINIMUM_KUBERNETES.get(minor_of(istio))
    for key, cluster in given.clusters.items():
        version = cluster.kubernetes_version
        if least and version and minor_of(version) < least:
            yield problem(
                f"clusters.{key}.kubernetesVersion",
                f"is older than Istio {istio} takes",
                got=version,
                remedy=f"choose at least v{least[0]}.{least[1]}, or an older mesh.istio.version",
            )


def _load_balancers_are_judged(given: Given) -> Iterator[Problem]:
    chosen = given.settings.mesh.load_balancers
    for key, cluster in given.clusters.items():
        version = cluster.kubernetes_version
        is_old = version is not None and minor_of(version) < _ADMISSION_POLICIES
        if chosen is LoadBalancers.INTERNAL and is_old:
            major, minor = _ADMISSION_POLICIES
            yield problem(
                f"clusters.{key}.kubernetesVersion",
                f"has no admission policies, by which mesh.loadBalancers: {chosen} refuses",
                got=version,
                remedy=f"choose at least v{major}.{minor}, or set that to {LoadBalancers.ANY}",
            )


def _nodes_suit_cluster(given: Given) -> Iterator[Problem]:
    for key, cluster in given.clusters.items():
        control = cluster.kubernetes_version
        for name, pool in cluster.node_pools.items():
            nodes = pool.kubernetes_version
            if nodes is None or control is None:
                continue  # One follows the other, or what the cluster runs is not known here.
            location = f"clusters.{key}.nodePools.{name}.kubernetesVersion"
            if _numbers(nodes) > _numbers(control):
                yield problem(
                    location,
                    f"is newer than clusters.{key}.kubernetesVersion ({control})",
                    got=nodes,
                    remedy="upgrade the cluster first",
                )
            elif _minors_between(nodes, control) > _KUBELET_SKEW:
                yield problem(
                    location,
                    f"is more than {_KUBELET_SKEW} minors older than "
                    f"clusters.{key}.kubernetesVersion ({control})",
                    got=nodes,
                    remedy="upgrade the nodes first",
                )


def _istioctl_suits_mesh(given: Given) -> Iterator[Problem]:
    istioctl, mesh = given.settings.access.istioctl, given.settings.mesh.istio.version
    if istioctl and _minors_between(istioctl, mesh) > _ISTIOCTL_SKEW:
        yield problem(
            "access.istioctl",
            f"is more than {_ISTIOCTL_SKEW} minor away from mesh.istio.version ({mesh})",
            got=istioctl,
            remedy="choose a release of the same minor, or leave it out",
        )


def _minors_between(one: str, other: str) -> int:
    (major, minor), (other_major, other_minor) = minor_of(one), minor_of(other)
    # A major version is further away than any skew that is allowed.
    return abs(minor - other_minor) + 100 * abs(major - other_major)


RULES: Final[tuple[Rule, ...]] = (
    _istio_is_known,
    _istio_is_sound,
    _kubernetes_suits_istio,
    _load_balancers_are_judged,
    _nodes_suit_cluster,
    _istioctl_suits_mesh,
)
