"""Small numbers that outlive a restart: of a VCN for its NAT address, of a node for its pods."""

from __future__ import annotations

import json
from pathlib import Path

from lab.hosts.addresses import allocate
from lab.hosts.layout import Numbers
from lab.hosts.process import File, write_files
from lab.hosts.spec import Estate


def update(current: dict[str, dict[str, int]], estate: Estate) -> dict[str, dict[str, int]]:
    """The numbers of all VCNs, and of the nodes of each cluster by the cluster's id."""
    clusters = {node.cluster_id for node in estate.nodes}
    groups = {"": [vcn.id for vcn in estate.vcns]}
    for cluster in sorted(clusters):
        groups[cluster] = [node.id for node in estate.nodes if node.cluster_id == cluster]
    return {group: allocate(current.get(group, {}), keys) for group, keys in groups.items()}


def flatten(groups: dict[str, dict[str, int]]) -> Numbers:
    """The same for builders, which need no groups: ids are unique."""
    owners = {k: n for group, members in groups.items() if group for k, n in members.items()}
    return Numbers(groups.get("", {}), owners)


class NumberFile:
    """The numbers in a file of the lab's state."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def update(self, estate: Estate) -> Numbers:
        """Gives new owners numbers and forgets those that are gone."""
        current: dict[str, dict[str, int]] = {}
        if self._file.exists():
            current = json.loads(self._file.read_text())
        groups = update(current, estate)
        if groups != current:
            write_files([File(path=self._file, text=json.dumps(groups, indent=1) + "\n")])
        return flatten(groups)
