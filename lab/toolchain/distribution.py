"""What of Pulumi is installed already and is used instead of the lab's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

LANGUAGE_HOST = "pulumi-language-python"

MARK = ".oke-mesh-lab"
"""A file in every folder of ours that a shell may have on PATH: no distribution is in there."""

SDKS = {
    "command": "pulumi-command",
    "kubernetes": "pulumi-kubernetes",
    "oci": "pulumi-oci",
    "tls": "pulumi-tls",
}
"""The Python SDK of each resource plugin: the engine asks for the plugin of the same version."""


def search_path(environ: Mapping[str, str]) -> str:
    """PATH without the folders of a lab."""
    folders = environ.get("PATH", "").split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not (Path(folder) / MARK).exists())


def engine(path: str) -> Path | None:
    """An installed `pulumi` with its own language host beside it or on PATH."""
    found = shutil.which("pulumi", path=path)
    if found is None:
        return None
    beside = str(Path(found).resolve().parent)
    host = shutil.which(LANGUAGE_HOST, path=os.pathsep.join((beside, path)))
    return Path(found) if host else None


def plugin_folder(name: str) -> str:
    """The folder's name in which the engine looks for the version that the SDK asks for."""
    return f"resource-{name}-v{metadata.version(SDKS[name])}"


def resource_plugin(name: str, path: str, home: Path) -> Path | None:
    """An installed resource plugin: on PATH, or among the user's plugins at our version."""
    program = f"pulumi-resource-{name}"
    found = shutil.which(program, path=path)
    if found:
        return Path(found)
    kept = home / "plugins" / plugin_folder(name) / program
    return kept if kept.exists() else None


def user_home(environ: Mapping[str, str]) -> Path:
    """Where the user's own engine keeps its plugins."""
    configured = environ.get("PULUMI_HOME")
    if configured and not (Path(configured) / MARK).exists():
        return Path(configured)
    return Path.home() / ".pulumi"
