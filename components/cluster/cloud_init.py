"""What a worker node runs at its first boot; pure.

Custom user data replaces Oracle's, so it must run OKE's own init, and whatever comes before that
may fail without keeping the node from joining.
"""

import re
import shlex
from importlib import resources
from typing import Final

from components.cloud.metadata import encoded
from components.settings.node_pools import NodePoolSettings

# The step of the script that keeps pods from the metadata service.
_CLOSES: Final = re.compile(r"^close_metadata \|\|.*\n", re.MULTILINE)

# OKE's own init where the metadata has it, and as images bring it. The service among the latter
# takes no arguments.
_INIT: Final = 'bash -c "$script"'
_SERVICE: Final = re.compile(r"^  elif .*\n.*oke-init\.service\n", re.MULTILINE)
_INSTALL: Final = '--kubelet-ca-cert "$(metadata cluster_ca_cert)"'
_JOINS: Final = re.compile(r"^run_oke_init\n", re.MULTILINE)


def node_script(settings: NodePoolSettings | None = None) -> str:
    """Return the shell script of a node's first boot.

    It differs from that of other pools only where the settings ask for something: a change of it
    replaces nodes.
    """
    settings = settings or NodePoolSettings()
    folder = resources.files("components.cluster.on_node")
    script = folder.joinpath("first_boot.sh").read_text()
    if settings.pods_reach_metadata:
        script = _CLOSES.sub("", script)
    if arguments := kubelet_arguments(settings):
        given = f"--kubelet-extra-args {shlex.quote(arguments)}"
        script = _SERVICE.sub("", script)
        script = script.replace(_INIT, f"{_INIT} oke-init {given}")
        script = script.replace(_INSTALL, f"{_INSTALL} {given}")
    if settings.cloud_init:
        own = f"base64 --decode <<< {encoded(settings.cloud_init)} > /run/oke-mesh-cloud-init"
        run = "chmod 700 /run/oke-mesh-cloud-init && /run/oke-mesh-cloud-init"
        step = f"{own} && {run} || log 'cloudInit of the settings has failed'\nrun_oke_init\n"
        script = _JOINS.sub(lambda _: step, script)
    return script


def kubelet_arguments(settings: NodePoolSettings) -> str:
    """Return the arguments of kubelet, as OKE's init takes them.

    https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengusingcustomcloudinitscripts.htm
    """
    given = dict(settings.kubelet_arguments)
    if settings.taints:
        given["register-with-taints"] = ",".join(settings.taints)
    return " ".join(f"--{name}={value}" for name, value in sorted(given.items()))


def node_metadata(settings: NodePoolSettings | None = None) -> dict[str, str]:
    """Return the metadata of a node: its first boot, and no metadata service of version 1.

    Version 1 answers any pod that can be made to ask for a URL,
    https://docs.oracle.com/iaas/Content/ContEng/Tasks/contengconfiguringimds.htm
    """
    return {"user_data": encoded(node_script(settings)), "areLegacyImdsEndpointsDisabled": "true"}
