"""The inventory of a run: what was made, with the inputs that a reviewer wants to see.

`python -m tests.support.inventory` writes the files in tests/inventories/ anew; the difference
is what a change of the program does to users' stacks, so it is read like code.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.harness import Deployment, Registered
from tests.support.program import CASES, inventory_run

FOLDER: Final = Path(__file__).resolve().parents[1] / "inventories"

# By type, the inputs to show; the others are checked against the SDK and by the stages' own tests.
SHOWN: Final[dict[str, tuple[str, ...]]] = {
    "oci:Core/vcn:Vcn": ("cidrBlocks", "displayName", "dnsLabel"),
    "oci:Core/subnet:Subnet": ("cidrBlock", "prohibitPublicIpOnVnic"),
    "oci:Core/routeTable:RouteTable": ("routeRules",),
    "oci:Core/remotePeeringConnection:RemotePeeringConnection": ("peerRegionName",),
    "oci:ContainerEngine/cluster:Cluster": ("name", "type", "kubernetesVersion"),
    "oci:ContainerEngine/nodePool:NodePool": ("nodeShape", "nodeShapeConfig"),
    "kubernetes:helm.sh/v3:Release": ("chart", "version", "name", "namespace"),
    "kubernetes:core/v1:Service": ("spec",),
    "kubernetes:core/v1:Namespace": ("metadata",),
}

# A secret's place is shown, what it holds is not; nor is what depends on the day.
_HIDDEN: Final = "<secret>"
_DATED: Final = "<certificate>"


def inventory(deployment: Deployment) -> dict[str, Any]:
    """Return counts by type, the shown inputs by name, and the outputs."""
    made = [r for r in deployment.resources if not r.type.startswith("pulumi:providers:")]
    return {
        "counts": dict(sorted(Counter(resource.type for resource in made).items())),
        "inputs": {
            resource.name: _shown(resource)
            for resource in sorted(made, key=lambda r: (r.type, r.name))
            if resource.type in SHOWN
        },
        "outputs": {
            name: _HIDDEN if name in deployment.secret_exports else _dateless(value)
            for name, value in deployment.exports.items()
        },
    }


def _shown(resource: Registered) -> dict[str, Any]:
    inputs = resource.inputs
    return {name: inputs[name] for name in SHOWN[resource.type] if name in inputs}


def _dateless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _dateless(item) for key, item in value.items()}
    return _DATED if str(value).startswith("-----BEGIN CERTIFICATE") else value


def file_of(case: str) -> Path:
    """Return the file that holds the inventory of a case."""
    return FOLDER / f"{case}.yaml"


def main() -> None:
    """Write the inventory of every case."""
    for case in CASES:
        text = yaml.safe_dump(inventory(inventory_run(case)), width=100)
        file_of(case).write_text(text)


if __name__ == "__main__":
    main()
