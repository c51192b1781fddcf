"""What the operator host is told through its metadata; pure.

OCI replaces an instance whose `user_data` or SSH key changes, and updates every other key in
place. So `user_data` is a constant, and what may change is read from two keys of our own.
"""

import json
from importlib import resources
from typing import Final

from components import versions
from components.cloud.metadata import METADATA_LIMIT, encoded
from components.cloud.offers import version_order
from components.cloud.owner import Owner
from components.plan.plan import Plan

_BOOTSTRAP: Final = r"""#!/usr/bin/env bash
# Written by oke-mesh. Constant: what may change comes from the instance's metadata at each login.
set -u

cat > /usr/local/bin/oke-mesh-sync <<'SYNC'
#!/usr/bin/env bash
set -u -o pipefail
curl --fail --silent --show-error --max-time 10 --header 'Authorization: Bearer Oracle' \
  http://169.254.169.254/opc/v2/instance/metadata/oke_mesh_sync | python3 - "$@"
SYNC
chmod 0755 /usr/local/bin/oke-mesh-sync

cat > /etc/profile.d/oke-mesh.sh <<'PROFILE'
export OCI_CLI_AUTH=instance_principal
alias k=kubectl
ktx() {
  if [ $# -eq 0 ]; then kubectl config get-contexts; else kubectl config use-context "$1"; fi
}
case $- in *i*) oke-mesh-sync ;; esac
PROFILE

# So that the first login finds its tools; clusters that are not there yet come at a later one.
runuser --login opc --command oke-mesh-sync || true
"""


def operator_metadata(
    plan: Plan, owner: Owner, *, istioctl: str, ssh_public_key: str
) -> dict[str, str]:
    """Return the metadata of the operator host.

    Raises:
        ValueError: it is longer than OCI takes.
    """
    metadata = {
        "ssh_authorized_keys": ssh_public_key.strip(),
        "user_data": encoded(_BOOTSTRAP),
        "oke_mesh": _wishes(plan, owner, istioctl),
        "oke_mesh_sync": sync_script(),
    }
    size = sum(len(key) + len(value) for key, value in metadata.items())
    if size > METADATA_LIMIT:
        raise ValueError(f"metadata of the operator host: {size} bytes, over {METADATA_LIMIT}")
    return metadata


def sync_script() -> str:
    """Return the program that brings the host to what its metadata asks for."""
    return resources.files("components.access.on_host").joinpath("sync.py").read_text()


def _wishes(plan: Plan, owner: Owner, istioctl: str) -> str:
    """Return tools and clusters. The host finds the clusters' OCIDs by their names.

    With OCIDs in here the host would wait for every cluster, whose providers wait for the
    tunnel through the host.
    """
    members = plan.members.values()
    kubernetes = [member.settings.kubernetes_version for member in members]
    wishes = {
        "tools": {
            "oci": versions.OCI_CLI,
            "kubectl": max(kubernetes, key=version_order),
            "istioctl": istioctl,
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
    return json.dumps(wishes, sort_keys=True, separators=(",", ":"))
