"""What points the engine and the vendor's clients at the lab: environment variables alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from lab.paths import PROXY_PORT, LabPaths

DIRECT = ("localhost", "127.0.0.1", "198.18.0.0/15", "10.0.0.0/8")
"""What is reached without the proxy: this machine and the lab's own networks."""


def environment(paths: LabPaths, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables to set; PATH is the given one with the lab's folders first."""
    trust = str(paths.trust)
    proxy = f"http://127.0.0.1:{PROXY_PORT}"
    direct = ",".join(DIRECT)
    return {
        "PATH": _search_path(paths, environ.get("PATH", "")),
        "PULUMI_HOME": str(paths.pulumi_home),
        "PULUMI_BACKEND_URL": f"file://{paths.pulumi_state}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(paths.passphrase),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        # Each client reads one of the spellings.
        "HTTPS_PROXY": proxy,
        "https_proxy": proxy,
        "NO_PROXY": direct,
        "no_proxy": direct,
        "SSL_CERT_FILE": trust,
        "REQUESTS_CA_BUNDLE": trust,
        "OCI_CLI_CONFIG_FILE": str(paths.oci_config),
        "OCI_CONFIG_FILE": str(paths.oci_config),
        "KUBECONFIG": str(paths.kubeconfig),
        # The tunnel's, with the host keys of computers that live a day.
        "XDG_STATE_HOME": str(paths.user_state),
    }


def _search_path(paths: LabPaths, current: str) -> str:
    # The interpreter's folder holds the `oci` that kubeconfigs call for a token.
    first = [str(paths.wrappers), str(paths.bin), str(Path(sys.executable).parent)]
    rest = [folder for folder in current.split(os.pathsep) if folder and folder not in first]
    return os.pathsep.join(first + rest)
