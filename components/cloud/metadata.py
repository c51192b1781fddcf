"""The metadata of an instance, as OCI takes it."""

import base64
from typing import Final

# Of all metadata of an instance together, encoded as it is sent,
# https://docs.oracle.com/iaas/api/#/en/iaas/latest/datatypes/LaunchInstanceDetails
METADATA_LIMIT: Final = 32_000


def encoded(script: str) -> str:
    """Return a script as the metadata key `user_data` takes it."""
    return base64.b64encode(script.encode()).decode()
