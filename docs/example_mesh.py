"""What the pages of examples share: a mesh of two primaries, and how objects are shown."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

_REGIONS: Final = {"primary": "us-sanjose-1", "secondary": "us-ashburn-1"}

MESH: Final[Mapping[str, Any]] = {
    "mesh": {"id": "oke-mesh", "trustDomain": "oke.local"},
    "oci": {"compartmentId": "ocid1.compartment.oc1..example"},
    "clusters": {
        key: {
            "region": region,
            "vcnCidr": f"10.{number}.0.0/16",
            "servicesCidr": f"10.{96 + number}.0.0/16",
            "endpoint": "public",
            "allowedCidrs": ["198.51.100.0/24"],
        }
        for number, (key, region) in enumerate(_REGIONS.items())
    },
}


class _Dumper(yaml.SafeDumper):
    """Writes what is there twice twice: nobody reads an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return that nothing is one."""
        return True


def lines_of(text: str) -> list[str]:
    """Return the settings of an example, which stand indented by eight in its script."""
    return [line.removeprefix(" " * 8) for line in text.strip("\n ").splitlines()]


def fenced(objects: Mapping[str, Any]) -> str:
    """Return objects as a block of YAML."""
    written = yaml.dump(dict(objects), Dumper=_Dumper, sort_keys=False, width=100)
    return f"```yaml\n{written}```\n"
