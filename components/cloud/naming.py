"""Names: logical ones for Pulumi, DNS labels for VCNs.

A logical name is a contract, because a change of it replaces the resource. A name that breaks a
limit is an error; nothing is cut silently.
"""

import re
from typing import Final

from components.errors import NamingError

# https://docs.oracle.com/iaas/Content/Network/Concepts/dns.htm: letters and digits, a letter first
DNS_LABEL_LIMIT: Final = 15
_DNS_LABEL: Final = re.compile(r"[a-z][a-z0-9]*")

# Helm keeps a release's history in labels of 53 letters.
HELM_RELEASE_LIMIT: Final = 53


def logical(*parts: str) -> str:
    """Return the Pulumi name made of `parts`, such as `fra-workers-nsg`."""
    return "-".join(parts)


def dns_label(key: str) -> str:
    """Return the DNS label of a VCN or subnet for a cluster key: its letters and digits.

    Raises:
        NamingError: nothing usable is left of the key, or too much.
    """
    label = key.replace("-", "")
    if not _DNS_LABEL.fullmatch(label) or len(label) > DNS_LABEL_LIMIT:
        raise NamingError(
            f"clusters.{key}: gives no DNS label of at most {DNS_LABEL_LIMIT} letters and digits, "
            f"got {label!r}; choose a shorter key that starts with a letter"
        )
    return label
