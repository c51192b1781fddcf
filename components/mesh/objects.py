"""Objects of Istio's, which the istiod of their cluster reads."""

from collections.abc import Mapping
from typing import Any, Final

import pulumi
import pulumi_kubernetes as k8s

Spec = dict[str, Any]

_API_VERSIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("Gateway", "VirtualService", "DestinationRule", "ServiceEntry"), "networking.istio.io/v1"
    ),
    **dict.fromkeys(("PeerAuthentication", "AuthorizationPolicy"), "security.istio.io/v1"),
    "Telemetry": "telemetry.istio.io/v1",
}
"""Of each kind that the program makes."""


def create_object(
    name: str,
    kind: str,
    spec: pulumi.Input[Spec],
    *,
    metadata: Mapping[str, Any] | k8s.meta.v1.ObjectMetaArgs,
    opts: pulumi.ResourceOptions,
) -> k8s.apiextensions.CustomResource:
    """Create an object; `opts` has it wait for the istiod, whose webhook else refuses it."""
    return k8s.apiextensions.CustomResource(
        name,
        api_version=_API_VERSIONS[kind],
        kind=kind,
        metadata=metadata,
        spec=spec,
        opts=opts,
    )
