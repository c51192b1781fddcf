"""What Oracle's cloud controller manager is told about a gateway's load balancer.

https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md
"""

import json
from collections.abc import Mapping
from typing import Final

from components.settings.mesh import (
    Balancer,
    ClientAddresses,
    Exposure,
    GatewaySettings,
    IngressSettings,
)

_LB: Final = "service.beta.kubernetes.io/oci-load-balancer"
_OCI: Final = "oci.oraclecloud.com"
_NLB: Final = "oci-network-load-balancer.oraclecloud.com"

TYPE: Final = f"{_OCI}/load-balancer-type"
INTERNAL: Final = f"{_LB}-internal"
INTERNAL_NETWORK: Final = f"{_NLB}/internal"

# The default of 300 seconds would cut idle gRPC streams, and with them the proxies' configuration
# of a remote; 7200 is the most that OCI takes for TCP.
IDLE_TIMEOUT_SECONDS: Final = 7200

# How soon a load balancer leaves a node that has lost its gateway: after so many failed questions
# in a row. Neither kind of load balancer can ask more often.
_HEALTH_INTERVAL_SECONDS: Final = 5
_NETWORK_HEALTH_INTERVAL_SECONDS: Final = 10
_HEALTH_TIMEOUT_SECONDS: Final = 3
_HEALTH_RETRIES: Final = 3


def load_balancer_annotations(
    settings: GatewaySettings,
    *,
    subnet_id: str,
    nsg_id: str,
    tags: Mapping[str, str],
    defined: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the annotations of a gateway's Service.

    Every one that has a default is set all the same: the default shape is one that OCI no longer
    creates, and by default the controller writes rules into the security lists.
    """
    is_network = is_network_balancer(settings)
    own = (
        _network(settings, subnet_id, nsg_id) if is_network else _load(settings, subnet_id, nsg_id)
    )
    family = _NLB if is_network else _OCI
    return {
        **own,
        f"{family}/initial-freeform-tags-override": json.dumps(tags, sort_keys=True),
        **_defined_tags(family, defined or {}),
    }


def is_network_balancer(settings: GatewaySettings) -> bool:
    """Whether the load balancer is Oracle's for packets, not for connections."""
    return isinstance(settings, IngressSettings) and settings.balancer is Balancer.NETWORK


def client_addresses(settings: GatewaySettings) -> ClientAddresses:
    """Return how a gateway learns where a request came from."""
    if isinstance(settings, IngressSettings):
        return settings.client_addresses
    return ClientAddresses.HIDDEN


def noticed_seconds(settings: GatewaySettings) -> int:
    """Return the longest that the load balancer takes to leave a node without a gateway."""
    return (_HEALTH_RETRIES + 1) * _interval_seconds(settings) + _HEALTH_TIMEOUT_SECONDS


def _interval_seconds(settings: GatewaySettings) -> int:
    is_network = is_network_balancer(settings)
    return _NETWORK_HEALTH_INTERVAL_SECONDS if is_network else _HEALTH_INTERVAL_SECONDS


def _health(prefix: str, settings: GatewaySettings) -> dict[str, str]:
    return {
        f"{prefix}-interval": str(_interval_seconds(settings) * 1000),
        f"{prefix}-timeout": str(_HEALTH_TIMEOUT_SECONDS * 1000),
        f"{prefix}-retries": str(_HEALTH_RETRIES),
    }


def _load(settings: GatewaySettings, subnet_id: str, nsg_id: str) -> dict[str, str]:
    is_told = client_addresses(settings) is ClientAddresses.PROXY_PROTOCOL
    return {
        TYPE: "lb",
        INTERNAL: _flag(settings.exposure is Exposure.INTERNAL),
        f"{_LB}-shape": "flexible",
        f"{_LB}-shape-flex-min": str(settings.min_mbps),
        f"{_LB}-shape-flex-max": str(settings.max_mbps),
        f"{_LB}-subnet1": subnet_id,
        f"{_OCI}/oci-network-security-groups": nsg_id,
        f"{_LB}-security-list-management-mode": "None",
        f"{_LB}-backend-protocol": "TCP",
        **_health(f"{_LB}-health-check", settings),
        f"{_LB}-connection-idle-timeout": str(IDLE_TIMEOUT_SECONDS),
        **({f"{_LB}-connection-proxy-protocol-version": "2"} if is_told else {}),
    }


def _network(settings: GatewaySettings, subnet_id: str, nsg_id: str) -> dict[str, str]:
    seen = client_addresses(settings)
    keeps = seen is ClientAddresses.KEPT
    return {
        TYPE: "nlb",
        INTERNAL_NETWORK: _flag(settings.exposure is Exposure.INTERNAL),
        f"{_NLB}/subnet": subnet_id,
        f"{_NLB}/oci-network-security-groups": nsg_id,
        f"{_NLB}/security-list-management-mode": "None",
        **_health(f"{_NLB}/health-check", settings),
        f"{_NLB}/is-ppv2-enabled": _flag(seen is ClientAddresses.PROXY_PROTOCOL),
        # The controller takes it together with `externalTrafficPolicy: Local` alone.
        **({f"{_NLB}/is-preserve-source": "true"} if keeps else {}),
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _defined_tags(family: str, tags: Mapping[str, str]) -> dict[str, str]:
    nested: dict[str, dict[str, str]] = {}
    for name, value in tags.items():
        namespace, _, key = name.partition(".")
        nested.setdefault(namespace, {})[key] = value
    text = json.dumps(nested, sort_keys=True)
    return {f"{family}/initial-defined-tags-override": text} if nested else {}
