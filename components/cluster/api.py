"""A cluster's Kubernetes API, as the stages after the cluster need it."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterApi:
    """The two ways to an API server: this program's, and that of other clusters."""

    kubernetes: k8s.Provider
    server: pulumi.Input[str]
    """URL at the private address, which every peer reaches over the backbone."""
