"""The inventory of a run: what a reviewer wants to see of what was made.

`python -m tests.support.inventory` writes the files in tests/inventories/ anew; the difference
is what a change of the program does to users' stacks, so it is read like code:

- `names`: every logical name, by provider and by type below the type of its parent. One that is
  gone here, or stands elsewhere, is a resource that is deleted or replaced.
- `resources`: by name what is worth reading: `after`, the resources that it waits for (without
  those that another of them, its provider or its parent waits for; `x/*` is x with all of its
  children, as a group with its rules), the `options` that were set, and the `inputs` of `SHOWN`.
- `outputs`: those of the stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from typing_extensions import override

from tests.support.graph import waited_for
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
    "oci:Dns/rrset:Rrset": ("domain", "items"),
    "oci:Dns/steeringPolicy:SteeringPolicy": ("template", "answers", "rules", "ttl"),
    "oci:Dns/steeringPolicyAttachment:SteeringPolicyAttachment": ("domainName",),
    "oci:Budget/budget:Budget": ("compartmentId", "targets", "amount"),
    "oci:Budget/rule:Rule": ("type", "threshold", "recipients"),
    "oci:Monitoring/alarm:Alarm": ("namespace", "query", "severity", "pendingDuration"),
    "oci:Ons/subscription:Subscription": ("endpoint",),
    "oci:HealthChecks/httpMonitor:HttpMonitor": ("protocol", "path", "targets", "headers"),
    "kubernetes:helm.sh/v3:Release": ("chart", "version", "name", "namespace"),
    "kubernetes:core/v1:Service": ("spec",),
    "kubernetes:core/v1:Namespace": ("metadata",),
    "pulumi:providers:kubernetes": ("enableServerSideApply", "enableConfigMapMutable"),
    "pulumi:providers:oci": ("region", "ignoreDefinedTags"),
}

_GROUP: Final = "oci:Core/networkSecurityGroup:NetworkSecurityGroup"
_RULE: Final = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"

_ONE_LINE: Final = 120

# A secret's place is shown, what it holds is not; nor is what depends on the day.
_HIDDEN: Final = "<secret>"
_DATED: Final = "<certificate>"


def inventory(deployment: Deployment) -> dict[str, Any]:
    """Return the names, what is worth reading of the resources, and the outputs."""
    return {
        "names": _names(deployment),
        "resources": _resources(deployment),
        "outputs": {
            name: _HIDDEN if name in deployment.secret_exports else _dateless(value)
            for name, value in deployment.exports.items()
        },
    }


def _names(deployment: Deployment) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for resource in deployment.resources:
        types = "$".join(resource.urn.split("::")[2].split("$")[-2:])
        found.setdefault(_provider(resource), {}).setdefault(types, []).append(resource.name)
    return {
        provider: {types: sorted(names) for types, names in by_type.items()}
        for provider, by_type in found.items()
    }


def _provider(resource: Registered) -> str:
    if resource.provider:
        return resource.provider_urn.rpartition("::")[2]
    return "(providers)" if resource.custom else "(components)"


def _resources(deployment: Deployment) -> dict[str, Any]:
    after = waited_for(deployment)
    found: dict[str, Any] = {}
    for resource in deployment.resources:
        if resource.custom:
            assert resource.name not in found, f"two resources are called {resource.name}"
            found[resource.name] = _entry(resource, after[resource.urn])
    return {name: entry for name, entry in found.items() if entry}


def _entry(resource: Registered, after: list[str]) -> dict[str, Any]:
    # The groups that a rule names are its only edges, and its own name tells them.
    is_inner_rule = resource.type == _RULE and f"{_GROUP}::" in resource.parent
    parts = {
        "after": [] if is_inner_rule else after,
        "options": resource.options,
        "inputs": _shown(resource),
    }
    return {part: value for part, value in parts.items() if value}


def _shown(resource: Registered) -> Mapping[str, Any]:
    inputs = resource.inputs
    return {name: inputs[name] for name in SHOWN.get(resource.type, ()) if name in inputs}


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
        file_of(case).write_text(written(inventory(inventory_run(case))))


class _Dumper(yaml.CSafeDumper):
    """Writes a list or a map on one line where it fits, else a line for each item.

    No line is ever filled up from the next, so a difference shows what has changed and no more.
    """

    @override
    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> Any:
        return super().represent_sequence(tag, sequence, flow_style=_fits(sequence))

    @override
    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> Any:
        return super().represent_mapping(tag, mapping, flow_style=_fits(mapping))


def _fits(items: Any) -> bool:
    return len(str(items)) <= _ONE_LINE


def written(found: Mapping[str, Any]) -> str:
    """Return an inventory as text."""
    return str(yaml.dump(found, Dumper=_Dumper, width=10_000))


if __name__ == "__main__":
    main()
