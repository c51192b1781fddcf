"""Lets a plugin process import the protocol's modules without the whole SDK around them.

`pulumi.runtime.proto` needs nothing of `pulumi`, whose import takes most of a plugin's start; an
engine starts one process per provider instance, all at once.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

PACKAGES = ("pulumi", "pulumi.runtime", "pulumi.runtime.proto")


def import_alone() -> None:
    """Put empty packages in the place of the protocol's parents, where they are not loaded yet."""
    spec = importlib.util.find_spec("pulumi")
    if "pulumi" in sys.modules or spec is None or spec.origin is None:
        return
    root = Path(spec.origin).parent.parent
    for name in PACKAGES:
        package = ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")))]
        sys.modules[name] = package
