"""Runs one resource plugin: `python -m lab.plugins NAME [engine address]`."""

from __future__ import annotations

import importlib
import sys

from lab.plugins.base.protocol import import_alone
from lab.plugins.install import PLUGINS


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in PLUGINS:
        sys.exit(f"plugin: unknown name, got {name!r}; one of {', '.join(PLUGINS)}")
    import_alone()
    from lab.plugins.base.serve import run  # noqa: PLC0415 - only now the protocol comes alone

    run(importlib.import_module(f"lab.plugins.{name}").provider)


if __name__ == "__main__":
    main()
