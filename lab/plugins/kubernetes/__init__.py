"""The `kubernetes` plugin: objects by server-side apply, custom resources, and Helm releases.

It stands in for `pulumi-resource-kubernetes` where that is not installed. Pure rules (diffing,
replacement, readiness, paths) are apart from what speaks to an API server (client, applying,
waiting, helm).
"""

from lab.plugins.kubernetes.package import make_provider as provider

__all__ = ["provider"]
