"""The processes behind the tunnel of the lab's stack."""

from __future__ import annotations

import json

from tests.lab.stack_kit import Lab


def link(lab: Lab) -> int:
    """The process of the ssh that leads to the host now."""
    return _process(lab, "link")


def keeper(lab: Lab) -> int:
    """The process that holds the tunnel's port."""
    return _process(lab, "record")


def _process(lab: Lab, name: str) -> int:
    port = lab.outputs()["access"]["socksPort"]
    file = lab.paths.user_state / "oke-mesh" / f"tunnel-{port}" / f"{name}.json"
    return int(json.loads(file.read_text())["pid"])
