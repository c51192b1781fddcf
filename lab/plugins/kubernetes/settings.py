"""What a program configures on the provider, with the environment's word where it gives none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.plugins.base.values import Properties
from lab.plugins.kubernetes.replacing import Mutability

UNSUPPORTED = {
    "renderYamlToDirectory": "the lab's plugin talks to a cluster and renders no files",
    "alwaysRender": "the lab's plugin talks to a cluster and renders no files",
    "kubeClientSettings": "the lab's plugin has no client limits to tune",
    "helmReleaseSettings": "the lab's plugin leaves helm's places to helm's own variables",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The provider's configuration."""

    kubeconfig: str | None = None
    context: str | None = None
    cluster: str | None = None
    namespace: str | None = None
    server_side: bool = True
    force: bool = False
    """Take fields from other managers instead of refusing."""
    upsert: bool = False
    """Take over an object that exists already instead of refusing."""
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False
    mutable: Mutability = field(default_factory=Mutability)

    @classmethod
    def read(cls, config: Properties, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings in the provider's inputs; booleans may come as text."""
        env = os.environ if environment is None else environment

        def flag(name: str, variable: str, *, default: bool = False) -> bool:
            value = config.get(name)
            if value is None:
                value = env.get(variable, default)
            return str(value).lower() == "true"

        return cls(
            kubeconfig=config.get("kubeconfig"),
            context=config.get("context"),
            cluster=config.get("cluster"),
            namespace=config.get("namespace"),
            server_side=flag(
                "enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", default=True
            ),
            force=flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
            upsert=flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
            delete_unreachable=flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
            skip_update_unreachable=flag(
                "skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"
            ),
            mutable=Mutability(
                secrets=flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
                config_maps=flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
            ),
        )
