"""The executables of one checkout: the engine, its language host and the resource plugins.

They name this checkout and its interpreter, so they lie under `.lab/`, not in the shared cache.
The plugins lie in the engine's own plugin folder: on PATH each start of one costs a warning.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from lab.paths import LabPaths
from lab.plugins.install import write_wrappers
from lab.toolchain import distribution
from lab.toolchain.build import link

_LANGUAGE_HOST = Path(__file__).with_name("language_host.py")

_FRONT = """\
#!/bin/sh
# In the checkout itself the stack's settings are the lab's copy: the engine writes its salt there.
if [ "$(pwd -P)" = {root} ]; then
  case "$1" in
    up|update|preview|pre|refresh|destroy|config|import|watch)
      command=$1
      shift
      exec {engine} "$command" --config-file {settings} "$@" ;;
  esac
fi
exec {engine} "$@"
"""

_HOST = """\
#!/bin/sh
exec {python} {host} "$@"
"""


def ensure(paths: LabPaths, environ: Mapping[str, str] = os.environ) -> None:
    """Writes what is missing or out of date."""
    path = distribution.search_path(environ)
    for folder in (paths.wrappers, paths.bin, paths.pulumi_home):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / distribution.MARK).touch()
    _quiet(paths.pulumi_home)
    _engine(paths, distribution.engine(path))
    _plugins(paths, path, distribution.user_home(environ))


def _quiet(home: Path) -> None:
    """A file where the engine would make its folder of logs: it then writes none.

    They take a third of its time, and `--verbose 9 --logtostderr` shows the same on demand.
    """
    logs = home / "logs"
    if logs.is_dir():
        shutil.rmtree(logs)
    logs.touch()


def write_script(file: Path, text: str) -> None:
    """An executable file with that text; left alone if it is that already."""
    if file.exists() and not file.is_symlink() and file.read_text() == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(text)
    draft.chmod(0o755)
    draft.replace(file)


def _engine(paths: LabPaths, installed: Path | None) -> None:
    engine = installed or paths.engine / "pulumi"
    if installed is None:
        # The engine looks for its language hosts beside itself, links resolved.
        link(paths.bin / "pulumi", engine)
        script = _HOST.format(
            python=shlex.quote(sys.executable), host=shlex.quote(str(_LANGUAGE_HOST))
        )
        write_script(paths.engine / distribution.LANGUAGE_HOST, script)
    front = _FRONT.format(
        root=shlex.quote(str(paths.root)),
        engine=shlex.quote(str(engine)),
        settings=shlex.quote(str(paths.stack_settings)),
    )
    write_script(paths.wrappers / "pulumi", front)


def _plugins(paths: LabPaths, path: str, home: Path) -> None:
    own = {file.name: file for file in write_wrappers(paths.plugins, Path(sys.executable))}
    for name in distribution.SDKS:
        program = f"pulumi-resource-{name}"
        installed = distribution.resource_plugin(name, path, home)
        target = installed or own.get(program, paths.program(program))
        place = paths.pulumi_home / "plugins" / distribution.plugin_folder(name) / program
        if place.is_symlink() and place.readlink() == target:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(target)
