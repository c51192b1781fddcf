"""The cluster of one provider instance: found in its kubeconfig, asked once whether it answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property

from lab.plugins.base.errors import PluginError
from lab.plugins.base.provider import Call
from lab.plugins.kubernetes.api_errors import ApiError, UnreachableError
from lab.plugins.kubernetes.client import Client
from lab.plugins.kubernetes.discovery import DEFAULT_NAMESPACE, Discovery
from lab.plugins.kubernetes.kubeconfig import (
    Kubeconfig,
    KubeconfigError,
    Target,
    load_kubeconfig,
)
from lab.plugins.kubernetes.settings import Settings

REMEDY = (
    "if the cluster is gone for good, run again with deleteUnreachable set on the provider "
    "(or PULUMI_K8S_DELETE_UNREACHABLE=true) to drop its resources from the state"
)


@dataclass
class Cluster:
    """A connection made on first use."""

    settings: Settings
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def kubeconfig(self) -> Kubeconfig:
        return load_kubeconfig(self.settings.kubeconfig)

    @cached_property
    def target(self) -> Target:
        return self.kubeconfig.target(context=self.settings.context, cluster=self.settings.cluster)

    @cached_property
    def client(self) -> Client:
        return Client.connect(self.target)

    @cached_property
    def discovery(self) -> Discovery:
        return Discovery(self.client)

    @cached_property
    def _fault(self) -> str | None:
        try:
            self.client.get("/version")
        except (UnreachableError, KubeconfigError) as error:
            return str(error)
        except ApiError:
            # Whatever it thinks of the question, it answers.
            return None
        return None

    @property
    def fault(self) -> str | None:
        """Why the cluster cannot be reached; None if it can."""
        with self._lock:
            return self._fault

    @property
    def namespace(self) -> str:
        """Where objects go that name no namespace."""
        if self.settings.namespace:
            return self.settings.namespace
        try:
            return self.target.namespace
        except KubeconfigError:
            return DEFAULT_NAMESPACE

    def is_dropped(self, call: Call) -> bool:
        """Whether a resource leaves the state because its cluster is gone."""
        if not self.settings.delete_unreachable or self.fault is None:
            return False
        call.warn(f"cluster is unreachable, dropped from the state: {self.fault}")
        return True

    def is_skipped(self, call: Call) -> bool:
        """Whether a resource stays as it is because its cluster does not answer."""
        if not self.settings.skip_update_unreachable or self.fault is None:
            return False
        call.warn(f"cluster is unreachable, left as it is: {self.fault}")
        return True

    def require(self) -> None:
        """Refuse to go on without an answer from the cluster."""
        if self.fault is not None:
            raise PluginError(f"cluster is unreachable: {self.fault}; {REMEDY}")
