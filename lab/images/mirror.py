"""How a node's containerd finds the local registry behind the public ones."""

from __future__ import annotations

from pathlib import Path

from lab.paths import MANAGEMENT_ADDRESS, REGISTRY_PORT

MIRRORED = ("docker.io", "gcr.io", "ghcr.io", "quay.io", "registry.k8s.io", "registry.istio.io")

_HOSTS = """\
server = "http://{address}:{port}"

[host."http://{address}:{port}"]
  capabilities = ["pull", "resolve"]
"""


def write(folder: Path, *, address: str = MANAGEMENT_ADDRESS, port: int = REGISTRY_PORT) -> None:
    """Fills the folder that containerd's `config_path` names: every pull goes to the lab."""
    for name in MIRRORED:
        hosts = folder / name / "hosts.toml"
        hosts.parent.mkdir(parents=True, exist_ok=True)
        hosts.write_text(_HOSTS.format(address=address, port=port))
