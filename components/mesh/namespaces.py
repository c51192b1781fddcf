"""The labels of every namespace that the program makes: what pods in it may do, and who says so.

Levels are those of the Pod Security Standards,
https://kubernetes.io/docs/concepts/security/pod-security-standards/. Each is the strictest one
under which what runs there still runs, by the pods of the charts and
https://istio.io/latest/docs/setup/additional-setup/pod-security-admission/ (ADR 0026).
"""

from enum import StrEnum
from typing import Final

from components.settings.mesh import MeshSettings, PodSecurity

_ADMISSION: Final = "pod-security.kubernetes.io"

BALANCERS_LABEL: Final = "oke-mesh/load-balancers"
BALANCERS_FREE: Final = "any"
"""Where a namespace says so, its Services may ask for public load balancers."""


class Level(StrEnum):
    """A Pod Security Standard."""

    PRIVILEGED = "privileged"
    BASELINE = "baseline"
    RESTRICTED = "restricted"


def istio_labels(mesh: MeshSettings) -> dict[str, str]:
    """Return the labels of istio-system, whose gateways have public load balancers.

    The agent of Istio's CNI plugin mounts folders of its node, which `baseline` refuses. Without it
    the charts' pods would be well under `restricted` but for a seccomp profile, and Istio's own
    add-ons, such as its Prometheus, would not.
    """
    level = Level.PRIVILEGED if mesh.istio.cni else Level.BASELINE
    return pod_security(mesh.pod_security, level) | {BALANCERS_LABEL: BALANCERS_FREE}


def injected_labels(mesh: MeshSettings) -> dict[str, str]:
    """Return the labels of a namespace whose pods get a proxy.

    Istio's init container has NET_ADMIN and NET_RAW, which `baseline` refuses; with the CNI plugin
    there is none. It is injected into pods, so a Deployment is still warned of what is its own.
    """
    level = Level.BASELINE if mesh.istio.cni else Level.PRIVILEGED
    revision = mesh.istio.revision
    injects = {"istio.io/rev": revision} if revision else {"istio-injection": "enabled"}
    return injects | pod_security(mesh.pod_security, level, warn=Level.BASELINE)


def pod_security(mode: PodSecurity, level: Level, *, warn: Level | None = None) -> dict[str, str]:
    """Return the labels that hold pods to `level`, and warn of what `warn` would refuse."""
    enforces = mode is PodSecurity.ENFORCE
    return {
        f"{_ADMISSION}/enforce": (level if enforces else Level.PRIVILEGED).value,
        f"{_ADMISSION}/warn": (warn or level).value,
    }
