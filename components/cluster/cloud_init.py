"""What a worker node runs at its first boot; pure.

Custom user data replaces Oracle's, so it must run OKE's own init, and whatever comes before that
may fail without keeping the node from joining.
"""

from importlib import resources

from components.cloud.metadata import encoded


def node_script() -> str:
    """Return the shell script of a node's first boot."""
    return resources.files("components.cluster.on_node").joinpath("first_boot.sh").read_text()


def node_metadata() -> dict[str, str]:
    """Return the metadata of a node: its first boot, and no metadata service of version 1.

    Version 1 answers any pod that can be made to ask for a URL,
    https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengconfiguringimds.htm
    """
    return {"user_data": encoded(node_script()), "areLegacyImdsEndpointsDisabled": "true"}
