"""Which changes need a new object: what an API server refuses to change in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.plugins.base.values import Path, Properties
from lab.plugins.kubernetes.kinds import Kind

Pattern = tuple[str, ...]
"""Steps of a path; `*` stands for any index or key, and what lies below the path counts too."""

IDENTITY: tuple[Pattern, ...] = (("metadata", "name"), ("metadata", "namespace"))
CONFIG_DATA: tuple[Pattern, ...] = (("data",), ("binaryData",))
SECRET_DATA: tuple[Pattern, ...] = (("data",), ("stringData",))

_VOLUME_SOURCES = (
    "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker "
    "gcePersistentDisk glusterfs hostPath iscsi local nfs photonPersistentDisk portworxVolume "
    "quobyte rbd scaleIO storageos vsphereVolume"
)
_POD_FIELDS = (
    "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases "
    "hostIPC hostNetwork hostPID hostname imagePullSecrets nodeName nodeSelector overhead "
    "preemptionPolicy priority priorityClassName readinessGates restartPolicy runtimeClassName "
    "schedulerName securityContext serviceAccount serviceAccountName shareProcessNamespace "
    "subdomain terminationGracePeriodSeconds volumes"
)
_CONTAINER_FIELDS = (
    "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources "
    "securityContext stdin stdinOnce terminationMessagePath terminationMessagePolicy tty "
    "volumeDevices volumeMounts workingDir"
)


def _spec(names: str) -> tuple[Pattern, ...]:
    return tuple(("spec", name) for name in names.split())


def _containers() -> tuple[Pattern, ...]:
    return tuple(
        ("spec", group, "*", name)
        for group in ("containers", "initContainers")
        for name in _CONTAINER_FIELDS.split()
    )


# The released plugin's own table, by group and kind: a preview must plan the same replacements.
FIXED: dict[tuple[str, str], tuple[Pattern, ...]] = {
    ("", "PersistentVolume"): _spec(_VOLUME_SOURCES),
    ("", "PersistentVolumeClaim"): _spec("accessModes selector storageClassName volumeName"),
    ("", "Pod"): _spec(_POD_FIELDS) + _containers(),
    ("", "ResourceQuota"): _spec("scopes"),
    ("", "Secret"): (("type",),),
    ("", "Service"): _spec("clusterIP"),
    ("apps", "DaemonSet"): _spec("selector"),
    ("apps", "Deployment"): _spec("selector"),
    ("apps", "StatefulSet"): _spec(
        "podManagementPolicy revisionHistoryLimit selector serviceName volumeClaimTemplates"
    ),
    ("batch", "Job"): _spec("completions parallelism selector template"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): (("roleRef",),),
    ("rbac.authorization.k8s.io", "RoleBinding"): (("roleRef",),),
    ("storage.k8s.io", "StorageClass"): (("parameters",), ("provisioner",)),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutability:
    """What the provider allows to change in place beyond the released plugin's default."""

    secrets: bool = False
    config_maps: bool = False


def fixed_fields(kind: Kind, inputs: Properties, mutable: Mutability) -> tuple[Pattern, ...]:
    """The fields of an object that cannot change in place."""
    if kind.is_patch:
        return IDENTITY
    fixed = IDENTITY + FIXED.get((kind.group, kind.name), ())
    locked = bool(inputs.get("immutable"))
    if kind == Kind("v1", "Secret") and (locked or not mutable.secrets):
        fixed += SECRET_DATA
    if kind == Kind("v1", "ConfigMap") and (locked or not mutable.config_maps):
        fixed += CONFIG_DATA
    return fixed


def forces_replace(path: Path, fixed: Sequence[Pattern]) -> bool:
    """Whether a change at the path touches a fixed field, from above or from below."""
    return any(
        all(step in ("*", str(actual)) for step, actual in zip(pattern, path, strict=False))
        for pattern in fixed
    )
