"""What a worker node runs at its first boot; pure.

Custom user data replaces Oracle's, so it must run OKE's own init, and whatever comes before that
may fail without keeping the node from joining.
"""

import re
from importlib import resources
from typing import Final

from components.cloud.metadata import encoded

# The step of the script that keeps pods from the metadata service.
_CLOSES: Final = re.compile(r"^close_metadata \|\|.*\n", re.MULTILINE)


def node_script(*, pods_reach_metadata: bool = False) -> str:
    """Return the shell script of a node's first boot."""
    folder = resources.files("components.cluster.on_node")
    script = folder.joinpath("first_boot.sh").read_text()
    return _CLOSES.sub("", script) if pods_reach_metadata else script


def node_metadata(*, pods_reach_metadata: bool = False) -> dict[str, str]:
    """Return the metadata of a node: its first boot, and no metadata service of version 1.

    Version 1 answers any pod that can be made to ask for a URL,
    https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengconfiguringimds.htm
    """
    script = node_script(pods_reach_metadata=pods_reach_metadata)
    return {"user_data": encoded(script), "areLegacyImdsEndpointsDisabled": "true"}
