"""Names of what a GitOps tool works with, and of what is not for it; pure."""

from typing import Final

from components.plan.observability import NAMESPACE as OBSERVABILITY
from components.plan.traffic.names import ROOT, SAMPLES

NAMESPACE: Final = "oke-mesh-gitops"
"""Holds the tool's account and its token, and nothing else: whoever writes where the tool works
reads neither."""

ACCOUNT: Final = "gitops"
"""The ServiceAccount, and what binds it."""

OWN_NAMESPACES: Final = frozenset(
    {ROOT, SAMPLES, OBSERVABILITY, NAMESPACE, "bookinfo", "cert-manager", "chat"}
)
"""Every namespace whose contents the program makes, and takes back."""
