"""What is installed already is used instead of the lab's own."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

from lab.paths import LabPaths
from lab.toolchain import distribution, launchers
from lab.toolchain.distribution import MARK
from tests.lab_unit.toolchain_fixtures import lab_paths, script

SHOWS_ARGUMENTS = '#!/bin/sh\necho "$0" "$@"\n'


def installed(folder: Path, *names: str) -> str:
    """A PATH with these programs."""
    for name in names:
        script(folder / name, SHOWS_ARGUMENTS)
    return f"{folder}:/usr/bin:/bin"


def prepared(tmp_path: Path, path: str = "/usr/bin:/bin") -> LabPaths:
    paths = lab_paths(tmp_path)
    script(paths.bin / "pulumi", SHOWS_ARGUMENTS)
    home = {"PULUMI_HOME": str(tmp_path / "home")}
    launchers.ensure(paths, {"PATH": path, **home})
    return paths


def engine_folder_target(paths: LabPaths, name: str) -> Path:
    version = metadata.version(f"pulumi-{name}")
    folder = paths.pulumi_home / "plugins" / f"resource-{name}-v{version}"
    return (folder / f"pulumi-resource-{name}").readlink()


def test_an_engine_with_its_language_host_is_a_distribution(tmp_path: Path) -> None:
    path = installed(tmp_path, "pulumi", "pulumi-language-python")
    assert distribution.engine(path) == tmp_path / "pulumi"


def test_an_engine_alone_is_no_distribution(tmp_path: Path) -> None:
    assert distribution.engine(installed(tmp_path, "pulumi")) is None


def test_the_folders_of_a_lab_hold_no_distribution(tmp_path: Path) -> None:
    path = installed(tmp_path, "pulumi", "pulumi-language-python")
    (tmp_path / MARK).touch()
    assert distribution.search_path({"PATH": path}) == "/usr/bin:/bin"


def test_the_home_of_a_lab_is_not_the_users_home(tmp_path: Path) -> None:
    (tmp_path / MARK).touch()
    assert distribution.user_home({"PULUMI_HOME": str(tmp_path)}) == Path.home() / ".pulumi"


def test_the_labs_own_engine_has_its_language_host_beside_it(tmp_path: Path) -> None:
    paths = prepared(tmp_path)
    assert os.access(paths.engine / "pulumi-language-python", os.X_OK)


def test_an_installed_distribution_is_what_pulumi_starts(tmp_path: Path) -> None:
    path = installed(tmp_path / "opt", "pulumi", "pulumi-language-python")
    paths = prepared(tmp_path, path)
    assert f"exec {tmp_path / 'opt' / 'pulumi'} " in (paths.wrappers / "pulumi").read_text()


def test_the_labs_own_plugin_stands_where_the_engine_looks_for_its_version(tmp_path: Path) -> None:
    paths = prepared(tmp_path)
    assert engine_folder_target(paths, "oci") == paths.plugins / "pulumi-resource-oci"


def test_the_vendors_kubernetes_plugin_stands_there_too(tmp_path: Path) -> None:
    paths = prepared(tmp_path)
    program = paths.program("pulumi-resource-kubernetes")
    assert engine_folder_target(paths, "kubernetes") == program


def test_a_plugin_on_path_is_used_instead(tmp_path: Path) -> None:
    paths = prepared(tmp_path, installed(tmp_path / "opt", "pulumi-resource-tls"))
    assert engine_folder_target(paths, "tls") == tmp_path / "opt" / "pulumi-resource-tls"


def test_a_plugin_of_the_users_engine_is_used_instead(tmp_path: Path) -> None:
    version = metadata.version("pulumi-command")
    kept = tmp_path / "home/plugins" / f"resource-command-v{version}" / "pulumi-resource-command"
    script(kept, SHOWS_ARGUMENTS)
    assert engine_folder_target(prepared(tmp_path), "command") == kept


def test_a_plugin_of_another_version_is_not_used(tmp_path: Path) -> None:
    old = tmp_path / "home/plugins/resource-command-v0.0.1/pulumi-resource-command"
    script(old, SHOWS_ARGUMENTS)
    paths = prepared(tmp_path)
    assert engine_folder_target(paths, "command") == paths.plugins / "pulumi-resource-command"


def test_the_engine_makes_no_logs_of_its_own(tmp_path: Path) -> None:
    logs = lab_paths(tmp_path).pulumi_home / "logs"
    script(logs / "pulumi-1.log", "of an earlier run")
    prepared(tmp_path)
    assert logs.is_file()
