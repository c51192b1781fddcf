"""What the operator host is told through its metadata; pure.

OCI replaces an instance whose `user_data` or SSH key changes, and updates every other key in
place. So `user_data` is a constant, and what may change is read from two keys of our own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources

from components import versions
from components.cloud.metadata import METADATA_LIMIT, encoded
from components.cloud.offers import version_order
from components.cloud.owner import Owner
from components.errors import OfferError
from components.plan.plan import Plan
from components.settings.pins import checksum_of, version_of
from components.settings.stack import ToolChecksums


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What decides on the versions of the tools on the host."""

    kubernetes: Sequence[str]
    """Of the clusters; kubectl is of the newest."""
    istioctl: str
    checksums: ToolChecksums = field(default_factory=ToolChecksums)

    @property
    def kubectl(self) -> str:
        """The version of kubectl."""
        return max(self.kubernetes, key=version_order)

    @property
    def sums(self) -> dict[str, str]:
        """What each tool has to be, as far as it is given.

        Raises:
            OfferError: that of kubectl is of another version than the clusters have.
        """
        pin = self.checksums.kubectl
        if pin and version_of(pin) != self.kubectl:
            raise OfferError(
                "access.checksums.kubectl: is the checksum of another version than the host gets, "
                f"{self.kubectl}, got {pin!r}; give that of {self.kubectl}"
            )
        pins = {"kubectl": pin, "istioctl": self.checksums.istioctl}
        return {tool: checksum_of(found) for tool, found in pins.items() if found}


def operator_metadata(
    plan: Plan, owner: Owner, tools: Tools, *, ssh_public_key: str
) -> dict[str, str]:
    """Return the metadata of the operator host.

    Raises:
        ValueError: it is longer than OCI takes.
        OfferError: a checksum is not of the version that the clusters ask for.
    """
    metadata = {
        "ssh_authorized_keys": ssh_public_key.strip(),
        "user_data": encoded(cloud_config()),
        "oke_mesh": _wishes(plan, owner, tools),
        "oke_mesh_sync": sync_script(),
    }
    size = sum(len(key) + len(value) for key, value in metadata.items())
    if size > METADATA_LIMIT:
        raise ValueError(f"metadata of the operator host: {size} bytes, over {METADATA_LIMIT}")
    return metadata


def cloud_config() -> str:
    """Return what cloud-init does at the first boot; JSON, as a part of YAML.

    It writes files before it lets the ssh server start, so that none is ever without its limits.
    """
    files = [
        # First in its folder, and so the one that counts.
        _file("/etc/ssh/sshd_config.d/10-oke-mesh.conf", "0600", "sshd.conf"),
        _file("/etc/profile.d/oke-mesh.sh", "0644", "profile.sh"),
        _file("/usr/local/bin/oke-mesh-sync", "0755", "oke-mesh-sync.sh"),
    ]
    # So that the first login finds its tools; clusters that are not there yet come at a later one.
    sync = ["sh", "-c", "runuser --login opc --command oke-mesh-sync || true"]
    return "#cloud-config\n" + json.dumps({"write_files": files, "runcmd": [sync]}, indent=1)


def _file(path: str, permissions: str, name: str) -> dict[str, str]:
    return {"path": path, "permissions": permissions, "content": _on_host(name)}


def sync_script() -> str:
    """Return the program that brings the host to what its metadata asks for."""
    return _on_host("sync.py")


def _wishes(plan: Plan, owner: Owner, tools: Tools) -> str:
    """Return tools and clusters. The host finds the clusters' OCIDs by their names.

    With OCIDs in here the host would wait for every cluster, whose providers wait for the
    tunnel through the host.
    """
    members = plan.members.values()
    wishes: dict[str, object] = {
        "tools": {
            "oci": versions.OCI_CLI,
            "kubectl": tools.kubectl,
            "istioctl": tools.istioctl,
        },
        "clusters": [
            [
                member.settings.name,
                owner.title(member.key),
                member.settings.region,
                member.compartment_id,
            ]
            for member in members
        ],
    }
    if sums := tools.sums:
        wishes["checksums"] = sums
    return json.dumps(wishes, sort_keys=True, separators=(",", ":"))


def _on_host(name: str) -> str:
    return resources.files("components.access.on_host").joinpath(name).read_text()
