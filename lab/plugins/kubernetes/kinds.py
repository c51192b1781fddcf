"""Which object a type token stands for, and what the plugin knows of a kind without a server."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lab.plugins.base.errors import PluginError

RELEASE_TOKEN = "kubernetes:helm.sh/v3:Release"  # noqa: S105 - a resource type, not a password
PATCH_SUFFIX = "Patch"
TOKEN = re.compile(r"kubernetes:([^:]+)/([^:/]+):([^:]+)")

# Kinds of these groups are the API server's own: their scope is known without asking it.
BUILT_IN = frozenset(
    {
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    }
)
CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "ComponentStatus",
        "CustomResourceDefinition",
        "DeviceClass",
        "DeviceTaintRule",
        "FlowSchema",
        "IPAddress",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "SelfSubjectAccessReview",
        "SelfSubjectReview",
        "SelfSubjectRulesReview",
        "ServiceCIDR",
        "StorageClass",
        "StorageVersion",
        "StorageVersionMigration",
        "SubjectAccessReview",
        "TokenReview",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)


@dataclass(frozen=True, slots=True)
class Kind:
    """An API version and a kind, as an object carries them."""

    api_version: str
    name: str
    is_patch: bool = False
    """The resource owns some fields of an object that somebody else made."""

    @property
    def group(self) -> str:
        """Empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        return self.api_version.rpartition("/")[2]

    @property
    def is_built_in(self) -> bool:
        """Whether the API server serves it without a definition."""
        return self.group in BUILT_IN

    def __str__(self) -> str:
        return f"{self.api_version}/{self.name}"


def parse_token(token: str) -> Kind:
    """The kind of `kubernetes:core/v1:Namespace`, `kubernetes:<group>/<version>:<Kind>`."""
    match = TOKEN.fullmatch(token)
    if match is None:
        raise PluginError(
            f"resource type: must be kubernetes:<group>/<version>:<Kind>, got {token!r}"
        )
    group, version, kind = match.groups()
    api_version = version if group == "core" else f"{group}/{version}"
    if kind.endswith("List") and kind != "List":
        raise PluginError(
            f"resource type {token}: a list cannot be created; declare its items one by one"
        )
    is_patch = kind.endswith(PATCH_SUFFIX) and kind != PATCH_SUFFIX
    return Kind(api_version, kind.removesuffix(PATCH_SUFFIX) if is_patch else kind, is_patch)


def object_id(namespace: str | None, name: str) -> str:
    """`namespace/name`, or `name` alone for an object of the whole cluster."""
    return f"{namespace}/{name}" if namespace else name


def split_id(identity: str) -> tuple[str | None, str]:
    """Namespace and name of an id."""
    namespace, slash, name = identity.rpartition("/")
    if not name or "/" in namespace:
        raise PluginError(f"id: must be `namespace/name` or `name`, got {identity!r}")
    return (namespace if slash else None), name
