"""What Oracle's cloud controller manager is told about a gateway's load balancer.

https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md
"""

import json
from collections.abc import Mapping
from typing import Final

from components.settings.mesh import Exposure, GatewaySettings

_LB: Final = "service.beta.kubernetes.io/oci-load-balancer"

INTERNAL: Final = f"{_LB}-internal"

# The default of 300 seconds would cut idle gRPC streams, and with them the proxies' configuration
# of a remote; 7200 is the most that OCI takes for TCP.
IDLE_TIMEOUT_SECONDS: Final = 7200


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
    return {
        "oci.oraclecloud.com/load-balancer-type": "lb",
        INTERNAL: "true" if settings.exposure is Exposure.INTERNAL else "false",
        f"{_LB}-shape": "flexible",
        f"{_LB}-shape-flex-min": str(settings.min_mbps),
        f"{_LB}-shape-flex-max": str(settings.max_mbps),
        f"{_LB}-subnet1": subnet_id,
        "oci.oraclecloud.com/oci-network-security-groups": nsg_id,
        f"{_LB}-security-list-management-mode": "None",
        f"{_LB}-backend-protocol": "TCP",
        f"{_LB}-connection-idle-timeout": str(IDLE_TIMEOUT_SECONDS),
        "oci.oraclecloud.com/initial-freeform-tags-override": json.dumps(tags, sort_keys=True),
        **_defined_tags(defined or {}),
    }


def _defined_tags(tags: Mapping[str, str]) -> dict[str, str]:
    nested: dict[str, dict[str, str]] = {}
    for name, value in tags.items():
        namespace, _, key = name.partition(".")
        nested.setdefault(namespace, {})[key] = value
    text = json.dumps(nested, sort_keys=True)
    return {"oci.oraclecloud.com/initial-defined-tags-override": text} if nested else {}
